import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Backlog, BACKLOG_SIZE_BYTES_MAX } from './backlog.ts';

const ofSize = (size: number) => ({
  puts: [{ key: 'k', value: Buffer.alloc(size) }],
  deletes: [],
});

test('what fills and what is being written count together, until it is on disk', () => {
  const backlog = new Backlog();
  backlog.add(ofSize(BACKLOG_SIZE_BYTES_MAX / 2));
  backlog.seal();
  assert.equal(backlog.isOver, false);
  backlog.add(ofSize(BACKLOG_SIZE_BYTES_MAX / 2));
  assert.equal(backlog.isOver, true);
  backlog.written();
  assert.equal(backlog.isOver, false);
  backlog.add(ofSize(BACKLOG_SIZE_BYTES_MAX / 2));
  assert.equal(backlog.isOver, true, 'what has filled meanwhile still counts');
});

test('mutations without bytes count, too: they cost memory as well', () => {
  const backlog = new Backlog();
  const deletes = Array.from({ length: 100_000 }, () => 'key');
  backlog.add({ puts: [], deletes });
  backlog.add({ puts: [], deletes });
  assert.equal(backlog.isOver, false);
  backlog.add({ puts: [], deletes });
  assert.equal(backlog.isOver, true);
});
