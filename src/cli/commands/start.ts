/**
 * `millrace start`: one region in this process, or a supervisor with a process for each of several. It loads what the
 * process needs, prints where it is reached, and ends when it is told to; nothing of how regions work is here.
 */
import { Command, Option } from 'commander';
import { systemClock } from '../../base/clock.ts';
import { type Config, parseConfig } from '../../config.ts';
import type { Server } from '../../server.ts';
import { createOutput, type Output, style } from '../output.ts';

interface StartOptions {
  readonly json?: boolean;
  readonly supervised?: boolean;
}

export function startCommand(): Command {
  return new Command('start')
    .description('run a region, or several with a process each, until told to stop')
    .option('--port <number>', 'port to listen on, and the next ones for further regions; 0 takes free ones')
    .option('--host <address>', 'address to listen on; anything but loopback demands known keys')
    .option('--region <name>', 'the region to serve; several times for several regions', collect)
    .option(
      '--peer <region=url>',
      'a region that runs elsewhere, with the same MILLRACE_PEER_SECRET',
      collect,
    )
    .option('--witness <url>', 'of `millrace witness`, which says what region may act alone')
    .option('--home <region>', 'where global services are written; the first region, if all run here')
    .option('--address <ip>', 'what DNS answers say of this region, if it is not the host')
    .option('--replication <mode>', 'async or sync: when events for other regions are acknowledged')
    .option('--dns-port <number>', 'port of the DNS server; 0 takes a free one')
    .option('--account <id>', 'account of requests whose key is not itself an account')
    .option('--data-dir <path>', 'where everything is kept')
    .option('--memory', 'keep everything in memory: nothing survives the process')
    .option('--auth <mode>', 'open or verify')
    .option('--log-level <level>', 'debug, info, warn, error or silent')
    .option('--json', 'print JSON for programs')
    .addOption(new Option('--supervised').hideHelp())
    .addOption(new Option('--second-address <address>').hideHelp())
    .addHelpText(
      'after',
      `
Examples:
  $ millrace start
  $ millrace start --port 4567 --data-dir /var/lib/millrace --region eu-west-1
  $ millrace start --region us-east-1 --region us-west-2
  $ MILLRACE_PEER_SECRET=... millrace start --region us-east-1 --peer us-west-2=http://10.0.0.7:4566
  $ millrace start --memory --port 0`,
    )
    .action(async ({ json, supervised, ...settings }: StartOptions) => {
      const config = parseConfig(settings);
      if (supervised) await runSupervised(config);
      else if (config.regions.length > 1) await runSupervisor(config, createOutput(json ?? false));
      else await runRegion(config, createOutput(json ?? false));
    });
}

function collect(value: string, before: readonly string[] = []): readonly string[] {
  return [...before, value];
}

/** Each part is loaded by the process that needs it: a supervisor has no use for engines. */
async function runRegion(config: Config, output: Output): Promise<void> {
  const { startServer } = await import('../../server.ts');
  const server = await startServer(config);
  stopOnSignals(() => server.close());
  const { endpoint, region, dataDir } = server;
  output.result(
    { endpoint, region, dataDir, pid: process.pid },
    [
      `${style('bold', 'Millrace')} serves ${region} at ${style('cyan', endpoint)}`,
      dataDir === undefined ? 'data: in memory, gone with the process' : `data: ${dataDir}`,
      `try:  aws --endpoint-url ${endpoint} sqs list-queues   or   npm run demo`,
    ].join('\n'),
  );
  await serve(server);
}

/** A region's process below a supervisor, which speaks for it. */
async function runSupervised(config: Config): Promise<void> {
  const { Supervised } = await import('../../supervisor/supervised.ts');
  const supervisor = new Supervised();
  const { startServer } = await import('../../server.ts');
  const server = await startServer(config, { supervisor });
  process.once('SIGTERM', () => void server.close().catch(() => undefined));
  supervisor.ready();
  await serve(server);
}

/** Until the server has stopped; what it does not need while it is idle goes back to the system. */
async function serve(server: Server): Promise<void> {
  const { collectWhenIdle } = await import('../../idle-collection.ts');
  const collection = collectWhenIdle(systemClock);
  try {
    await server.stopped;
  } finally {
    collection.cancel();
  }
}

async function runSupervisor(config: Config, output: Output): Promise<void> {
  const { startSupervisor } = await import('../../supervisor/supervisor.ts');
  const supervisor = await startSupervisor(config);
  stopOnSignals(() => supervisor.stop());
  const { regions } = supervisor;
  const { memory, dataDir, region } = config;
  const endpoint = regions[region]?.endpoint ?? '';
  output.result(
    { endpoint, region, dataDir: memory ? undefined : dataDir, pid: process.pid, regions },
    [
      `${style('bold', 'Millrace')} serves ${config.regions.length} regions, each with a process of its own`,
      ...Object.entries(regions).map(([name, each]) => `  ${name}  ${style('cyan', each.endpoint)}`),
      memory ? 'data: in memory, gone with the processes' : `data: ${dataDir}`,
      `any of them takes requests for all:  aws --endpoint-url ${endpoint} --region ${config.regions.at(-1)} sqs list-queues`,
    ].join('\n'),
  );
  await supervisor.stopped;
}

function stopOnSignals(stop: () => Promise<void>): void {
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    // Once: a second signal ends the process at once, which is safe, for it is how it must survive a crash.
    process.once(signal, () => {
      // What goes wrong then is told by `stopped`.
      stop().catch(() => undefined);
    });
  }
}
