import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import {
  checkConservation,
  checkHistory,
  checkItem,
  checkQueue,
  type DeleteSeen,
  type Finding,
  type HistoryEntry,
  type QueueHistory,
  type ReceiveSeen,
} from './checkers.ts';

const kinds = (findings: readonly Finding[]): string[] => findings.map(({ kind }) => kind);

const received = (body: string, at: number, more: Partial<ReceiveSeen> = {}): ReceiveSeen => ({
  body,
  messageId: `id of ${body}`,
  begunAt: at,
  endedAt: at + 1,
  ...more,
});

const deleted = (body: string, at: number, more: Partial<DeleteSeen> = {}): DeleteSeen => ({
  messageId: `id of ${body}`,
  outcome: 'acknowledged',
  begunAt: at,
  endedAt: at + 1,
  ...more,
});

/** One message, sent, received and deleted; each test bends one thing. */
const GOOD: QueueHistory = {
  sends: [
    { body: 'a', outcome: 'acknowledged' },
    { body: 'never answered', outcome: 'unknown' },
    { body: 'refused', outcome: 'refused' },
  ],
  receives: [received('a', 10)],
  deletes: [deleted('a', 20)],
};

suite('the checker of queues', () => {
  test('finds nothing in a queue that kept its promises', () => {
    assert.deepEqual(checkQueue(GOOD), []);
    const sent = [received('a', 10), received('never answered', 12)];
    const both = { ...GOOD, receives: sent, deletes: [...GOOD.deletes, deleted('never answered', 30)] };
    assert.deepEqual(checkQueue(both), [], 'a send without an answer may have happened');
  });

  test('finds a message that was acknowledged and never came', () => {
    assert.deepEqual(kinds(checkQueue({ ...GOOD, receives: [], deletes: [] })), ['lost']);
  });

  test('finds a message that is there twice', () => {
    const receives = [received('a', 10), received('a', 12, { messageId: 'other' })];
    const deletes = [...GOOD.deletes, deleted('a', 30, { messageId: 'other' })];
    assert.deepEqual(kinds(checkQueue({ ...GOOD, receives, deletes })), ['doubled']);
  });

  test('finds messages that nobody sent, or whose sending was refused', () => {
    for (const body of ['nobody', 'refused']) {
      const receives = [...GOOD.receives, received(body, 12)];
      const deletes = [...GOOD.deletes, deleted(body, 30)];
      assert.deepEqual(kinds(checkQueue({ ...GOOD, receives, deletes })), ['invented']);
    }
  });

  test('finds a message that was shown and is not there any more', () => {
    assert.deepEqual(kinds(checkQueue({ ...GOOD, deletes: [] })), ['vanished']);
  });

  test('finds a message that came back after its deletion was acknowledged, and lets an unknown one come back', () => {
    const receives = [received('a', 10), received('a', 22)];
    assert.deepEqual(kinds(checkQueue({ ...GOOD, receives })), ['returned']);
    const deletes = [deleted('a', 20, { outcome: 'unknown', endedAt: Infinity }), deleted('a', 30)];
    assert.deepEqual(checkQueue({ ...GOOD, receives, deletes }), []);
  });

  test('finds a hidden message that was shown again, unless a crash may have forgotten that it was hidden', () => {
    const receives = [
      received('a', 10, { hiddenUntilMs: 5000, shownAtMs: 1000 }),
      received('a', 16, { hiddenUntilMs: 9000, shownAtMs: 4999 }),
    ];
    assert.deepEqual(kinds(checkQueue({ ...GOOD, receives })), ['early']);
    const crashed = { ...GOOD, receives, crashes: [15] };
    assert.deepEqual(checkQueue(crashed), []);
    const settled = { ...crashed, writes: [{ begunAt: 12, endedAt: 13 }] };
    assert.deepEqual(kinds(checkQueue(settled)), ['early'], 'a later write had been acknowledged');
    const laterLife = { ...crashed, crashes: [13], writes: [{ begunAt: 14, endedAt: 15 }] };
    assert.deepEqual(checkQueue(laterLife), [], 'a write of the next process says nothing of the last one');
    const inTime = [receives[0] as ReceiveSeen, { ...(receives[1] as ReceiveSeen), shownAtMs: 5000 }];
    assert.deepEqual(checkQueue({ ...settled, receives: inTime }), []);
  });
});

suite('the checker of items', () => {
  const writes = [
    { version: 1, outcome: 'acknowledged' },
    { version: 2, outcome: 'unknown' },
    { version: 3, outcome: 'refused' },
  ] as const;
  const check = (last: number, seen: number[] = []) => kinds(checkItem({ key: 'k', writes, seen, last }));

  test('lets an item be at what was acknowledged or at a later write without an answer', () => {
    assert.deepEqual(check(1), []);
    assert.deepEqual(check(2), []);
  });

  test('finds a lost write, one that was read and is gone, and one that nobody made', () => {
    assert.deepEqual(check(0), ['lost']);
    assert.deepEqual(check(1, [2]), ['vanished']);
    assert.deepEqual(check(3), ['invented']);
    assert.deepEqual(check(4), ['invented']);
  });
});

suite('the checker of histories', () => {
  const entries = (...all: [type: string, previousEventId: number, name?: string][]): HistoryEntry[] =>
    all.map(([type, previousEventId, name], index) => ({
      id: index + 1,
      previousEventId,
      type,
      timestampMs: index,
      ...(name === undefined ? {} : { name }),
    }));
  const good = entries(
    ['ExecutionStarted', 0],
    ['PassStateEntered', 0, 'first'],
    ['PassStateExited', 2, 'first'],
    ['SucceedStateEntered', 3, 'last'],
    ['SucceedStateExited', 4, 'last'],
    ['ExecutionSucceeded', 5],
  );
  const check = (events: readonly HistoryEntry[], status = 'SUCCEEDED') =>
    checkHistory('x', events, status).map(({ text }) => text);
  const bent = (index: number, change: Partial<HistoryEntry>) =>
    good.map((event, at) => (at === index ? { ...event, ...change } : event));

  test('finds nothing in a well-formed history, ended or running', () => {
    assert.deepEqual(check(good), []);
    assert.deepEqual(check(good.slice(0, 4), 'RUNNING'), []);
  });

  test('finds states within states, whose events come between those of the outer one', () => {
    const nested = entries(
      ['ExecutionStarted', 0],
      ['ParallelStateEntered', 0, 'outer'],
      ['ParallelStateStarted', 2],
      ['PassStateEntered', 3, 'left'],
      ['PassStateEntered', 3, 'right'],
      ['PassStateExited', 5, 'right'],
      ['PassStateExited', 4, 'left'],
      ['ParallelStateSucceeded', 7],
      ['ParallelStateExited', 8, 'outer'],
      ['ExecutionSucceeded', 9],
    );
    assert.deepEqual(check(nested), []);
    const crossed = nested.map((event) => (event.id === 6 ? { ...event, name: 'left' } : event));
    assert.match(check(crossed).join(), /leaves a state that was not entered/);
  });

  test('finds gaps, orders that go back, and a second start', () => {
    assert.match(check(good.toSpliced(2, 1)).join(), /event 3 has the id 4/);
    assert.match(check(bent(3, { previousEventId: 4 })).join(), /event 4 comes after event 4/);
    assert.match(check(bent(3, { timestampMs: 0 })).join(), /event 4 is older/);
    assert.match(check(bent(3, { type: 'ExecutionStarted' })).join(), /event 4 is ExecutionStarted/);
    assert.match(check([]).join(), /no events/);
  });

  test('finds ends that are missing, doubled, not last, or not what the status says', () => {
    assert.match(check(good.slice(0, 5)).join(), /0 terminal events/);
    const doubled = [...good, { id: 7, previousEventId: 6, type: 'ExecutionFailed', timestampMs: 9 }];
    assert.match(check(doubled).join(), /2 terminal events/);
    assert.match(check(good, 'FAILED').join(), /it is FAILED and its last event is ExecutionSucceeded/);
    assert.match(check(good, 'RUNNING').join(), /it is RUNNING and has the event ExecutionSucceeded/);
  });

  test('finds states that were left twice, never, or under another name', () => {
    assert.match(
      check(bent(4, { type: 'PassStateExited', name: 'first', previousEventId: 2 })).join(),
      /has been left/,
    );
    assert.match(check(bent(4, { type: 'ActivityStarted' })).join(), /was never left/);
    assert.match(check(bent(2, { name: 'other' })).join(), /not entered/);
  });
});

suite('the checker of conservation', () => {
  const check = (ledger: Partial<Parameters<typeof checkConservation>[0]>) =>
    kinds(checkConservation({ target: 'queue', matched: ['a', 'b'], delivered: ['a', 'b'], ...ledger }));

  test('counts what is delivered, waits or was given up', () => {
    assert.deepEqual(check({}), []);
    assert.deepEqual(check({ delivered: ['a'], waiting: ['b'] }), []);
    assert.deepEqual(check({ delivered: [], waiting: ['a'], deadLettered: ['b'] }), []);
  });

  test('finds what is nowhere, in two places, or there without reason', () => {
    assert.deepEqual(check({ delivered: ['a'] }), ['lost']);
    assert.deepEqual(check({ delivered: ['a', 'b', 'b'] }), ['doubled']);
    assert.deepEqual(check({ waiting: ['a'] }), ['doubled']);
    assert.deepEqual(check({ deadLettered: ['c'] }), ['invented']);
  });
});
