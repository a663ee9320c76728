import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { HistoryRecord } from './history.ts';
import { decodeHistoryChunk, encodeHistoryChunk, EVENT_SHAPES, toHistoryEvent } from './history.ts';

const LONG = JSON.stringify({ text: 'x'.repeat(500) });

const EVENTS: readonly HistoryRecord[] = [
  { id: 1, previousEventId: 0, atMs: 5, type: 'ExecutionStarted', values: [LONG, 'arn:aws:iam::0:role/r'] },
  { id: 2, previousEventId: 0, atMs: 5, type: 'PassStateEntered', values: ['A', LONG] },
  { id: 3, previousEventId: 2, atMs: 6, type: 'PassStateExited', values: ['A', LONG, '{"x":"1"}'] },
  { id: 4, previousEventId: 3, atMs: 6, type: 'TaskScheduled', values: ['l', 'i', 'r', '{}', 5, undefined] },
];

test('events come back from a chunk as they were', () => {
  assert.deepEqual(decodeHistoryChunk(encodeHistoryChunk(EVENTS)), EVENTS);
});

test('a text that several events share is stored once', () => {
  assert.ok(encodeHistoryChunk(EVENTS).length < 2 * LONG.length);
});

test('no two types of events share a number', () => {
  const codes = Object.values(EVENT_SHAPES).map(({ code }) => code);
  assert.equal(new Set(codes).size, codes.length);
  assert.equal(codes.length, 62);
});

test('an event without its data keeps its names', () => {
  const [, , exited] = EVENTS;
  assert.ok(exited !== undefined);
  assert.deepEqual(toHistoryEvent(exited, false).stateExitedEventDetails, { name: 'A' });
  assert.deepEqual(toHistoryEvent(exited, true).stateExitedEventDetails, {
    name: 'A',
    output: LONG,
    outputDetails: { truncated: false },
    assignedVariables: { x: '1' },
    assignedVariablesDetails: { truncated: false },
  });
});
