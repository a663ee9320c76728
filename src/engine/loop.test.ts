import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { AwsError, InvariantError } from '../base/errors.ts';
import { type Logger, silentLogger } from '../base/log.ts';
import { seededRandom } from '../base/random.ts';
import { createMemoryStore } from '../storage/memory/store.ts';
import { type Store, StoreFailedError } from '../storage/store.ts';
import { withoutWaiting } from '../testing/broken-store.ts';
import { SimClock } from '../testing/sim-clock.ts';
import { Loop } from './loop.ts';

const VALUE = Buffer.from('value');

/** A loop over a disk that writes when `flush` is called. */
function createLoop(wrap: (store: Store) => Store = (store) => store) {
  const writes: (() => void)[] = [];
  const store = wrap(createMemoryStore({ flush: (write) => writes.push(write) }));
  const fatal: Error[] = [];
  const errors: unknown[] = [];
  const log: Logger = { ...silentLogger, error: ({ error }) => errors.push(error) };
  const loop = new Loop({
    store,
    clock: new SimClock(),
    random: seededRandom(1),
    log,
    onFatal: (error) => fatal.push(error),
  });
  const flush = async (): Promise<void> => {
    await settled();
    for (const write of writes.splice(0)) write();
    await settled();
  };
  return { loop, store, fatal, errors, flush, effects: [] as string[] };
}

/** Lets everything run that waits for nothing but its turn. */
function settled(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

suite('a turn', () => {
  test('that is refused changes nothing, and its effects never run', async () => {
    const { loop, store, fatal, flush, effects } = createLoop();
    const refusal = new AwsError('QueueDoesNotExist', 'no');
    assert.throws(
      () =>
        loop.turn((turn) => {
          turn.afterCommit(() => effects.push('no'));
          throw refusal;
        }),
      refusal,
    );
    await flush();
    assert.deepEqual(effects, []);
    assert.deepEqual(fatal, []);
    assert.equal(store.lastPosition, 0);
    assert.equal(
      loop.turn(() => 'next'),
      'next',
      'the loop goes on',
    );
  });

  test('that throws after it has changed something is fatal, and nothing of it is committed', async () => {
    const { loop, store, fatal, flush, effects } = createLoop();
    const bug = new Error('bug');
    const decide = () =>
      loop.turn((turn) => {
        turn.put('a', VALUE);
        turn.afterCommit(() => effects.push('no'));
        throw bug;
      });
    assert.throws(decide, InvariantError);
    await flush();
    assert.equal(fatal[0]?.cause, bug);
    assert.equal(store.get('a'), undefined);
    assert.deepEqual(effects, []);
  });

  test('that changed something and cannot be committed is fatal', async () => {
    const { loop, store, fatal, flush } = createLoop();
    const closed = store.close();
    await flush();
    await closed;
    assert.throws(() => loop.turn((turn) => turn.put('a', VALUE)), InvariantError);
    assert.ok(fatal[0]?.cause instanceof StoreFailedError);
  });

  test('is one batch: the last word on each key counts', async () => {
    const { loop, store, flush } = createLoop();
    loop.turn((turn) => {
      for (const key of ['a', 'b', 'c', 'd']) turn.put(key, VALUE);
    });
    const again = Buffer.from('again');
    loop.turn((turn) => {
      turn.put('a', VALUE);
      turn.delete('a');
      turn.delete('b');
      turn.put('b', again);
      turn.put('c', again);
      turn.deleteRange('c', 'e');
      turn.put('d', again);
    });
    await flush();
    assert.deepEqual(
      store.range('', 'z').map(({ key, value }) => [key, value.toString()]),
      [
        ['b', 'again'],
        ['d', 'again'],
      ],
    );
  });

  test('has one time and knows the position that makes it durable', async () => {
    const { loop, store, flush } = createLoop();
    const { now, position } = loop.turn((turn) => {
      turn.put('a', VALUE);
      return turn;
    });
    assert.equal(now, loop.clock.now());
    assert.ok(store.durablePosition < position);
    await flush();
    assert.equal(store.durablePosition, position);
  });

  test('does not nest', () => {
    const { loop } = createLoop();
    assert.throws(() => loop.turn(() => loop.turn(() => undefined)), /turns do not nest/);
    loop.turn(() => undefined);
  });
});

suite('effects', () => {
  const scenario = async ({ loop, flush, effects }: ReturnType<typeof createLoop>): Promise<string[]> => {
    loop.turn((turn) => {
      turn.put('a', VALUE);
      turn.afterCommit(() => effects.push('a1'));
      turn.afterCommit(() => effects.push('a2'));
    });
    loop.turn((turn) => {
      turn.put('b', VALUE);
      turn.afterCommit(() => effects.push('b'));
    });
    loop.turn((turn) => turn.afterCommit(() => effects.push('nothing to commit')));
    await settled();
    const before = [...effects];
    await flush();
    return before;
  };

  test('run once their commit is on disk, in the order of the turns and of their calls', async () => {
    const fixture = createLoop();
    assert.deepEqual(await scenario(fixture), [], 'nothing is on disk yet');
    assert.deepEqual(fixture.effects, ['a1', 'a2', 'b', 'nothing to commit']);
  });

  test('run too early over a store that says too early that it has written: this test would see it', async () => {
    const before = await scenario(createLoop(withoutWaiting));
    assert.deepEqual(before, ['a1', 'a2', 'b', 'nothing to commit']);
  });

  test('of a turn that changed nothing wait for no disk when nothing is on its way', async () => {
    const { loop, store, effects } = createLoop();
    loop.turn((turn) => turn.afterCommit(() => effects.push('done')));
    assert.deepEqual(effects, [], 'not within the turn');
    await settled();
    assert.deepEqual(effects, ['done']);
    assert.equal(store.lastPosition, 0, 'there was no commit');
  });

  test('of a later commit wait for that one', async () => {
    const { loop, flush, effects } = createLoop();
    loop.turn((turn) => {
      turn.put('a', VALUE);
      turn.afterCommit(() => effects.push('a'));
    });
    await settled();
    // The first group is being written: this one goes into the next.
    loop.turn((turn) => {
      turn.put('b', VALUE);
      turn.afterCommit(() => effects.push('b'));
    });
    await flush();
    assert.deepEqual(effects, ['a']);
    await flush();
    assert.deepEqual(effects, ['a', 'b']);
  });

  test('may take turns of their own, whose effects come after theirs', async () => {
    const { loop, flush, effects } = createLoop();
    loop.turn((turn) => {
      turn.put('a', VALUE);
      turn.afterCommit(() => {
        loop.turn((inner) => {
          inner.put('b', VALUE);
          inner.afterCommit(() => effects.push('of the effect'));
        });
        effects.push('first');
      });
      turn.afterCommit(() => effects.push('second'));
    });
    await flush();
    assert.deepEqual(effects, ['first', 'second']);
    await flush();
    assert.deepEqual(effects, ['first', 'second', 'of the effect']);
  });

  test('that throw are reported and hold up no other', async () => {
    const { loop, flush, effects, errors } = createLoop();
    loop.turn((turn) => {
      turn.put('a', VALUE);
      turn.afterCommit(() => {
        throw new Error('broken');
      });
      turn.afterCommit(() => effects.push('other'));
    });
    await flush();
    assert.deepEqual(effects, ['other']);
    assert.equal(errors.length, 1);
  });

  test('never run once the loop is closed, and the store lets go of it', async () => {
    const { loop, flush, effects } = createLoop();
    loop.turn((turn) => {
      turn.put('a', VALUE);
      turn.afterCommit(() => effects.push('a'));
    });
    await settled();
    loop.close();
    await flush();
    assert.deepEqual(effects, []);
  });
});

suite('a closed loop', () => {
  test('refuses turns, so that nothing of it gets into a store that lives on', () => {
    const { loop, store, fatal } = createLoop();
    loop.close();
    assert.throws(() => loop.turn((turn) => turn.put('late', VALUE)), { code: 'ServiceUnavailable' });
    assert.equal(store.get('late'), undefined);
    assert.deepEqual(fatal, []);
  });

  test('tells those that wait in it, and not those that have stopped to', () => {
    const { loop, effects } = createLoop();
    loop.onClose(() => effects.push('waits'));
    const stopWaiting = loop.onClose(() => effects.push('waits no more'));
    stopWaiting();
    loop.close();
    loop.close();
    assert.deepEqual(effects, ['waits']);
  });
});
