/** The writer without its thread: what it does while the journal grows faster than it is applied. */
import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { test } from 'node:test';
import type { TestContext } from 'node:test';
import { encodeBatch } from '../journal.ts';
import { createFiles, storeFiles } from './database.ts';
import type { WriterReport } from './messages.ts';
import { Writer } from './writer.ts';

const COMMIT_BYTES = 64 * 1024;
const COMMITS = 100;

/** A writer whose applier works when `slice` is called, and a look at its journal. */
async function openHeldWriter(context: TestContext, unappliedSizeBytesMax: number) {
  const directory = await mkdtemp(join(tmpdir(), 'millrace-writer-'));
  const files = storeFiles(directory);
  createFiles(files);
  const reports: WriterReport[] = [];
  const slices: (() => void)[] = [];
  const writer = new Writer({ files, synchronous: 'OFF' }, (report) => reports.push(report), {
    defer: (slice) => slices.push(slice),
    unappliedSizeBytesMax,
  });
  const journal = new DatabaseSync(files.database, { readOnly: true });
  context.after(async () => {
    journal.close();
    writer.perform({ kind: 'close' });
    await rm(directory, { recursive: true });
  });
  const size = journal.prepare('SELECT total(length(batch)) AS bytes FROM journal');
  const commit = (position: number): Uint8Array<ArrayBuffer> => {
    const puts = [{ key: `k${position}`, value: Buffer.alloc(COMMIT_BYTES) }];
    const batch = encodeBatch({ puts, deletes: [] }) as Buffer<ArrayBuffer>;
    writer.perform({ kind: 'commit', position, batch });
    return batch;
  };
  return {
    writer,
    commit,
    slice: () => slices.shift()?.(),
    isDurable: (position: number) =>
      reports.some((report) => report.kind === 'durable' && report.position === position),
    isApplied: () => reports.some(({ kind }) => kind === 'applied'),
    journalBytes: () => Number(size.get()?.['bytes']),
  };
}

/** Commits as the store does, each once the one before it is durable; answers how many were. */
function commitAll({ commit, isDurable }: Awaited<ReturnType<typeof openHeldWriter>>): number {
  for (let position = 1; position <= COMMITS; position += 1) {
    commit(position);
    if (!isDurable(position)) return position - 1;
  }
  return COMMITS;
}

test('a commit waits while more than the bound is not applied, and goes on once some of it is', async (context) => {
  const boundBytes = 10 * COMMIT_BYTES;
  const held = await openHeldWriter(context, boundBytes);
  const durable = commitAll(held);
  assert.equal(durable, 10);
  const journalBytes = held.journalBytes();
  assert.ok(journalBytes > boundBytes && journalBytes < boundBytes + 2 * COMMIT_BYTES, `${journalBytes}`);
  while (!held.isDurable(durable + 1)) held.slice();
  assert.ok(held.isApplied());
  assert.ok(held.journalBytes() < boundBytes, 'what is applied has left the journal');
});

test('without the bound the journal grows as fast as commits come (the control)', async (context) => {
  const held = await openHeldWriter(context, Infinity);
  assert.equal(commitAll(held), COMMITS);
  assert.ok(held.journalBytes() > COMMITS * COMMIT_BYTES);
});

test('the memory of a commit is given back as soon as it is applied', async (context) => {
  const held = await openHeldWriter(context, 1);
  const batch = held.commit(1);
  assert.ok(batch.length > COMMIT_BYTES);
  while (!held.isApplied()) held.slice();
  assert.equal(batch.length, 0);
});
