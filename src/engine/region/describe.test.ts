import assert from 'node:assert/strict';
import { test } from 'node:test';
import { busArn, EAST, SimRegions, WEST } from '../../testing/region-fixture.ts';
import { RegionRecords } from './replicated-records.ts';
import { describeReplication } from './describe.ts';

test('a region says what its peers have still to get, and what came late', async () => {
  const regions = new SimRegions();
  const describe = (region: string) => {
    const { records, buses } = regions.region(region);
    assert.ok(records instanceof RegionRecords);
    return describeReplication(records.streams, buses.late);
  };
  await regions.createRule(EAST, 'to-west', [busArn(WEST)]);
  await regions.clock.advance(1000);
  assert.deepEqual(describe(EAST), [
    { name: 'replication', status: 'ok', text: 'us-west-2: has everything' },
  ]);
  regions.kill(WEST);
  const [id] = await regions.put(EAST, [1]);
  await regions.clock.advance(90_000);
  assert.deepEqual(describe(EAST), [
    { name: 'replication', status: 'warning', text: 'us-west-2: 1 wait for it, the oldest for 90 s' },
  ]);
  regions.start(WEST);
  await regions.clock.advance(1000);
  assert.deepEqual(describe(WEST)[1], {
    name: 'replication',
    status: 'warning',
    text: `1 events came late from other regions, the last one from us-east-1: ${id}`,
  });
  const [late] = regions.region(WEST).buses.late?.list() ?? [];
  assert.equal(late?.id, id);
  assert.equal(late?.bus, busArn(WEST));
  // It is listed still after a restart.
  regions.restart(WEST);
  assert.equal(regions.region(WEST).buses.late?.list().length, 1);
});
