/** What is read of executions: the index of a machine in pages. */
import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { createMemoryStore } from '../../storage/memory/store.ts';
import { listExecutions } from './execution-log.ts';
import { encodeSummary, indexKey } from './execution-record.ts';
import type { ExecutionStatus } from './state.ts';

const SCOPE = { account: '000000000000', region: 'us-east-1' };
const MACHINE = { ...SCOPE, name: 'work' };

/** An index of `count` executions; those of which `status` says nothing have succeeded. */
function createIndex(count: number, status: (index: number) => ExecutionStatus = () => 'SUCCEEDED') {
  const store = createMemoryStore();
  const add = (machine: string, index: number): void => {
    const name = `e${index}`;
    const value = encodeSummary({ name, status: status(index), startedAtMs: 1000 + index });
    const key = indexKey({ ...SCOPE, machine, name }, 1000 + index);
    store.commit({ puts: [{ key, value }], deletes: [] });
  };
  for (let index = 0; index < count; index += 1) add('work', index);
  for (const other of ['a', 'workers', 'z']) add(other, 99_999);
  return store;
}

function readAll(store: ReturnType<typeof createIndex>, countMax: number, status?: ExecutionStatus) {
  const pages: string[][] = [];
  let after: string | undefined;
  do {
    const page = listExecutions(store, MACHINE, { countMax, status, after });
    pages.push(page.executions.map(({ name }) => name));
    after = page.next;
  } while (after !== undefined);
  return pages;
}

suite('the executions of a machine', () => {
  test('come newest first, in pages that neither repeat nor leave out any', () => {
    const store = createIndex(5);
    assert.deepEqual(readAll(store, 2), [['e4', 'e3'], ['e2', 'e1'], ['e0']]);
    assert.deepEqual(readAll(store, 5), [['e4', 'e3', 'e2', 'e1', 'e0']]);
    assert.deepEqual(readAll(createIndex(0), 5), [[]]);
  });

  test('come by status, without a page that is empty at the end', () => {
    const store = createIndex(9, (index) => (index % 3 === 0 ? 'FAILED' : 'SUCCEEDED'));
    assert.deepEqual(readAll(store, 2, 'FAILED'), [['e6', 'e3'], ['e0']]);
  });

  test('are looked for among so many at a time, and the next page goes on there', () => {
    const store = createIndex(25_000, (index) => (index === 7 ? 'FAILED' : 'SUCCEEDED'));
    assert.deepEqual(readAll(store, 10, 'FAILED'), [[], [], ['e7']]);
  });

  test('are all that a made-up place can lead to', () => {
    const store = createIndex(3);
    for (const after of ['', '\u0000', '\u00ff\u00ff', 'executionEnded', '/../']) {
      const { executions } = listExecutions(store, MACHINE, { countMax: 100, after });
      assert.ok(
        executions.every(({ name }) => ['e0', 'e1', 'e2'].includes(name)),
        JSON.stringify(after),
      );
    }
  });
});
