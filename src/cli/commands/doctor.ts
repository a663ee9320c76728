import { spawnSync } from 'node:child_process';
import { statfsSync } from 'node:fs';
import { Command } from 'commander';
import { EXIT } from '../exit-codes.ts';
import { clientContext, type ClientContext, type ClientOptions, withClientOptions } from '../options.ts';
import { style } from '../output.ts';

interface Finding {
  readonly name: string;
  readonly status: 'ok' | 'warning' | 'problem';
  readonly text: string;
}

export function doctorCommand(): Command {
  return withClientOptions(new Command('doctor'))
    .description('say plainly what this machine and the running server can and cannot do')
    .addHelpText(
      'after',
      `
Examples:
  $ millrace doctor
  $ millrace doctor --json | jq '.findings[] | select(.status != "ok")'`,
    )
    .action(async (options: ClientOptions) => {
      const context = clientContext(options);
      const findings = [...machineFindings(), ...(await serverFindings(context))];
      const marks = { ok: style('green', 'ok'), warning: style('yellow', '!!'), problem: style('red', 'XX') };
      const text = findings
        .map(({ name, status, text: said }) => `${marks[status]}  ${name}: ${said}`)
        .join('\n');
      context.output.result({ findings }, text);
      if (findings.some(({ status }) => status === 'problem')) process.exitCode = EXIT.failed;
    });
}

function machineFindings(): Finding[] {
  const { bavail, bsize } = statfsSync('.');
  const freeGiB = (bavail * bsize) / 2 ** 30;
  return [
    { name: 'node', status: 'ok', text: process.version },
    {
      name: 'disk',
      status: freeGiB > 1 ? 'ok' : 'warning',
      text: `${freeGiB.toFixed(1)} GiB free here`,
    },
    commandFinding('python3', ['--version'], 'functions with a python runtime cannot run'),
    commandFinding(
      'python3',
      ['-c', 'import boto3; print("boto3", boto3.__version__)'],
      'boto3 is missing: python functions cannot use it',
    ),
    commandFinding(
      'bwrap',
      ['--version'],
      'functions run as plain processes, which is no security boundary; install bubblewrap',
    ),
  ];
}

function commandFinding(command: string, args: readonly string[], otherwise: string): Finding {
  const { status, stdout } = spawnSync(command, args, { encoding: 'utf8', timeout: 10_000 });
  return status === 0
    ? { name: command, status: 'ok', text: stdout.trim() }
    : { name: command, status: 'warning', text: otherwise };
}

async function serverFindings({ client }: ClientContext): Promise<Finding[]> {
  try {
    const { body } = await client.platform<{ findings: Finding[] }>('GET', '/_millrace/doctor');
    return body.findings;
  } catch (error) {
    return [
      { name: 'server', status: 'warning', text: String(error instanceof Error ? error.message : error) },
    ];
  }
}
