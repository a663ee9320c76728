import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { SimClock } from '../testing/sim-clock.ts';
import { type CallStamp, PeerSigner, TIME_WINDOW_MS } from './signature.ts';

const SECRET = 'a-secret-that-two-regions-share-with-each-other';
const CALL = { path: '/_millrace/peer/inbox', from: 'us-east-1', to: 'us-west-2', body: '{"seq":1}' };

function signers() {
  const clock = new SimClock(1_800_000_000_000);
  return {
    clock,
    east: new PeerSigner({ secret: SECRET, clock }),
    west: new PeerSigner({ secret: SECRET, clock }),
  };
}

suite('the signature of a peer', () => {
  test('is believed for the call that it was made for, and for no other', () => {
    const { east, west } = signers();
    const stamp = east.signCall(CALL);
    for (const other of [
      { path: '/_millrace/peer/ping' },
      { from: 'eu-west-1' },
      { to: 'us-east-1' },
      { body: '{}' },
    ]) {
      assert.equal(west.checkCall({ ...CALL, ...other }, stamp), 'signature');
    }
    assert.equal(west.checkCall(CALL, { ...stamp, atMs: stamp.atMs + 1 }), 'signature');
    assert.equal(west.checkCall(CALL, { ...stamp, signature: 'x' }), 'signature');
    assert.equal(west.checkCall(CALL, stamp), undefined);
  });

  test('is not believed of who has another secret', () => {
    const { clock, west } = signers();
    const stranger = new PeerSigner({ secret: `${SECRET}.`, clock });
    assert.equal(west.checkCall(CALL, stranger.signCall(CALL)), 'signature');
  });

  test('is good once, within half a minute', async () => {
    const { clock, east, west } = signers();
    const [first, second]: CallStamp[] = [east.signCall(CALL), east.signCall(CALL)];
    assert.ok(first !== undefined && second !== undefined);
    assert.equal(west.checkCall(CALL, second), undefined);
    assert.equal(west.checkCall(CALL, first), undefined, 'calls may overtake each other');
    assert.equal(west.checkCall(CALL, first), 'replay');
    const late = east.signCall(CALL);
    await clock.advance(TIME_WINDOW_MS + 1);
    assert.equal(west.checkCall(CALL, late), 'time');
  });

  test('remembers calls in bounded memory, and refuses one that far too many have overtaken', () => {
    const { east, west } = signers();
    const early = east.signCall(CALL);
    for (let count = 0; count < 20_000; count += 1)
      assert.equal(west.checkCall(CALL, east.signCall(CALL)), undefined);
    assert.equal(west.checkCall(CALL, early), 'replay');
  });

  test('signs answers, so that nobody else can acknowledge', () => {
    const { east, west } = signers();
    const { nonce } = east.signCall(CALL);
    const body = Buffer.from('{}');
    const signature = west.signAnswer(nonce, 200, body);
    assert.ok(east.isAnswer(signature, nonce, { status: 200, body }));
    assert.ok(!east.isAnswer(signature, nonce, { status: 500, body }));
    assert.ok(!east.isAnswer(signature, east.signCall(CALL).nonce, { status: 200, body }));
    assert.ok(!east.isAnswer('', nonce, { status: 200, body }));
  });

  test('marks forwarded requests for one target and one receiver', async () => {
    const { clock, east, west } = signers();
    const forward = { from: 'us-east-1', to: 'us-west-2', scheme: 'https', client: '10.0.0.9' } as const;
    const mark = east.signForward(forward, 'POST /');
    assert.deepEqual(west.readForward(mark, 'POST /'), forward);
    assert.equal(west.readForward(mark, 'POST /other'), undefined);
    assert.equal(west.readForward(mark.replace('us-west-2', 'us-east-1'), 'POST /'), undefined);
    assert.equal(west.readForward('us-east-1;us-west-2;0;http;;', 'POST /'), undefined);
    await clock.advance(TIME_WINDOW_MS + 1);
    assert.equal(west.readForward(mark, 'POST /'), undefined);
  });
});
