/** Actions as the loop around `step` performs them: in the turn of the step, or not at all. */
import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { AwsError } from '../../base/errors.ts';
import { silentLogger } from '../../base/log.ts';
import { seededRandom } from '../../base/random.ts';
import { encodeRecord } from '../../storage/codec.ts';
import { key, prefixRange } from '../../storage/keys.ts';
import { createMemoryDisk, createMemoryStore } from '../../storage/memory/store.ts';
import { ProcessClock } from '../../testing/process-clock.ts';
import { SimClock } from '../../testing/sim-clock.ts';
import { Loop, type Turn } from '../loop.ts';
import type { ActionOutcome, ActionPort } from '../ports.ts';
import { Executions } from './executions.ts';
import { machineArn } from './machine-record.ts';
import { Machines } from './machines.ts';

const SCOPE = { account: '000000000000', region: 'us-east-1' };
const EFFECT = 'zz-effect';

const SEND = {
  Type: 'Task',
  Resource: 'arn:aws:states:::sqs:sendMessage',
  Parameters: { QueueUrl: 'http://localhost/000000000000/q', MessageBody: 'x' },
};
const SEND_AND_DRAW = {
  StartAt: 'Send',
  States: {
    Send: { ...SEND, Next: 'Draw' },
    Draw: { Type: 'Pass', Parameters: { 'id.$': 'States.UUID()' }, End: true },
  },
};
const SEND_IN_TIME = {
  StartAt: 'Send',
  States: {
    Send: { ...SEND, TimeoutSeconds: 5, Catch: [{ ErrorEquals: ['States.ALL'], Next: 'Rest' }], End: true },
    Rest: { Type: 'Wait', Seconds: 1000, End: true },
  },
};

/** Has a function called without waiting for it. */
const callLater = (name: string): object => ({
  StartAt: 'Call',
  States: {
    Call: {
      Type: 'Task',
      Resource: 'arn:aws:states:::lambda:invoke',
      Parameters: { FunctionName: name, InvocationType: 'Event' },
      End: true,
    },
  },
});

/** An action is a record of its own: how often it happened is how many there are. */
function perform(turn: Turn): ActionOutcome {
  turn.put(key(EFFECT, turn.position), encodeRecord({ atMs: turn.now }));
  return { kind: 'answered', answer: { MessageId: 'm' }, wireText: '{}' };
}

interface WorldOptions {
  readonly definition: object;
  /** How the process performs; default: as it is asked to. */
  readonly actions?: (loop: Loop) => ActionPort;
}

function createWorld({
  definition,
  actions = () => ({ prepare: () => Promise.resolve(perform) }),
}: WorldOptions) {
  const clock = new SimClock();
  const disk = createMemoryDisk();
  const random = { isBroken: false, source: seededRandom(1) };
  const uint32 = (): number => {
    if (random.isBroken) throw new TypeError('a bug of ours');
    return random.source.uint32();
  };
  const open = () => {
    const own = new ProcessClock(clock);
    const loop = new Loop({
      store: createMemoryStore({ clock: own, disk }),
      clock: own,
      random: { uint32 },
      log: silentLogger,
      onFatal: (error) => assert.fail(error),
    });
    const machines = new Machines(loop);
    const executions = new Executions(loop, machines, {
      functions: {
        invoke: () => assert.fail('not used'),
        enqueueAsync: (turn, { functionArn, requestId = '' }) => {
          if (functionArn.endsWith(':nobody'))
            throw new AwsError('ResourceNotFoundException', 'Function not found', { httpStatus: 404 });
          perform(turn);
          return requestId;
        },
      },
      actions: actions(loop),
      trace: { effect: () => undefined },
      tokenKey: Buffer.alloc(32),
    });
    machines.start();
    executions.start();
    return { clock: own, loop, machines, executions };
  };
  let process = open();
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
  const stateMachineArn = machineArn({ ...SCOPE, name: 'work' });
  return {
    clock,
    random,
    /** The process dies and is started again after a while. */
    crash: async (downMs = 0) => {
      process.clock.kill();
      await clock.advance(downMs);
      process = open();
    },
    start: (): string =>
      process.loop.turn((turn) =>
        process.executions.begin(turn, { stateMachineArn, name: 'one', input: '{}' }),
      ).executionArn,
    stop: (executionArn: string) =>
      process.loop.turn((turn) => process.executions.stop(turn, executionArn, {})),
    status: (executionArn: string) => process.executions.find(executionArn)?.state.status,
    effectCount: (): number => process.loop.store.range(...prefixRange(key(EFFECT))).length,
  };
}

suite('an action', () => {
  test('that is stopped before it was performed never happens', async () => {
    const prepared = Promise.withResolvers<typeof perform>();
    const world = createWorld({
      definition: SEND_AND_DRAW,
      actions: () => ({ prepare: () => prepared.promise }),
    });
    const executionArn = world.start();
    await world.clock.advance(0);
    world.stop(executionArn);
    prepared.resolve(perform);
    await world.clock.advance(0);
    assert.deepEqual([world.status(executionArn), world.effectCount()], ['ABORTED', 0]);
  });

  test('whose time was up before it was performed never happens', async () => {
    const prepared = Promise.withResolvers<typeof perform>();
    const world = createWorld({
      definition: SEND_IN_TIME,
      actions: () => ({ prepare: () => prepared.promise }),
    });
    const executionArn = world.start();
    await world.clock.advance(5000);
    prepared.resolve(perform);
    await world.clock.advance(0);
    assert.deepEqual([world.status(executionArn), world.effectCount()], ['RUNNING', 0]);
  });

  test('whose time was up while the process was down never happens', async () => {
    const never = Promise.withResolvers<typeof perform>().promise;
    const process = { isFirst: true };
    const world = createWorld({
      definition: SEND_IN_TIME,
      actions: () => ({ prepare: () => (process.isFirst ? never : Promise.resolve(perform)) }),
    });
    const executionArn = world.start();
    await world.clock.advance(0);
    process.isFirst = false;
    await world.crash(10_000);
    await world.clock.advance(0);
    assert.deepEqual([world.status(executionArn), world.effectCount()], ['RUNNING', 0]);
  });

  test('is not repeated when the step after it runs into a bug of ours, and the execution can be stopped', async () => {
    const world = createWorld({ definition: SEND_AND_DRAW });
    const executionArn = world.start();
    world.random.isBroken = true;
    await world.clock.advance(0);
    assert.deepEqual([world.status(executionArn), world.effectCount()], ['RUNNING', 1]);
    world.random.isBroken = false;
    await world.crash();
    await world.clock.advance(60_000);
    assert.deepEqual([world.status(executionArn), world.effectCount()], ['RUNNING', 1]);
    world.stop(executionArn);
    await world.clock.advance(0);
    assert.equal(world.status(executionArn), 'ABORTED');
  });

  test('is in the commit of its step: a crash behind it repeats nothing', async () => {
    const world = createWorld({ definition: SEND_AND_DRAW });
    const executionArn = world.start();
    await world.clock.advance(0);
    await world.crash();
    await world.clock.advance(0);
    assert.deepEqual([world.status(executionArn), world.effectCount()], ['SUCCEEDED', 1]);
  });

  test('may be to have a function called later, which is put down with the step', async () => {
    const world = createWorld({ definition: callLater('work') });
    const executionArn = world.start();
    await world.clock.advance(0);
    await world.crash();
    await world.clock.advance(0);
    assert.deepEqual([world.status(executionArn), world.effectCount()], ['SUCCEEDED', 1]);
  });

  test('that is refused fails its task', async () => {
    const world = createWorld({ definition: callLater('nobody') });
    const executionArn = world.start();
    await world.clock.advance(0);
    assert.deepEqual([world.status(executionArn), world.effectCount()], ['FAILED', 0]);
  });

  test('that is committed ahead of its step happens twice when the process dies between the two', async () => {
    const dying = { isAlive: true };
    // Performs in a turn of its own, and dies before the turn of the step.
    const actions = (loop: Loop): ActionPort => ({
      prepare: () => {
        const outcome = loop.turn(perform);
        return dying.isAlive
          ? Promise.withResolvers<typeof perform>().promise
          : Promise.resolve(() => outcome);
      },
    });
    const world = createWorld({ definition: SEND_AND_DRAW, actions });
    const executionArn = world.start();
    await world.clock.advance(0);
    dying.isAlive = false;
    await world.crash();
    await world.clock.advance(0);
    assert.deepEqual([world.status(executionArn), world.effectCount()], ['SUCCEEDED', 2]);
  });
});
