/** The command line: its commands, and what their errors become. */
import { Command, CommanderError } from 'commander';
import { ConfigError } from '../config.ts';
import { RemoteError, UnreachableError } from './aws-client.ts';
import { awsCommand } from './commands/aws.ts';
import { benchCommand } from './commands/bench.ts';
import { demoCommand } from './commands/demo.ts';
import { doctorCommand } from './commands/doctor.ts';
import { envCommand } from './commands/env.ts';
import { resetCommand } from './commands/reset.ts';
import { sendCommand } from './commands/send.ts';
import { startCommand } from './commands/start.ts';
import { tailCommand } from './commands/tail.ts';
import { traceCommand } from './commands/trace.ts';
import { readVersion } from '../version.ts';
import { EXIT, type ExitCode } from './exit-codes.ts';

function createProgram(): Command {
  const program = new Command('millrace')
    .description('A self-hosted, durable, event-driven platform that speaks the AWS wire protocols')
    .version(readVersion())
    .enablePositionalOptions()
    .exitOverride()
    .showHelpAfterError('(see --help)');
  const commands = [
    startCommand(),
    demoCommand(),
    sendCommand(),
    tailCommand(),
    traceCommand(),
    awsCommand(),
    envCommand(),
    doctorCommand(),
    resetCommand(),
    benchCommand(),
  ];
  for (const command of commands) program.addCommand(command.exitOverride());
  return program;
}

/** Runs the command line and answers the exit code; never throws for what a user can mend. */
export async function runProgram(argv: readonly string[]): Promise<ExitCode> {
  try {
    await createProgram().parseAsync(argv);
    return (process.exitCode as ExitCode | undefined) ?? EXIT.ok;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.ok : EXIT.usage;
    process.stderr.write(`millrace: ${error instanceof Error ? error.message : String(error)}\n`);
    if (error instanceof ConfigError) return EXIT.usage;
    if (error instanceof UnreachableError) return EXIT.unreachable;
    return error instanceof RemoteError ? EXIT.refused : EXIT.failed;
  }
}
