import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { prefixRange } from '../../storage/keys.ts';
import { createEngineFixture } from '../../testing/engine-fixture.ts';
import { TransactionTokens } from './transaction-tokens.ts';

const SCOPE = { account: '000000000000', region: 'us-east-1' };
const MINUTE_MS = 60_000;

suite('transaction tokens', () => {
  test('a token is known for ten minutes, through a restart too', async () => {
    const { clock, loop, restart, settle } = createEngineFixture();
    const tokens = new TransactionTokens(loop);
    loop.turn((turn) => tokens.remember(turn, SCOPE, 'once', 'digest'));
    assert.equal(tokens.find(SCOPE, 'once')?.digest, 'digest');
    assert.equal(tokens.find({ ...SCOPE, account: '111111111111' }, 'once'), undefined);
    await settle();
    const recovered = new TransactionTokens(restart());
    recovered.start();
    assert.equal(recovered.find(SCOPE, 'once')?.digest, 'digest');
    await clock.advance(10 * MINUTE_MS);
    assert.equal(recovered.find(SCOPE, 'once'), undefined);
  });

  test('tokens past their time leave the store as others come', async () => {
    const { clock, loop, store } = createEngineFixture();
    const tokens = new TransactionTokens(loop);
    for (let index = 0; index < 8; index += 1) {
      loop.turn((turn) => tokens.remember(turn, SCOPE, `old-${index}`, 'digest'));
    }
    await clock.advance(11 * MINUTE_MS);
    for (let index = 0; index < 2; index += 1) {
      loop.turn((turn) => tokens.remember(turn, SCOPE, `new-${index}`, 'digest'));
    }
    assert.equal(store.range(...prefixRange('')).length, 2);
  });
});
