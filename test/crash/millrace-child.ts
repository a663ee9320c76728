/**
 * The liar that `kill.test.ts` must catch: a region on a real directory that acknowledges before its commits are on
 * disk. Nothing else about it differs from `millrace start`.
 *
 *   node millrace-child.ts DIRECTORY
 */
import { join } from 'node:path';
import { systemClock } from '../../src/base/clock.ts';
import { silentLogger } from '../../src/base/log.ts';
import { parseConfig } from '../../src/config.ts';
import { startServer } from '../../src/server.ts';
import { openSqliteStore } from '../../src/storage/sqlite/store.ts';
import { withoutWaiting } from '../../src/testing/broken-store.ts';

const [dataDir] = process.argv.slice(2);
const config = parseConfig({ dataDir, port: 0, logLevel: 'silent' }, {});
const directory = join(config.dataDir, config.region);
const store = withoutWaiting(await openSqliteStore({ directory, clock: systemClock, log: silentLogger }));
const { endpoint } = await startServer(config, { store });
process.stdout.write(`${JSON.stringify({ endpoint })}\n`);
