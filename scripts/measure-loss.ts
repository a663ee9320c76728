/**
 * What a region takes with it when it is killed under load and its disk is never seen again: events that it
 * acknowledged and that the other region does not have, in both modes of replication.
 *
 *   npx node scripts/measure-loss.ts [--rounds 20] [--rate 1000]
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { silentLogger } from '../src/base/log.ts';
import { parseConfig } from '../src/config.ts';
import { AwsClient } from '../src/cli/aws-client.ts';
import { startSupervisor } from '../src/supervisor/supervisor.ts';
import { EAST, Mirror, type RegionName, REGIONS, WEST } from '../test/crash/mirror.ts';

const ACCOUNT = '000000000000';
const LOAD_MS = 1500;
const TICK_MS = 5;

const { values } = parseArgs({
  options: { rounds: { type: 'string', default: '20' }, rate: { type: 'string', default: '1000' } },
});

/** How many acknowledged events the other region does not have. */
async function loseRegion(replication: string): Promise<{ acknowledged: number; missing: number }> {
  const dataDir = mkdtempSync(join(tmpdir(), 'millrace-loss-'));
  const config = parseConfig({ region: [...REGIONS], port: 0, dataDir, logLevel: 'silent', replication }, {});
  await using supervisor = await startSupervisor(config, { log: silentLogger });
  const clientOf = (region: RegionName): AwsClient => {
    const url = supervisor.regions[region]?.endpoint ?? '';
    return new AwsClient({ url, region, accessKeyId: 'test', secretAccessKey: 'test' });
  };
  const mirror = new Mirror({ account: ACCOUNT, clientOf });
  for (const region of REGIONS) await mirror.build(region);
  const startedMs = Date.now();
  const puts: Promise<void>[] = [];
  while (Date.now() < startedMs + LOAD_MS) {
    const due = Math.floor(((Date.now() - startedMs) / 1000) * Number(values.rate));
    while (puts.length < due) puts.push(mirror.load(EAST, 1));
    await sleep(TICK_MS);
  }
  await supervisor.fail(EAST);
  await Promise.all(puts);
  const kept = new Set(await mirror.drain(WEST));
  const missing = [...mirror.acknowledged].filter((number) => !kept.has(number)).length;
  rmSync(dataDir, { recursive: true, force: true });
  return { acknowledged: mirror.acknowledged.size, missing };
}

for (const mode of ['async', 'sync']) {
  const missing: number[] = [];
  let acknowledged = 0;
  for (let round = 0; round < Number(values.rounds); round += 1) {
    const lost = await loseRegion(mode);
    missing.push(lost.missing);
    acknowledged += lost.acknowledged;
  }
  const sorted = missing.toSorted((a, b) => a - b);
  const median = sorted[Math.floor((sorted.length - 1) / 2)];
  console.log(
    `${mode}: of ${acknowledged} acknowledged in ${missing.length} rounds: median ${median}, worst ${sorted.at(-1)}`,
  );
}
