import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { createEngineFixture } from '../../testing/engine-fixture.ts';
import { Inbox } from './inbox.ts';
import type { Batch, ParcelHandler } from './parcel.ts';

const EAST = 'us-east-1';

function createFixture() {
  const { loop, restart } = createEngineFixture();
  const taken: string[] = [];
  const handler: ParcelHandler = {
    apply: (_, { texts }) => {
      taken.push(...texts);
      return undefined;
    },
  };
  const open = (over = loop): Inbox => {
    const inbox = new Inbox({ loop: over, handlers: new Map([['text', handler]]) });
    inbox.start();
    return inbox;
  };
  return { taken, inbox: open(), reopen: () => open(restart()) };
}

/** Texts with the numbers after `after`. */
function batch(incarnation: number, after: number, ...texts: readonly string[]): Batch {
  const parcels = texts.map((text, index) => {
    return { number: after + index + 1, kind: 'text', head: {}, texts: [text], atMs: 0 };
  });
  return { incarnation, base: 0, after, upTo: after + texts.length, parcels };
}

suite('an inbox', () => {
  test('takes nothing more of a stream that another has taken the place of, however late it comes', async () => {
    const { inbox, taken, reopen } = createFixture();
    await inbox.take(batch(1, 0, 'a'), EAST);
    await inbox.take(batch(2, 0, 'b'), EAST);
    for (const each of [inbox, reopen()]) {
      assert.deepEqual(await each.take(batch(1, 0, 'a', 'late'), EAST), { kind: 'unknown', incarnation: 2 });
    }
    assert.deepEqual(taken, ['a', 'b']);
  });

  test('takes a stream up only where it begins, and goes on only where nothing is missing', async () => {
    const { inbox, taken } = createFixture();
    assert.deepEqual(await inbox.take(batch(1, 5, 'x'), EAST), { kind: 'unknown', incarnation: 0 });
    await inbox.take(batch(1, 0, 'a'), EAST);
    assert.deepEqual(await inbox.take(batch(1, 5, 'x'), EAST), { kind: 'unknown', incarnation: 1 });
    assert.deepEqual(taken, ['a']);
  });

  test('refuses what is no batch, and has nothing to do with it', async () => {
    const { inbox, taken } = createFixture();
    const good = batch(1, 0, 'a');
    const [parcel] = good.parcels;
    const bad = [
      undefined,
      null,
      [],
      { ...good, after: -1 },
      { ...good, upTo: '1' },
      { ...good, parcels: {} },
      { ...good, parcels: [{ ...parcel, texts: [1] }] },
      { ...good, parcels: [{ ...parcel, number: 1.5 }] },
      { ...good, parcels: [null] },
    ];
    for (const body of bad) {
      await assert.rejects(inbox.take(body, EAST), { code: 'ValidationException' }, JSON.stringify(body));
    }
    assert.deepEqual(taken, []);
  });
});
