import { join, resolve } from 'node:path';
import { Command } from 'commander';
import { systemClock } from '../../base/clock.ts';
import { ConfigError, parseConfig } from '../../config.ts';
import { createLogger } from '../../logger.ts';
import { openWitness } from '../../witness/witness-file.ts';
import { WitnessServer } from '../../witness/witness-server.ts';
import { createOutput, style } from '../output.ts';

export function witnessCommand(): Command {
  return new Command('witness')
    .description(
      'run the witness of regions on several hosts, on one more: it says which of them may act alone',
    )
    .option('--port <number>', 'port to listen on; 0 takes a free one')
    .option('--host <address>', 'address to listen on')
    .option('--data-dir <path>', 'where it keeps what it has granted, in witness.json')
    .option('--log-level <level>', 'debug, info, warn, error or silent')
    .option('--json', 'print JSON for programs')
    .addHelpText(
      'after',
      `
The regions are told where it is with --witness, and share MILLRACE_PEER_SECRET with it. Regions that one
\`millrace start\` has started need none: what started them is their witness.

Example:
  $ MILLRACE_PEER_SECRET=... millrace witness --host 10.0.0.9 --port 4599 --data-dir /var/lib/millrace`,
    )
    .action(async ({ json, ...settings }: { json?: boolean }) => {
      const { host, port, dataDir, peerSecret, logLevel } = parseConfig(settings);
      if (peerSecret === undefined) throw new ConfigError('peerSecret: a witness needs MILLRACE_PEER_SECRET');
      const path = join(resolve(dataDir), 'witness.json');
      const server = new WitnessServer({
        witness: openWitness(path, () => systemClock.monotonicMs()),
        secret: peerSecret,
        clock: systemClock,
        log: createLogger(logLevel),
      });
      const bound = await server.listen({ host, port });
      const endpoint = `http://${host.includes(':') ? `[${host}]` : host}:${bound}`;
      createOutput(json ?? false).result(
        { endpoint, path, pid: process.pid },
        `${style('bold', 'Millrace')} witnesses at ${style('cyan', endpoint)}\ndata: ${path}`,
      );
      const stopped = Promise.withResolvers<void>();
      for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
        process.once(signal, () => stopped.resolve());
      await stopped.promise;
      await server[Symbol.asyncDispose]();
    });
}
