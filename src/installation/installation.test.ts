import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { RegionPair } from '../testing/region-pair.ts';

suite('an installation', () => {
  test('knows within its health who is alive, and who is not any more', async () => {
    await using pair = await RegionPair.start();
    assert.equal((await pair.health('us-west-2')).home, 'us-east-1');
    await pair.server('us-west-2').close();
    await pair.whenStatus('us-west-2', 'down');
    await pair.startRegion('us-west-2');
    await pair.whenStatus('us-west-2', 'running');
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
    await pair.server('us-west-2').close();
    await pair.whenStatus('us-west-2', 'down');
    await pair.startRegion('us-west-2', { peerSecret: 'another-secret-of-a-different-place' });
    assert.equal((await pair.health('us-west-2')).regions['us-east-1']?.status, 'starting');
    assert.equal((await pair.health('us-east-1')).regions['us-west-2']?.status, 'down');
  });

  test('moves its home, and knows so after restarts', async () => {
    await using pair = await RegionPair.start();
    const promote = (query: string) =>
      fetch(`${pair.server('us-west-2').endpoint}/_millrace/region/promote?${query}`, { method: 'POST' });
    assert.equal((await promote('region=us-west-2')).status, 200);
    assert.equal((await pair.health('us-west-2')).home, 'us-west-2');
    assert.equal((await pair.health('us-east-1')).home, 'us-west-2');
    await pair.server('us-east-1').close();
    await pair.server('us-west-2').close();
    await pair.startRegion('us-west-2');
    assert.equal((await pair.health('us-west-2')).home, 'us-west-2');
    await pair.startRegion('us-east-1');
    assert.equal((await pair.health('us-east-1')).home, 'us-west-2');
  });

  test('does not move its home behind the back of the old one, unless that is forced', async () => {
    await using pair = await RegionPair.start();
    await pair.server('us-east-1').close();
    const promote = (query: string) =>
      fetch(`${pair.server('us-west-2').endpoint}/_millrace/region/promote?${query}`, { method: 'POST' });
    const refused = await promote('region=us-west-2');
    assert.equal(refused.status, 503);
    assert.match(await refused.text(), /us-east-1 is home and does not answer/);
    assert.equal((await promote('region=us-west-2&force=true')).status, 200);
    await pair.startRegion('us-east-1');
    await pair.whenStatus('us-west-2', 'running');
    assert.equal((await pair.health('us-east-1')).home, 'us-west-2');
    assert.equal((await promote('region=eu-west-1')).status, 400);
  });
});
