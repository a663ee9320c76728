import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { InvariantError } from '../../base/errors.ts';
import { silentLogger } from '../../base/log.ts';
import { seededRandom } from '../../base/random.ts';
import { createMemoryDisk, createMemoryStore } from '../../storage/memory/store.ts';
import { StaleEpochError, type Store } from '../../storage/store.ts';
import { withoutFencing, withRenewals } from '../../testing/broken-store.ts';
import { SimClock } from '../../testing/sim-clock.ts';
import { Loop } from '../loop.ts';
import { NotOwnerError, type Ownership, takeOwnership } from './ownership.ts';

const TERM_MS = 10_000;

interface Node {
  readonly owner: Ownership;
  readonly loop: Loop;
  readonly fatal: Error[];
}

/** A node over a store that others write to as well, as on a database. */
async function openNode(store: Store, clock: SimClock, name: string): Promise<Node> {
  const owner = await takeOwnership({ store, clock, log: silentLogger, owner: name, termMs: TERM_MS });
  const fatal: Error[] = [];
  const onFatal = (error: Error): void => void fatal.push(error);
  owner.whenLost(onFatal);
  const loop = new Loop({ store, clock, random: seededRandom(1), log: silentLogger, onFatal, owner });
  return { owner, loop, fatal };
}

/** A node that stood still for longer than its term, by a clock of its own, and another that has taken over. */
async function takenOver(wrap: (store: Store) => Store = (store) => store) {
  const clock = new SimClock();
  const stopped = new SimClock(clock.now());
  const store = createMemoryStore({ clock });
  const first = await openNode(wrap(store), stopped, 'first');
  first.loop.turn((turn) => turn.put('a', Buffer.from('first')));
  await clock.advance(TERM_MS);
  const second = await openNode(store, clock, 'second');
  second.loop.turn((turn) => {
    turn.put('a', Buffer.from('second'));
    turn.put('c', Buffer.from('second'));
  });
  return { store, first, second, stopped };
}

function commitLate({ loop }: Node): void {
  loop.turn((turn) => {
    turn.put('a', Buffer.from('late'));
    turn.put('b', Buffer.from('late'));
    turn.delete('c');
  });
}

function textsOf(store: Store): string[] {
  return store.range('a', 'z').map(({ key, value }) => `${key}=${value.toString()}`);
}

suite('a node that was deposed without noticing', () => {
  test('commits nothing any more, no part of a batch, and ends', async () => {
    const { store, first, second } = await takenOver();
    assert.throws(() => commitLate(first), InvariantError);
    assert.ok(first.fatal[0]?.cause instanceof StaleEpochError);
    assert.deepEqual(textsOf(store), ['a=second', 'c=second']);
    second.loop.turn((turn) => turn.delete('c'));
    assert.deepEqual(textsOf(store), ['a=second'], 'the new owner goes on');
    assert.deepEqual(second.fatal, []);
  });

  test('would write over what the new owner wrote if the store took any epoch', async () => {
    const { store, first } = await takenOver(withoutFencing);
    commitLate(first);
    assert.deepEqual(textsOf(store), ['a=late', 'b=late']);
    assert.deepEqual(first.fatal, []);
  });

  test('ends when it comes to renew, before it has tried to commit', async () => {
    const { first, stopped } = await takenOver();
    await stopped.advance(TERM_MS / 3);
    assert.ok(first.fatal[0] instanceof NotOwnerError);
    assert.throws(() => first.loop.turn(() => undefined), NotOwnerError);
  });
});

suite('a lease with a term', () => {
  test('keeps others out for as long as it is renewed, and lets them in once it is released', async () => {
    const clock = new SimClock();
    const store = createMemoryStore({ clock });
    const first = await openNode(store, clock, 'first');
    await clock.advance(20 * TERM_MS);
    await assert.rejects(openNode(store, clock, 'second'), NotOwnerError);
    await first.owner.release();
    const second = await openNode(store, clock, 'second');
    assert.equal(second.owner.lease.epoch, first.owner.lease.epoch + 1);
    assert.deepEqual(first.fatal, []);
    await second.owner.release();
  });

  test('is no longer trusted by its holder a little before it ends for the store', async () => {
    const clock = new SimClock();
    const memory = createMemoryStore({ clock });
    const store = withRenewals(memory, () => new Promise(() => undefined));
    const { loop, fatal } = await openNode(store, clock, 'first');
    await clock.advance(TERM_MS * 0.9 - 1);
    assert.equal(fatal.length, 0);
    await clock.advance(1);
    assert.ok(fatal[0] instanceof NotOwnerError, 'also while nobody calls');
    assert.throws(() => loop.turn(() => undefined), NotOwnerError);
    assert.throws(() => loop.assertOwned(), NotOwnerError, 'it does not answer what it remembers either');
    assert.equal(await memory.lease('partitions/0-63', 'second', TERM_MS), undefined);
  });

  test('is kept when a renewal fails and the next one succeeds in time', async () => {
    const clock = new SimClock();
    const memory = createMemoryStore({ clock });
    let askedCount = 0;
    const store = withRenewals(memory, async (lease, termMs) => {
      askedCount += 1;
      if (askedCount % 2 === 1) throw new Error('the connection was lost');
      return memory.renew(lease, termMs);
    });
    const { fatal, owner } = await openNode(store, clock, 'first');
    await clock.advance(20 * TERM_MS);
    assert.deepEqual(fatal, []);
    await owner.release();
  });
});

suite('a process that has the store to itself', () => {
  test('takes over at once from one that was killed, with a higher epoch', async () => {
    const disk = createMemoryDisk();
    const clock = new SimClock();
    const take = (owner: string) =>
      takeOwnership({ store: createMemoryStore({ clock, disk }), clock, log: silentLogger, owner });
    assert.equal((await take('first')).lease.epoch, 1);
    assert.equal((await take('second')).lease.epoch, 2);
  });

  test('holds its share however long it stood still', async () => {
    const clock = new SimClock();
    const store = createMemoryStore({ clock });
    const owner = await takeOwnership({ store, clock, log: silentLogger, owner: 'only' });
    await clock.advance(400 * 86_400_000);
    owner.assertHeld();
    const another = takeOwnership({ store, clock, log: silentLogger, owner: 'another' });
    await assert.rejects(another, NotOwnerError);
  });
});
