import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { RegionPair } from '../testing/region-pair.ts';

interface Health {
  readonly home: string;
  readonly regions: Readonly<Record<string, { readonly status: string; readonly pid?: number }>>;
}

async function health(pair: RegionPair, region: string): Promise<Health> {
  return (await (await fetch(`${pair.server(region).endpoint}/_millrace/health`)).json()) as Health;
}

/** Looks until it is so: each look is a request. */
async function until(isSo: () => Promise<boolean>): Promise<void> {
  while (!(await isSo())) await new Promise((resolve) => setTimeout(resolve, 5));
}

const isStatus = (pair: RegionPair, region: string, status: string) => async (): Promise<boolean> => {
  const other = region === 'us-east-1' ? 'us-west-2' : 'us-east-1';
  return (await health(pair, other)).regions[region]?.status === status;
};

suite('an installation', () => {
  test('knows within its health who is alive, and who is not any more', async () => {
    await using pair = await RegionPair.start();
    await until(isStatus(pair, 'us-west-2', 'running'));
    await until(isStatus(pair, 'us-east-1', 'running'));
    assert.equal((await health(pair, 'us-west-2')).home, 'us-east-1');
    await pair.server('us-west-2').close();
    await until(isStatus(pair, 'us-west-2', 'down'));
    await pair.startRegion('us-west-2');
    await until(isStatus(pair, 'us-west-2', 'running'));
  });

  test('refuses the calls of strangers', async () => {
    await using pair = await RegionPair.start();
    const url = `${pair.server('us-east-1').endpoint}/_millrace/peer/ping`;
    const answer = await fetch(url, {
      method: 'POST',
      body: '{}',
      headers: { 'x-millrace-region': 'us-west-2' },
    });
    assert.equal(answer.status, 403);
    assert.match(await answer.text(), /AccessDeniedException/);
  });

  test('does not take for a peer who has another secret', async () => {
    await using pair = await RegionPair.start();
    await until(isStatus(pair, 'us-west-2', 'running'));
    await pair.server('us-west-2').close();
    await until(isStatus(pair, 'us-west-2', 'down'));
    await pair.startRegion('us-west-2', { peerSecret: 'another-secret-of-a-different-place' });
    assert.equal((await health(pair, 'us-west-2')).regions['us-east-1']?.status, 'starting');
    assert.equal((await health(pair, 'us-east-1')).regions['us-west-2']?.status, 'down');
  });

  test('moves its home, and knows so after restarts', async () => {
    await using pair = await RegionPair.start();
    await until(isStatus(pair, 'us-west-2', 'running'));
    await until(isStatus(pair, 'us-east-1', 'running'));
    const promote = (query: string) =>
      fetch(`${pair.server('us-west-2').endpoint}/_millrace/region/promote?${query}`, { method: 'POST' });
    assert.equal((await promote('region=us-west-2')).status, 200);
    assert.equal((await health(pair, 'us-west-2')).home, 'us-west-2');
    assert.equal((await health(pair, 'us-east-1')).home, 'us-west-2');
    await pair.server('us-east-1').close();
    await pair.server('us-west-2').close();
    await pair.startRegion('us-west-2');
    assert.equal((await health(pair, 'us-west-2')).home, 'us-west-2');
    await pair.startRegion('us-east-1');
    assert.equal((await health(pair, 'us-east-1')).home, 'us-west-2');
  });

  test('does not move its home behind the back of the old one, unless that is forced', async () => {
    await using pair = await RegionPair.start();
    await until(isStatus(pair, 'us-east-1', 'running'));
    await pair.server('us-east-1').close();
    const promote = (query: string) =>
      fetch(`${pair.server('us-west-2').endpoint}/_millrace/region/promote?${query}`, { method: 'POST' });
    const refused = await promote('region=us-west-2');
    assert.equal(refused.status, 503);
    assert.match(await refused.text(), /us-east-1 is home and does not answer/);
    assert.equal((await promote('region=us-west-2&force=true')).status, 200);
    await pair.startRegion('us-east-1');
    await until(async () => (await health(pair, 'us-east-1')).home === 'us-west-2');
    assert.equal((await promote('region=eu-west-1')).status, 400);
  });
});
