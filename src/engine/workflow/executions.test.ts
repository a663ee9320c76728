/** The loop around `step`: what is on disk before anything is done, and what a crash takes up again. */
import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { AwsError } from '../../base/errors.ts';
import { silentLogger } from '../../base/log.ts';
import { seededRandom } from '../../base/random.ts';
import { key } from '../../storage/keys.ts';
import { createMemoryDisk, createMemoryStore } from '../../storage/memory/store.ts';
import type { Store } from '../../storage/store.ts';
import { withoutRecords, withoutWaiting } from '../../testing/broken-store.ts';
import { checkHistory } from '../../testing/checkers.ts';
import { ProcessClock } from '../../testing/process-clock.ts';
import { SimClock } from '../../testing/sim-clock.ts';
import type { FunctionAnswer, SyncFunctionCall } from '../function/ports.ts';
import { KEYSPACE } from '../keyspace.ts';
import { Loop } from '../loop.ts';
import { readHistory } from './execution-log.ts';
import { parseExecutionArn } from './execution-record.ts';
import { Executions } from './executions.ts';
import { machineArn } from './machine-record.ts';
import { Machines } from './machines.ts';

const SCOPE = { account: '000000000000', region: 'us-east-1' };
const MACHINE_ARN = machineArn({ ...SCOPE, name: 'work' });
const FUNCTION_ARN = 'arn:aws:lambda:us-east-1:000000000000:function:work';

const WAIT = { StartAt: 'Pause', States: { Pause: { Type: 'Wait', Seconds: 10, End: true } } };
const TASK = { StartAt: 'Call', States: { Call: { Type: 'Task', Resource: FUNCTION_ARN, End: true } } };
/** Draws a random number, in its first state or after a wait. */
const DRAW = {
  Type: 'Pass',
  Parameters: { 'id.$': 'States.UUID()' },
  End: true,
};
const DRAW_FIRST = { StartAt: 'Draw', States: { Draw: DRAW } };
const DRAW_LATER = {
  StartAt: 'Pause',
  States: { Pause: { Type: 'Wait', Seconds: 10, Next: 'Draw' }, Draw: DRAW },
};
const TOKEN = {
  StartAt: 'Ask',
  States: {
    Ask: {
      Type: 'Task',
      Resource: 'arn:aws:states:::lambda:invoke.waitForTaskToken',
      Parameters: { FunctionName: FUNCTION_ARN, Payload: { 'token.$': '$$.Task.Token' } },
      End: true,
    },
  },
};

/** A call of a function that the test answers. */
interface PendingCall extends PromiseWithResolvers<FunctionAnswer> {
  readonly call: SyncFunctionCall;
}

interface WorldOptions {
  readonly definition: object;
  readonly wrap?: (store: Store) => Store;
}

/** One disk and one clock, and a process that can be killed and started again. */
function createWorld({ definition, wrap = (store) => store }: WorldOptions) {
  const clock = new SimClock();
  const disk = createMemoryDisk();
  const calls: PendingCall[] = [];
  const errors: string[] = [];
  /** As long as it is broken, a step that draws a number throws, as by a bug of ours. */
  const random = { isBroken: false, source: seededRandom(1) };
  const uint32 = (): number => {
    if (random.isBroken) throw new TypeError('a bug of ours');
    return random.source.uint32();
  };
  const writes: { readonly clock: ProcessClock; readonly write: () => void }[] = [];
  const open = () => {
    const own = new ProcessClock(clock);
    const flush = (write: () => void) => writes.push({ clock: own, write });
    const store = wrap(createMemoryStore({ clock: own, disk, flush }));
    const loop = new Loop({
      store,
      clock: own,
      random: { uint32 },
      log: { ...silentLogger, error: (_fields, message) => errors.push(message) },
      onFatal: (error) => assert.fail(error),
    });
    const machines = new Machines(loop);
    const executions = new Executions(loop, machines, {
      functions: {
        invoke: (call) => {
          const pending = { call, ...Promise.withResolvers<FunctionAnswer>() };
          calls.push(pending);
          return pending.promise;
        },
        enqueueAsync: () => assert.fail('not used'),
      },
      actions: { prepare: () => assert.fail('not used') },
      trace: { effect: () => undefined },
      tokenKey: Buffer.alloc(32),
    });
    machines.start();
    executions.start();
    return { clock: own, loop, machines, executions };
  };
  let process = open();
  /** Writes what is on its way to the disk, and lets everything run that follows from it. */
  const flush = async (): Promise<void> => {
    for (let round = 0; round < 5; round += 1) {
      await clock.advance(0);
      for (const { write } of writes.splice(0)) write();
    }
  };
  const world = {
    clock,
    calls,
    errors,
    random,
    flush,
    crash: () => {
      process.clock.kill();
      writes.length = 0;
      process = open();
    },
    start: (name: string, input = '{}') =>
      process.loop.turn((turn) =>
        process.executions.begin(turn, { stateMachineArn: MACHINE_ARN, name, input }),
      ),
    stop: (executionArn: string) =>
      process.loop.turn((turn) => process.executions.stop(turn, executionArn, { error: 'Stopped' })),
    answerToken: (token: string, output: string) =>
      process.loop.turn((turn) =>
        process.executions.answerToken(turn, token, { kind: 'task-succeeded', output }),
      ),
    status: (executionArn: string) => process.executions.find(executionArn)?.state.status,
    output: (executionArn: string) => process.executions.find(executionArn)?.state.output,
    history: (executionArn: string) => {
      const place = parseExecutionArn(executionArn);
      assert.ok(place);
      return readHistory(process.loop.store, place, { countMax: 1000, isReverse: false }).events;
    },
    /** Fails unless it has ended so, with a history that is whole. */
    assertEnded: (executionArn: string, status: string) => {
      assert.equal(world.status(executionArn), status);
      const entries = world.history(executionArn).map(({ atMs, values, ...event }) => ({
        ...event,
        timestampMs: atMs,
        ...(event.type.includes('State') ? { name: String(values[0]) } : {}),
      }));
      assert.deepEqual(checkHistory(executionArn, entries, status), []);
    },
  };
  process.loop.turn((turn) =>
    process.machines.create(turn, {
      ...SCOPE,
      name: 'work',
      type: 'STANDARD',
      roleArn: 'arn:aws:iam::000000000000:role/work',
      definition: JSON.stringify(definition),
      loggingConfiguration: {},
      tracingConfiguration: {},
      tags: {},
    }),
  );
  return world;
}

const answer = (payloadText: string): FunctionAnswer => ({ payloadText, executedVersion: '$LATEST' });

suite('a task', () => {
  test('is performed once its state is on disk, and its outcome ends the execution', async () => {
    const world = createWorld({ definition: TASK });
    await world.flush();
    const { executionArn } = world.start('one', '{"a":1}');
    await world.clock.advance(0);
    assert.equal(world.calls.length, 0, 'nothing is on disk yet');
    await world.flush();
    assert.equal(world.calls[0]?.call.payloadText, '{"a":1}');
    world.calls[0]?.resolve(answer('"done"'));
    await world.flush();
    world.assertEnded(executionArn, 'SUCCEEDED');
    assert.equal(world.output(executionArn), '"done"');
  });

  test('is performed too early over a store that says too early that it has written: the test before would see it', async () => {
    const world = createWorld({ definition: TASK, wrap: withoutWaiting });
    world.start('one');
    await world.clock.advance(0);
    assert.equal(world.calls.length, 1);
  });

  test('that a crash cut short is performed again under the same request id, and counts once', async () => {
    const world = createWorld({ definition: TASK });
    const { executionArn } = world.start('one');
    await world.flush();
    world.crash();
    await world.flush();
    const [before, after] = world.calls;
    assert.equal(world.calls.length, 2);
    assert.equal(before?.call.requestId, after?.call.requestId);
    // The answer to the dead process reaches nobody.
    before?.resolve(answer('"of the dead"'));
    await world.flush();
    assert.equal(world.status(executionArn), 'RUNNING');
    after?.resolve(answer('"of the living"'));
    await world.flush();
    world.assertEnded(executionArn, 'SUCCEEDED');
    assert.equal(world.output(executionArn), '"of the living"');
  });

  test('whose outcome is on disk is not performed again', async () => {
    const world = createWorld({ definition: TASK });
    const { executionArn } = world.start('one');
    await world.flush();
    world.calls[0]?.resolve(answer('1'));
    await world.flush();
    world.crash();
    await world.flush();
    assert.equal(world.calls.length, 1);
    world.assertEnded(executionArn, 'SUCCEEDED');
  });

  test('that waits for its token takes it after a crash, once', async () => {
    const world = createWorld({ definition: TOKEN });
    const { executionArn } = world.start('one');
    await world.flush();
    const { token } = JSON.parse(world.calls[0]?.call.payloadText ?? '') as { token: string };
    world.calls[0]?.resolve(answer('null'));
    await world.flush();
    world.crash();
    await world.flush();
    assert.equal(world.calls.length, 1, 'the token has been handed out, and is not again');
    world.answerToken(token, '"by token"');
    assert.throws(() => world.answerToken(token, '"again"'), /Task Timed Out/);
    await world.flush();
    world.assertEnded(executionArn, 'SUCCEEDED');
    assert.equal(world.output(executionArn), '"by token"');
  });
});

suite('a wait', () => {
  test('goes on after a crash and ends at its time', async () => {
    const world = createWorld({ definition: WAIT });
    const { executionArn } = world.start('one');
    await world.flush();
    await world.clock.advance(4000);
    world.crash();
    await world.clock.advance(5999);
    assert.equal(world.status(executionArn), 'RUNNING');
    await world.clock.advance(1);
    await world.flush();
    world.assertEnded(executionArn, 'SUCCEEDED');
  });

  test('that ended while the process was down ends at the start', async () => {
    const world = createWorld({ definition: WAIT });
    const { executionArn } = world.start('one');
    await world.flush();
    world.crash();
    await world.clock.advance(60_000);
    world.crash();
    await world.flush();
    world.assertEnded(executionArn, 'SUCCEEDED');
  });

  test('is lost with a store that forgets what runs: these tests would see it', async () => {
    const forget = (store: Store): Store => withoutRecords(store, key(KEYSPACE.execution));
    const world = createWorld({ definition: WAIT, wrap: forget });
    const { executionArn } = world.start('one');
    await world.flush();
    world.crash();
    await world.clock.advance(60_000);
    assert.equal(world.status(executionArn), undefined);
  });
});

suite('a start', () => {
  test('that a crash took back has never been', async () => {
    const world = createWorld({ definition: WAIT });
    await world.flush();
    const { executionArn } = world.start('one');
    world.crash();
    await world.flush();
    assert.equal(world.status(executionArn), undefined);
    assert.deepEqual(world.history(executionArn), []);
  });

  test('by the same name and input answers the execution that runs, before and after a crash', async () => {
    const world = createWorld({ definition: WAIT });
    const first = world.start('one', '{"a":1}');
    const again = world.start('one', '{"a":1}');
    await world.flush();
    world.crash();
    await world.flush();
    const afterCrash = world.start('one', '{"a":1}');
    for (const { executionArn, startedAtMs } of [again, afterCrash]) {
      assert.deepEqual([executionArn, startedAtMs], [first.executionArn, first.startedAtMs]);
    }
    assert.equal(again.position, first.position, 'the second answer waits for the first commit');
  });

  test('by the name of another input or of an execution that has ended is refused', async () => {
    const world = createWorld({ definition: WAIT });
    world.start('one', '{"a":1}');
    const isRefused = (error: unknown) =>
      error instanceof AwsError && error.code === 'ExecutionAlreadyExists';
    assert.throws(() => world.start('one', '{"a":2}'), isRefused);
    await world.flush();
    await world.clock.advance(10_000);
    await world.flush();
    world.crash();
    assert.throws(() => world.start('one', '{"a":1}'), isRefused);
  });
});

test('a stop ends an execution for ever, and what it waited for changes nothing any more', async () => {
  const world = createWorld({ definition: TASK });
  const { executionArn } = world.start('one');
  await world.flush();
  assert.equal(world.stop(executionArn), true);
  assert.equal(world.stop(executionArn), false);
  world.calls[0]?.resolve(answer('"too late"'));
  await world.flush();
  world.assertEnded(executionArn, 'ABORTED');
  world.crash();
  await world.flush();
  world.assertEnded(executionArn, 'ABORTED');
  assert.equal(world.calls.length, 1);
});

suite('an execution that runs into a bug of ours', () => {
  const quarantined = async () => {
    const world = createWorld({ definition: DRAW_LATER });
    const { executionArn } = world.start('one');
    const healthy = world.start('two');
    await world.flush();
    world.random.isBroken = true;
    await world.clock.advance(10_000);
    await world.flush();
    return { world, executionArn, healthy };
  };

  test('is reported once, set aside as it stood, and goes on with the next start', async () => {
    const { world, executionArn } = await quarantined();
    await world.clock.advance(60_000);
    assert.deepEqual(world.errors, ['quarantined', 'quarantined'], 'once for each of the two');
    assert.equal(world.status(executionArn), 'RUNNING');
    assert.equal(world.start('one').executionArn, executionArn, 'its name is not free');
    world.random.isBroken = false;
    await world.clock.advance(60_000);
    assert.equal(world.status(executionArn), 'RUNNING');
    world.crash();
    await world.flush();
    world.assertEnded(executionArn, 'SUCCEEDED');
  });

  test('holds up no other', async () => {
    const { world } = await quarantined();
    world.random.isBroken = false;
    const { executionArn } = world.start('three');
    await world.flush();
    await world.clock.advance(10_000);
    await world.flush();
    world.assertEnded(executionArn, 'SUCCEEDED');
  });

  test('can be stopped', async () => {
    const { world, executionArn } = await quarantined();
    assert.equal(world.stop(executionArn), true);
    await world.flush();
    world.assertEnded(executionArn, 'ABORTED');
  });

  test('when it starts is refused, leaves nothing behind, and may be started again', async () => {
    const world = createWorld({ definition: DRAW_FIRST });
    world.random.isBroken = true;
    assert.throws(
      () => world.start('one'),
      (error) => error instanceof AwsError && error.fault === 'server',
    );
    world.random.isBroken = false;
    const { executionArn } = world.start('one');
    await world.flush();
    world.assertEnded(executionArn, 'SUCCEEDED');
  });
});
