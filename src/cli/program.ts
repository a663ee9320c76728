/** The command line: its commands, and what their errors become. */
import { Command, CommanderError } from 'commander';
import { AddressError, ConfigError } from '../config.ts';
import { RemoteError, UnreachableError } from './aws-client.ts';
import { readVersion } from '../version.ts';
import { EXIT, type ExitCode } from './exit-codes.ts';

/**
 * The commands, in the order of the help. Each is loaded when it is called for: all of them together would add a
 * fifth to the start of a server.
 */
const COMMANDS: Readonly<Record<string, () => Promise<Command>>> = {
  start: async () => (await import('./commands/start.ts')).startCommand(),
  demo: async () => (await import('./commands/demo.ts')).demoCommand(),
  send: async () => (await import('./commands/send.ts')).sendCommand(),
  tail: async () => (await import('./commands/tail.ts')).tailCommand(),
  trace: async () => (await import('./commands/trace.ts')).traceCommand(),
  aws: async () => (await import('./commands/aws.ts')).awsCommand(),
  env: async () => (await import('./commands/env.ts')).envCommand(),
  doctor: async () => (await import('./commands/doctor.ts')).doctorCommand(),
  region: async () => (await import('./commands/region.ts')).regionCommand(),
  witness: async () => (await import('./commands/witness.ts')).witnessCommand(),
  reset: async () => (await import('./commands/reset.ts')).resetCommand(),
  bench: async () => (await import('./commands/bench.ts')).benchCommand(),
};

async function createProgram([, , name = '']: readonly string[]): Promise<Command> {
  const program = new Command('millrace')
    .description('A self-hosted, durable, event-driven platform that speaks the AWS wire protocols')
    .version(readVersion())
    .enablePositionalOptions()
    .exitOverride()
    .showHelpAfterError('(see --help)');
  const called = Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined;
  // Anything else is a question for help, or a mistake that the names of all commands help to mend.
  const wanted = called === undefined ? Object.values(COMMANDS) : [called];
  for (const load of wanted) program.addCommand((await load()).exitOverride());
  return program;
}

/** Runs the command line and answers the exit code; never throws for what a user can mend. */
export async function runProgram(argv: readonly string[]): Promise<ExitCode> {
  try {
    const program = await createProgram(argv);
    await program.parseAsync(argv);
    return (process.exitCode as ExitCode | undefined) ?? EXIT.ok;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.ok : EXIT.usage;
    process.stderr.write(`millrace: ${error instanceof Error ? error.message : String(error)}\n`);
    if (error instanceof ConfigError) return EXIT.usage;
    if (error instanceof AddressError) return EXIT.addressTaken;
    if (error instanceof UnreachableError) return EXIT.unreachable;
    return error instanceof RemoteError ? EXIT.refused : EXIT.failed;
  }
}
