import { Command } from 'commander';
import { parseConfig } from '../../config.ts';
import { startServer } from '../../server.ts';
import { createOutput, style } from '../output.ts';

export function startCommand(): Command {
  return new Command('start')
    .description('run a region until it is told to stop')
    .option('--port <number>', 'port to listen on; 0 takes a free one')
    .option('--host <address>', 'address to listen on; anything but loopback demands known keys')
    .option('--region <name>', 'the region to serve')
    .option('--account <id>', 'account of requests whose key is not itself an account')
    .option('--data-dir <path>', 'where everything is kept')
    .option('--memory', 'keep everything in memory: nothing survives the process')
    .option('--auth <mode>', 'open or verify')
    .option('--log-level <level>', 'debug, info, warn, error or silent')
    .option('--json', 'print JSON for programs')
    .addHelpText(
      'after',
      `
Examples:
  $ millrace start
  $ millrace start --port 4567 --data-dir /var/lib/millrace --region eu-west-1
  $ millrace start --memory --port 0`,
    )
    .action(async ({ json, ...settings }: { json?: boolean }) => {
      const server = await startServer(parseConfig(settings));
      for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
        // Once: a second signal ends the process at once, which is safe, for it is how it must survive a crash.
        process.once(signal, () => {
          // What goes wrong then is told by `stopped`.
          server.close().catch(() => undefined);
        });
      }
      const { endpoint, region, dataDir } = server;
      createOutput(json ?? false).result(
        { endpoint, region, dataDir, pid: process.pid },
        [
          `${style('bold', 'Millrace')} serves ${region} at ${style('cyan', endpoint)}`,
          dataDir === undefined ? 'data: in memory, gone with the process' : `data: ${dataDir}`,
          `try:  aws --endpoint-url ${endpoint} sqs list-queues   or   npm run demo`,
        ].join('\n'),
      );
      await server.stopped;
    });
}
