/** A store whose process is killed in the middle of its work still has all that it said to be durable. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import type { TestContext } from 'node:test';
import { fileURLToPath } from 'node:url';
import { sleep, systemClock } from '../../src/base/clock.ts';
import { silentLogger } from '../../src/base/log.ts';
import { randomBelow, seededRandom } from '../../src/base/random.ts';
import { key, keyParts } from '../../src/storage/keys.ts';
import { openSqliteStore } from '../../src/storage/sqlite/store.ts';
import type { SqliteStore } from '../../src/storage/sqlite/store.ts';

const CHILD = fileURLToPath(new URL('store-child.ts', import.meta.url));
const ENTITIES = 16;

/** Lets the child work for a while, kills it, and answers the last step that each entity noted. */
async function killAfter(place: string, mode: 'honest' | 'early', workMs: number): Promise<number[]> {
  const notes = join(place, 'notes');
  await rm(notes, { force: true });
  const child = spawn(process.execPath, [CHILD, join(place, 'store'), notes, mode], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  await once(child.stdout, 'data');
  await sleep(systemClock, workMs);
  child.kill('SIGKILL');
  await once(child, 'exit');
  const steps = Array.from({ length: ENTITIES }, () => 0);
  // The last line may be torn: the process died while it wrote.
  for (const line of (await readFile(notes, 'utf8')).split('\n').slice(0, -1)) {
    const [entity = 0, step = 0] = line.split(' ').map(Number);
    steps[entity] = step;
  }
  assert.ok(Math.max(...steps) > 0, 'the child did nothing');
  return steps;
}

/** What is wrong with the store, given the steps that were acknowledged. */
function findings(store: SqliteStore, acknowledged: readonly number[]): string[] {
  const found: string[] = [];
  for (const [entity, step] of acknowledged.entries()) {
    const stored = Number(Buffer.from(store.get(key('step', entity)) ?? '0').toString());
    if (stored < step) found.push(`entity ${entity} said ${step} and has ${stored}`);
    // A batch is there as a whole or not at all, and so the last ten records and the number agree.
    const records = store
      .range(key('record', entity), key('record', entity + 1))
      .map((entry) => keyParts(entry.key, ['text', 'number', 'number'])[2]);
    const expected = Array.from(
      { length: Math.min(stored, 10) },
      (_, index) => Math.max(stored - 9, 1) + index,
    );
    if (records.join() !== expected.join()) found.push(`entity ${entity} at ${stored} has ${records.join()}`);
  }
  return found;
}

async function findingsAfterKill(place: string, mode: 'honest' | 'early', workMs: number): Promise<string[]> {
  const acknowledged = await killAfter(place, mode, workMs);
  await using store = await openSqliteStore({
    directory: join(place, 'store'),
    clock: systemClock,
    log: silentLogger,
  });
  const found = findings(store, acknowledged);
  // Once more when the table has it all.
  assert.deepEqual((await store.verify()).corruptKeys, []);
  return [...found, ...findings(store, acknowledged)];
}

async function newPlace(context: TestContext): Promise<string> {
  const place = await mkdtemp(join(tmpdir(), 'millrace-crash-'));
  context.after(() => rm(place, { recursive: true }));
  return place;
}

test('nothing acknowledged is lost, doubled or torn by kill -9 under load', async (context) => {
  const place = await newPlace(context);
  const seed = Number(process.env['MILLRACE_SEED'] ?? 1);
  const random = seededRandom(seed);
  // The same directory each time: a round starts with what the last one left.
  for (let round = 0; round < 5; round += 1) {
    const workMs = randomBelow(random, 1000);
    const found = await findingsAfterKill(place, 'honest', workMs);
    assert.deepEqual(found, [], `seed ${seed}, round ${round}, killed after ${workMs} ms`);
  }
});

test('the same check catches a store that acknowledges before it commits', async (context) => {
  const place = await newPlace(context);
  let caught = 0;
  for (let round = 0; round < 5 && caught === 0; round += 1) {
    caught += (await findingsAfterKill(place, 'early', 100 + round)).length;
  }
  assert.ok(caught > 0, 'the check has no teeth');
});
