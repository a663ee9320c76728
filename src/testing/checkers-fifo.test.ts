import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import {
  checkFifoQueue,
  type FifoHistory,
  type FifoReceiveSeen,
  type FifoSendSeen,
} from './checkers-fifo.ts';
import type { DeleteSeen, Finding } from './checkers.ts';

const kinds = (findings: readonly Finding[]): string[] => findings.map(({ kind }) => kind);

/** Bodies are the group and the sequence: `a1`, `a2`, `b3`. */
const sequenceOf = (body: string): string => body.slice(1).padStart(20, '0');

const sent = (body: string, at: number, more: Partial<FifoSendSeen> = {}): FifoSendSeen => ({
  body,
  group: body.slice(0, 1),
  outcome: 'acknowledged',
  messageId: `id of ${body}`,
  sequenceNumber: sequenceOf(body),
  begunAt: at,
  endedAt: at + 1,
  ...more,
});

/** One receive that begins at `at`. */
const received = (at: number, ...bodies: string[]): FifoReceiveSeen[] =>
  bodies.map((body) => ({
    body,
    messageId: `id of ${body}`,
    sequenceNumber: sequenceOf(body),
    receive: at,
    begunAt: at,
    endedAt: at + 1,
  }));

const deleted = (body: string, at: number, more: Partial<DeleteSeen> = {}): DeleteSeen => ({
  messageId: `id of ${body}`,
  outcome: 'acknowledged',
  begunAt: at,
  endedAt: at + 1,
  ...more,
});

const SENDS = [sent('a1', 1), sent('a2', 3), sent('b3', 5)];

/** Two groups, each shown in its order; each test bends one thing. */
const GOOD: FifoHistory = {
  sends: SENDS,
  receives: [...received(10, 'a1'), ...received(12, 'b3'), ...received(30, 'a2')],
  deletes: [deleted('a1', 20), deleted('b3', 22), deleted('a2', 40)],
};

suite('the checker of FIFO queues', () => {
  test('finds nothing in a queue that kept its promises', () => {
    assert.deepEqual(checkFifoQueue(GOOD), []);
  });

  test('takes messages of a group that are shown together, and together again', () => {
    const receives = [...received(10, 'a1', 'a2'), ...received(12, 'b3'), ...received(30, 'a1')];
    assert.deepEqual(
      checkFifoQueue({ ...GOOD, receives, deletes: [...GOOD.deletes, deleted('a1', 50)] }).filter(
        ({ kind }) => kind === 'reordered',
      ),
      [],
      'a1 came back alone: its group was shown no further meanwhile',
    );
  });

  test('takes a deletion without an answer for one that may have happened', () => {
    const deletes = [...GOOD.deletes.slice(1), deleted('a1', 20, { outcome: 'unknown', endedAt: Infinity })];
    assert.deepEqual(checkFifoQueue({ ...GOOD, deletes }), []);
  });

  test('takes a message that was sent again for the same one', () => {
    const sends = [sent('a1', 0, { outcome: 'unknown', endedAt: Infinity }), ...SENDS, sent('a1', 50)];
    assert.deepEqual(checkFifoQueue({ ...GOOD, sends }), []);
  });

  test('finds a message that was acknowledged and never came, though it was sent again in vain', () => {
    const sends = [...SENDS, sent('a4', 7), sent('a4', 9, { outcome: 'unknown', endedAt: Infinity })];
    assert.deepEqual(kinds(checkFifoQueue({ ...GOOD, sends })), ['lost']);
  });

  test('finds one deduplication id that became two messages', () => {
    const again = received(50, 'a1').map((seen) => ({
      ...seen,
      messageId: 'other',
      sequenceNumber: sequenceOf('a4'),
    }));
    const receives = [...GOOD.receives, ...again];
    const deletes = [...GOOD.deletes, deleted('a1', 60, { messageId: 'other' })];
    assert.ok(kinds(checkFifoQueue({ ...GOOD, receives, deletes })).includes('doubled'));
  });

  test('finds a message that was acknowledged as two', () => {
    const sends = [...SENDS, sent('a1', 7, { sequenceNumber: sequenceOf('a9') })];
    assert.deepEqual(kinds(checkFifoQueue({ ...GOOD, sends })), ['doubled']);
  });

  test('finds a message that has a smaller sequence number than one that was acknowledged before it', () => {
    const sends = [sent('a1', 7), sent('a2', 3), sent('b3', 5)];
    const [finding, ...others] = checkFifoQueue({ ...GOOD, sends });
    assert.deepEqual(others, []);
    assert.deepEqual([finding?.kind, finding?.subject], ['reordered', 'a1']);
  });

  test('leaves the order open of messages that were sent at the same time', () => {
    const sends = [sent('a1', 4), sent('a2', 3, { endedAt: 5 }), sent('b3', 5)];
    assert.deepEqual(checkFifoQueue({ ...GOOD, sends }), []);
    const unknown = [sent('a1', 7), sent('a2', 3, { outcome: 'unknown', endedAt: Infinity }), sent('b3', 5)];
    assert.deepEqual(checkFifoQueue({ ...GOOD, sends: unknown }), []);
  });

  test('finds a message that is shown while one before it is not deleted', () => {
    const receives = [...received(10, 'a1'), ...received(12, 'b3'), ...received(15, 'a2')];
    const [finding, ...others] = checkFifoQueue({ ...GOOD, receives });
    assert.deepEqual(others, []);
    assert.deepEqual([finding?.kind, finding?.subject], ['reordered', 'a2']);
  });

  test('finds a message that is shown before one that was not shown yet', () => {
    const receives = [...received(10, 'a2'), ...received(12, 'b3'), ...received(30, 'a1')];
    const deletes = [deleted('a2', 20), deleted('b3', 22), deleted('a1', 40)];
    const findings = checkFifoQueue({ ...GOOD, receives, deletes });
    assert.ok(findings.every(({ kind }) => kind === 'reordered') && findings.length > 0);
  });

  test('finds a message that is shown after a refused deletion of the one before it', () => {
    const deletes = [deleted('a1', 20, { outcome: 'refused' }), ...GOOD.deletes.slice(1), deleted('a1', 60)];
    assert.deepEqual(kinds(checkFifoQueue({ ...GOOD, deletes })), ['reordered']);
  });

  test('finds a message that comes back after one behind it was shown, though its deletion had no answer', () => {
    const receives = [...GOOD.receives, ...received(50, 'a1')];
    const unknown = deleted('a1', 20, { outcome: 'unknown', endedAt: Infinity });
    const deletes = [unknown, ...GOOD.deletes.slice(1), deleted('a1', 60)];
    assert.deepEqual(kinds(checkFifoQueue({ ...GOOD, receives, deletes })), ['reordered']);
  });

  test('finds messages that one receive shows in the wrong order', () => {
    const receives = [...received(10, 'a2', 'a1'), ...received(12, 'b3')];
    assert.deepEqual(kinds(checkFifoQueue({ ...GOOD, receives })), ['reordered']);
  });

  test('does not hold one group against another', () => {
    const receives = [...received(10, 'b3'), ...received(30, 'a1'), ...received(50, 'a2')];
    const deletes = [deleted('a1', 40), deleted('a2', 60), deleted('b3', 70)];
    assert.deepEqual(checkFifoQueue({ ...GOOD, receives, deletes }), []);
  });
});
