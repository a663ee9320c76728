import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { AwsError } from '../base/errors.ts';
import { silentLogger } from '../base/log.ts';
import { seededRandom } from '../base/random.ts';
import { Loop } from '../engine/loop.ts';
import { createMemoryStore } from '../storage/memory/store.ts';
import { type Store, StoreFailedError } from '../storage/store.ts';
import { onFullDisk, withoutBackPressure, withoutWaiting } from '../testing/broken-store.ts';
import { createFaultyStore } from '../testing/faulty-store.ts';
import { SimClock } from '../testing/sim-clock.ts';
import { answerWith, type Call, type CallFacts } from './service.ts';

const VALUE = Buffer.from('value');

const FACTS: CallFacts = {
  requestId: 'request',
  scope: { account: '000000000000', region: 'us-east-1' },
  accessKeyId: undefined,
  host: 'localhost',
  signal: new AbortController().signal,
};

/** Handlers over a disk that writes when `flush` is called. */
function createCalls(wrap: (store: Store) => Store = (store) => store) {
  const writes: (() => void)[] = [];
  const store = wrap(createMemoryStore({ flush: (write) => writes.push(write) }));
  const loop = new Loop({
    store,
    clock: new SimClock(),
    random: seededRandom(1),
    log: silentLogger,
    onFatal: () => undefined,
  });
  const answer = answerWith(loop);
  /** Calls a handler; `answered` says whether its answer has left. */
  const call = (handler: (call: Call) => unknown) => {
    const state = { answered: false, output: answer((_: never, given) => handler(given), {}, FACTS) };
    const leave = (): void => {
      state.answered = true;
    };
    state.output.then(leave, leave);
    return state;
  };
  const flush = async (): Promise<void> => {
    await settled();
    for (const write of writes.splice(0)) write();
    await settled();
  };
  const commit = (key: string) => loop.turn((turn) => turn.put(key, VALUE));
  return { loop, store, call, flush, commit };
}

function settled(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

test('nothing is admitted while the disk is nearly full', async () => {
  const disk = { isFull: true };
  const { call } = createCalls((store) => onFullDisk(store, disk));
  const admitted = () => call((given) => given.admit()).output;
  await assert.rejects(admitted(), { code: 'ServiceUnavailable', httpStatus: 503 });
  disk.isFull = false;
  await admitted();
});

suite('while the disk is behind', () => {
  /** More than memory takes of what is not on disk. */
  const MUCH = 65 * 2 ** 20;

  function createStalled(wrap?: (store: Store) => Store) {
    const calls = createCalls(wrap);
    calls.loop.turn((turn) => turn.put('much', Buffer.alloc(MUCH)));
    return calls;
  }

  test('a call waits before its handler begins, until the disk has caught up', async () => {
    const { store, call, flush } = createStalled();
    const begun: string[] = [];
    const write = call((given) => given.turn((turn) => turn.put('a', VALUE)));
    const read = call(() => void begun.push('read'));
    await settled();
    assert.equal(store.get('a'), undefined);
    assert.deepEqual(begun, []);
    await flush();
    assert.deepEqual([store.get('a'), begun], [VALUE, ['read']]);
    await flush();
    await Promise.all([write.output, read.output]);
  });

  test('memory takes no more however many call, and does where nobody waits (the control)', async () => {
    for (const [wrap, most] of [
      [undefined, 3],
      [withoutBackPressure, 20],
    ] as const) {
      const { store, call } = createCalls(wrap);
      for (let index = 0; index < 20; index += 1)
        call((given) => given.turn((turn) => turn.put(`k${index}`, Buffer.alloc(30 * 2 ** 20))));
      await settled();
      assert.equal(store.range('k', 'l').length, most);
    }
  });

  test('those that wait go in one after the other, in their order, each only while there is room', async () => {
    const { call, flush } = createStalled();
    const begun: number[] = [];
    const outputs = Array.from(
      { length: 6 },
      (_, index) =>
        call((given) => {
          begun.push(index);
          given.turn((turn) => turn.put(`k${index}`, Buffer.alloc(MUCH / 2)));
        }).output,
    );
    await flush();
    assert.deepEqual(begun, [0, 1]);
    await flush();
    assert.deepEqual(begun, [0, 1, 2, 3]);
    const late = call(() => begun.push(6)).output;
    await flush();
    assert.deepEqual(begun, [0, 1, 2, 3, 4, 5], 'nobody passes by those who wait');
    await flush();
    assert.deepEqual(begun, [0, 1, 2, 3, 4, 5, 6]);
    await flush();
    await Promise.all([...outputs, late]);
  });

  test('many that wait go in some at a time, and all of them in the end', async () => {
    const { call, flush } = createStalled();
    let begun = 0;
    const outputs = Array.from({ length: 250 }, () => call(() => void (begun += 1)).output);
    await flush();
    assert.ok(begun >= 100 && begun < 250, `${begun} at one go`);
    await Promise.all(outputs);
    assert.equal(begun, 250);
  });

  test('a call whose client has gone meanwhile never begins', async () => {
    const { loop, flush } = createStalled();
    const client = new AbortController();
    const handler = (): never => assert.fail('nobody is there for the answer');
    const output = answerWith(loop)(handler, {}, { ...FACTS, signal: client.signal });
    const refused = assert.rejects(output, { code: 'ServiceUnavailable' });
    client.abort();
    await flush();
    await refused;
  });

  test('a loop that closes lets nobody wait on', async () => {
    const { loop, call, flush } = createStalled();
    const write = call((given) => given.turn((turn) => turn.put('a', VALUE)));
    await settled();
    loop.close();
    await flush();
    await assert.rejects(write.output, { code: 'ServiceUnavailable' });
  });
});

suite('an answer', () => {
  test('waits until what the call wrote is on disk', async () => {
    const { call, flush } = createCalls();
    const write = call((given) =>
      given.turn((turn) => {
        turn.put('a', VALUE);
        return 'written';
      }),
    );
    await settled();
    assert.equal(write.answered, false);
    await flush();
    assert.equal(write.answered, true);
    assert.equal(await write.output, 'written');
  });

  test('leaves too early over a store that says too early that it has written: these tests would see it', async () => {
    const { call } = createCalls(withoutWaiting);
    const write = call((given) => given.turn((turn) => turn.put('a', VALUE)));
    await settled();
    assert.equal(write.answered, true);
  });

  test('waits for everything that was committed before, when its handler says nothing', async () => {
    const { call, flush, commit } = createCalls();
    commit('a');
    const read = call(() => 'read');
    await settled();
    assert.equal(read.answered, false);
    await flush();
    assert.equal(read.answered, true);
  });

  test('waits for what was read and for nothing after that', async () => {
    const { call, flush, commit, loop } = createCalls();
    const position = loop.turn((turn) => {
      turn.put('a', VALUE);
      return turn.position;
    });
    await settled();
    commit('b');
    const read = call((given) => given.readAt(position));
    const everything = call(() => undefined);
    await settled();
    assert.equal(read.answered, false);
    await flush();
    assert.deepEqual([read.answered, everything.answered], [true, false]);
    await flush();
    assert.equal(everything.answered, true);
  });

  test('waits for the latest of what was read and written', async () => {
    const { call, flush, commit } = createCalls();
    commit('a');
    await settled();
    const both = call((given) => {
      given.turn((turn) => turn.put('b', VALUE));
      given.readAt(1);
    });
    await flush();
    assert.equal(both.answered, false);
    await flush();
    assert.equal(both.answered, true);
  });

  test('leaves at once when the handler has read nothing that could be taken back', async () => {
    const { call, commit } = createCalls();
    commit('a');
    const read = call((given) => given.readAt(0));
    await settled();
    assert.equal(read.answered, true);
  });

  test('waits after a turn that changed nothing for what was committed before it', async () => {
    const { call, flush, commit } = createCalls();
    commit('a');
    const nothing = call((given) => given.turn(() => 'nothing'));
    await settled();
    assert.equal(nothing.answered, false);
    await flush();
    assert.equal(await nothing.output, 'nothing');
  });

  test('that refuses waits as well: what it tells must not be taken back', async () => {
    const { call, flush, commit } = createCalls();
    commit('a');
    const refusal = new AwsError('QueueNameExists', 'already there');
    const refused = call(() => {
      throw refusal;
    });
    await settled();
    assert.equal(refused.answered, false);
    await flush();
    await assert.rejects(refused.output, refusal);
  });

  test('that refuses in a later turn waits for what that one may have read', async () => {
    const { call, flush, commit } = createCalls();
    const refusal = new AwsError('QueueNameExists', 'already there');
    const refused = call(async (given) => {
      given.turn((turn) => turn.put('a', VALUE));
      await settled();
      commit('b');
      given.turn(() => {
        throw refusal;
      });
    });
    await settled();
    await flush();
    assert.equal(refused.answered, false);
    await flush();
    await assert.rejects(refused.output, refusal);
  });

  test('of a handler that takes its time waits for what it did last', async () => {
    const { call, flush, commit } = createCalls();
    const slow = call(async (given) => {
      await settled();
      given.turn((turn) => turn.put('late', VALUE));
    });
    commit('a');
    await flush();
    assert.equal(slow.answered, false);
    await flush();
    assert.equal(slow.answered, true);
  });

  test('is an error when the commit fails: its outcome is unknown', async () => {
    for (const faults of [{ lost: 1 }, { doneButFailed: 1 }]) {
      const { call, flush } = createCalls((store) => createFaultyStore(store, seededRandom(1), faults));
      const write = call((given) => given.turn((turn) => turn.put('a', VALUE)));
      await flush();
      await flush();
      await assert.rejects(write.output, StoreFailedError);
    }
  });
});
