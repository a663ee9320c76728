/**
 * Seeds from 1 on, MILLRACE_SIM_REGION_SEEDS of them (default 20); MILLRACE_SIM_REGION_SEED runs that one alone.
 */
import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { KEYSPACE } from '../../src/engine/keyspace.ts';
import { key } from '../../src/storage/keys.ts';
import type { Store } from '../../src/storage/store.ts';
import { withoutRecords } from '../../src/testing/broken-store.ts';
import { type RegionSimulationOptions, simulateRegions } from './region-simulation.ts';

const ONE_SEED = Number(process.env['MILLRACE_SIM_REGION_SEED'] ?? 0);
const SEED_COUNT = Number(process.env['MILLRACE_SIM_REGION_SEEDS'] ?? 20);
const SEEDS = ONE_SEED > 0 ? [ONE_SEED] : Array.from({ length: SEED_COUNT }, (_, index) => index + 1);

const title = `${SEEDS.length} simulated installations lose nothing that they acknowledged, and take nothing twice`;

test(title, { timeout: 60_000 + SEEDS.length * 10_000 }, async (context) => {
  const total = { acknowledged: 0, alone: 0, unknown: 0, kills: 0, cuts: 0, lost: 0 };
  for (const seed of SEEDS) {
    const result = await simulateRegions({ seed });
    assert.deepEqual(result.findings, [], `seed ${seed}; again with MILLRACE_SIM_REGION_SEED=${seed}`);
    total.acknowledged += result.acknowledged;
    total.alone += result.alone;
    total.unknown += result.unknown;
    total.kills += result.kills;
    total.cuts += result.cuts;
    if (result.isLost) total.lost += 1;
  }
  context.diagnostic(JSON.stringify({ seeds: SEEDS.length, ...total }));
  assert.ok(total.acknowledged > SEEDS.length * 50, `${total.acknowledged} events were acknowledged`);
  assert.ok(SEEDS.length < 10 || total.alone > 0, 'no region ever acknowledged alone');
});

test('a seed is the whole world: the same one comes out the same', async () => {
  const first = await simulateRegions({ seed: 4 });
  assert.deepEqual(await simulateRegions({ seed: 4 }), first);
  assert.notDeepEqual(await simulateRegions({ seed: 6 }), first);
});

suite('the simulator of regions finds out', () => {
  /** Seeds in which a broken installation may hide before the simulator is called blind. */
  const SEEDS_MAX = 20;

  const without =
    (...keyspaces: readonly string[]) =>
    (store: Store): Store =>
      keyspaces.reduce((broken, keyspace) => withoutRecords(broken, key(keyspace)), store);

  const finds = async (broken: Omit<RegionSimulationOptions, 'seed'>, expected: RegExp): Promise<void> => {
    // A region is lost with its disk in every second seed alone.
    for (let seed = 2; seed <= 2 * SEEDS_MAX; seed += 2) {
      const { findings } = await simulateRegions({ seed, ...broken });
      if (findings.some((finding) => expected.test(finding))) return;
    }
    assert.fail(`nothing was found in ${SEEDS_MAX} seeds`);
  };

  test('a region that goes on alone without a word', () => finds({ isHasty: true }, /has no event/));
  test('regions whose answers do not wait for each other', () => finds({ isAsync: true }, /has no event/));
  test('regions that forget what they have taken from each other', () =>
    finds({ break: without(KEYSPACE.peerCursor, KEYSPACE.arrivedEvent) }, /has taken an event twice/));
  test('regions that forget what they have for each other', () =>
    finds({ break: without(KEYSPACE.outbox) }, /has no event/));
});
