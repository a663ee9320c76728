/**
 * What every store has to do, as a suite that `store.test.ts` runs over each backend, plain and behind a fault
 * injector. A new backend is right when this passes.
 */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { BACKLOG_SIZE_BYTES_MAX } from './backlog.ts';
import { StaleEpochError, StoreFailedError } from './store.ts';
import type { Batch, Entry, Key, Position, Store } from './store.ts';

/** One place where a store can be opened, closed and opened again. */
export interface StoreSite {
  open(): Promise<Store>;
  /** Brings what the journal holds to the table, where the backend has both. */
  settle?(): Promise<void>;
  /** Removes the place. */
  remove?(): Promise<void>;
}

export type CreateSite = () => StoreSite | Promise<StoreSite>;

const bytes = (text: string): Uint8Array => Buffer.from(text);
const put = (key: Key, text: string): Entry => ({ key, value: bytes(text) });
const puts = (...entries: Entry[]): Batch => ({ puts: entries, deletes: [] });
const text = (value: Uint8Array | undefined): string | undefined =>
  value === undefined ? undefined : Buffer.from(value).toString();
const keysOf = (entries: readonly Entry[]): Key[] => entries.map((entry) => entry.key);

async function withStore(
  createSite: CreateSite,
  use: (store: Store, site: StoreSite) => Promise<void>,
): Promise<void> {
  const site = await createSite();
  try {
    await using store = await site.open();
    await use(store, site);
  } finally {
    await site.remove?.();
  }
}

/** Declares the suite under `name`. */
export function storeContract(name: string, createSite: CreateSite): void {
  describe(`store contract: ${name}`, () => {
    recordTests(createSite);
    positionTests(createSite);
    leaseTests(createSite);
    lifeTests(createSite);
    modelTests(createSite);
  });
}

function recordTests(createSite: CreateSite): void {
  test('a batch is readable at once, before it is durable', () =>
    withStore(createSite, async (store) => {
      const position = store.commit(puts(put('b', '2'), put('a', '1')));
      assert.ok(position > store.durablePosition);
      assert.equal(text(store.get('a')), '1');
      assert.deepEqual(store.getMany(['b', 'x', 'a']).map(text), ['2', undefined, '1']);
      assert.deepEqual(keysOf(store.range('', 'z')), ['a', 'b']);
    }));

  test('a batch removes its ranges first, then its keys, and puts its records last', () =>
    withStore(createSite, async (store) => {
      store.commit(puts(put('a1', 'old'), put('a2', 'old'), put('b1', 'old'), put('b2', 'old')));
      store.commit({ puts: [put('a1', 'new')], deletes: ['b1'], deleteRanges: [['a', 'b']] });
      assert.deepEqual(
        store.range('', 'z').map((entry) => [entry.key, text(entry.value)]),
        [
          ['a1', 'new'],
          ['b2', 'old'],
        ],
      );
    }));

  test('a range holds its first key and not its last, in both directions and up to its limit', () =>
    withStore(createSite, async (store) => {
      store.commit(puts(...['a', 'b', 'c', 'd'].map((key) => put(key, key))));
      assert.deepEqual(keysOf(store.range('b', 'd')), ['b', 'c']);
      assert.deepEqual(keysOf(store.range('b', 'd', { reverse: true })), ['c', 'b']);
      assert.deepEqual(keysOf(store.range('a', 'z', { limit: 2 })), ['a', 'b']);
      assert.deepEqual(keysOf(store.range('a', 'z', { limit: 2, reverse: true })), ['d', 'c']);
      assert.deepEqual(store.range('a', 'z', { limit: 0 }), []);
      assert.deepEqual(store.range('c', 'b'), []);
    }));

  test('empty values and bytes of every kind come back as they were', () =>
    withStore(createSite, async (store, site) => {
      const all = Uint8Array.from({ length: 256 }, (_, index) => index);
      const key = String.fromCharCode(...all);
      store.commit({ puts: [put('empty', ''), { key, value: all }], deletes: [] });
      for (const round of ['pending', 'settled']) {
        assert.equal(store.get('empty')?.length, 0, round);
        assert.deepEqual(Buffer.from(store.get(key) ?? []), Buffer.from(all), round);
        assert.deepEqual(keysOf(store.range('', '\u00ff\u00ff\u00ff\u00ff')), [key, 'empty'], round);
        await settle(store, site);
      }
    }));

  test('verify reads every record', () =>
    withStore(createSite, async (store) => {
      store.commit(puts(put('a', '1'), put('b', '2'), put('c', '3')));
      store.commit({ puts: [], deletes: ['b'] });
      await store.whenDurable(store.lastPosition);
      assert.deepEqual(await store.verify(), { records: 2, corruptKeys: [] });
    }));
}

function positionTests(createSite: CreateSite): void {
  test('batches of one turn share the position that was announced', () =>
    withStore(createSite, async (store) => {
      const announced = store.nextPosition;
      assert.equal(store.commit(puts(put('a', '1'))), announced);
      assert.equal(store.nextPosition, announced);
      assert.equal(store.commit(puts(put('b', '1'))), announced);
      assert.equal(store.lastPosition, announced);
      await store.whenDurable(announced);
      assert.equal(store.durablePosition, announced);
      assert.equal(store.nextPosition, announced + 1);
      assert.equal(store.lastPosition, announced);
    }));

  test('positions grow by one with each group and become durable in order', () =>
    withStore(createSite, async (store) => {
      const committed: Position[] = [];
      const subscribed: Position[] = [];
      const resolved: Position[] = [];
      const unsubscribe = store.onCommit((position) => {
        assert.equal(store.durablePosition, position);
        subscribed.push(position);
      });
      const waits: Promise<void>[] = [];
      const first = store.nextPosition;
      for (let group = 0; group < 20; group += 1) {
        const position = store.commit(puts(put(`k${group}`, 'x')));
        if (committed.at(-1) !== position) committed.push(position);
        waits.push(store.whenDurable(position).then(() => void resolved.push(position)));
        if (group % 3 === 0) await waits.at(-1);
      }
      await Promise.all(waits);
      const expected = committed.map((_, index) => first + index);
      assert.deepEqual(committed, expected);
      assert.deepEqual(subscribed, expected);
      assert.deepEqual([...new Set(resolved)], expected);
      unsubscribe();
      await store.whenDurable(store.commit(puts(put('z', 'x'))));
      assert.deepEqual(subscribed, expected);
    }));

  test('a store is behind while more is committed than memory takes, until that is on disk', () =>
    withStore(createSite, async (store) => {
      store.commit({ puts: [{ key: 'a', value: Buffer.alloc(BACKLOG_SIZE_BYTES_MAX / 2) }], deletes: [] });
      assert.equal(store.isBehind, false);
      store.commit({ puts: [{ key: 'b', value: Buffer.alloc(BACKLOG_SIZE_BYTES_MAX / 2) }], deletes: [] });
      assert.equal(store.isBehind, true);
      await store.whenDurable(store.lastPosition);
      assert.equal(store.isBehind, false);
    }));

  test('a position that is durable, or holds no batch, is waited for no longer than what was committed', () =>
    withStore(createSite, async (store) => {
      await store.whenDurable(0);
      await store.whenDurable(store.nextPosition + 5);
      const position = store.commit(puts(put('a', '1')));
      await store.whenDurable(position + 7);
      assert.equal(store.durablePosition, position);
    }));

  test('changes tells the commits after a position, one batch for each', () =>
    withStore(createSite, async (store) => {
      const first = store.commit(puts(put('a', '1')));
      store.commit({ puts: [put('b', '2')], deletes: ['a'], deleteRanges: [['x', 'y']] });
      await store.whenDurable(first);
      const second = store.commit(puts(put('c', '3')));
      await store.whenDurable(second);
      const seen: string[] = [];
      for await (const { position, batch } of store.changes(first - 1)) {
        const records = batch.puts.map((entry) => `${entry.key}=${text(entry.value)}`);
        seen.push(
          `${position - first}: ${records.join()} -${batch.deletes.join()} -${batch.deleteRanges?.join('|') ?? ''}`,
        );
      }
      assert.deepEqual(seen, ['0: b=2 -a -x,y', '1: c=3 - -']);
      for await (const change of store.changes(second)) assert.fail(`unexpected ${change.position}`);
    }));
}

function leaseTests(createSite: CreateSite): void {
  test('a lease has one owner at a time and a higher epoch for each new one', () =>
    withStore(createSite, async (store) => {
      const mine = await store.lease('p1', 'me', 60_000);
      assert.equal(mine?.epoch, 1);
      assert.equal(await store.lease('p1', 'you', 60_000), undefined);
      assert.equal((await store.lease('p2', 'you', 60_000))?.epoch, 1);
      assert.equal((await store.renew(mine, 60_000))?.epoch, 1);
      await store.release(mine);
      const yours = await store.lease('p1', 'you', 60_000);
      assert.equal(yours?.epoch, 2);
      assert.equal(await store.renew(mine, 60_000), undefined);
      await store.release(mine);
      assert.equal((await store.renew(yours, 60_000))?.owner, 'you');
    }));

  test('a batch of a deposed owner is refused and leaves nothing behind', () =>
    withStore(createSite, async (store) => {
      const mine = await store.lease('p1', 'me', -1);
      assert.ok(mine);
      store.commit({ ...puts(put('a', 'mine')), lease: mine });
      const yours = await store.lease('p1', 'you', 60_000);
      assert.ok(yours);
      assert.throws(() => store.commit({ ...puts(put('a', 'late')), lease: mine }), StaleEpochError);
      assert.equal(text(store.get('a')), 'mine');
      store.commit({ ...puts(put('a', 'yours')), lease: yours });
      assert.equal(text(store.get('a')), 'yours');
    }));
}

function lifeTests(createSite: CreateSite): void {
  test('all that was committed is there after closing and opening again', async () => {
    const site = await createSite();
    let position: Position;
    {
      await using store = await site.open();
      store.commit(puts(put('a', '1'), put('b', '2'), put('c', '3')));
      await store.lease('p1', 'me', 60_000);
      await settle(store, site);
      store.commit(puts(put('c', '4')));
      position = store.commit({ puts: [put('d', '5')], deletes: ['a'] });
    }
    {
      await using store = await site.open();
      assert.deepEqual(
        store.range('', 'z').map((entry) => `${entry.key}${text(entry.value)}`),
        ['b2', 'c4', 'd5'],
      );
      assert.equal(store.durablePosition, position);
      assert.equal(store.nextPosition, position + 1);
      assert.equal((await store.lease('p1', 'you', 60_000))?.epoch, 2, 'who held it is gone');
    }
    await site.remove?.();
  });

  test('a closed store refuses commits', async () => {
    const site = await createSite();
    const store = await site.open();
    const position = store.commit(puts(put('a', '1')));
    await store.close();
    assert.equal(store.durablePosition, position);
    assert.throws(() => store.commit(puts(put('b', '1'))), StoreFailedError);
    await store.close();
    await site.remove?.();
  });
}

type Step =
  | { readonly kind: 'commit'; readonly batch: Batch }
  | {
      readonly kind: 'range';
      readonly from: Key;
      readonly to: Key;
      readonly limit: number;
      readonly reverse: boolean;
    }
  | { readonly kind: 'durable' | 'settle' | 'reopen' };

/** Few different keys, so that batches meet each other's records. */
const anyKey = fc
  .tuple(
    fc.constantFrom('', 'a', 'b', '\u0000', '\u00ff'),
    fc.constantFrom('a', 'b', 'c', '\u00fe', '\u00ff\u00ff'),
  )
  .map((parts) => parts.join(''));
const anyBatch = fc
  .record({
    keys: fc.uniqueArray(anyKey, { maxLength: 8 }),
    values: fc.array(fc.string({ maxLength: 6 }), { maxLength: 8 }),
    ranges: fc.array(fc.tuple(anyKey, anyKey), { maxLength: 2 }),
  })
  .map(({ keys, values, ranges }): Batch => {
    // The first keys get the values there are, the others are deleted.
    const deleteRanges = ranges.map(([a, b]): [Key, Key] => (a < b ? [a, b] : [b, a]));
    return {
      puts: keys.slice(0, values.length).map((key, index) => put(key, values[index] ?? '')),
      deletes: keys.slice(values.length),
      deleteRanges,
    };
  });
const anyStep: fc.Arbitrary<Step> = fc.oneof(
  { weight: 5, arbitrary: anyBatch.map((batch): Step => ({ kind: 'commit', batch })) },
  {
    weight: 5,
    arbitrary: fc.record({
      kind: fc.constant('range' as const),
      from: anyKey,
      to: anyKey,
      limit: fc.integer({ min: 1, max: 12 }),
      reverse: fc.boolean(),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.constantFrom<Step>({ kind: 'durable' }, { kind: 'settle' }, { kind: 'reopen' }),
  },
);

function modelTests(createSite: CreateSite): void {
  test('any course of commits, ranges, settling and reopening reads as a plain sorted map would', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(anyStep, { maxLength: 30 }), async (steps) => {
        const site = await createSite();
        let store = await site.open();
        const model = new Map<Key, string>();
        try {
          for (const step of steps) {
            if (step.kind === 'commit') {
              store.commit(step.batch);
              applyToModel(model, step.batch);
            } else if (step.kind === 'range') {
              checkRange(store, model, step);
            } else if (step.kind === 'durable') {
              await store.whenDurable(store.lastPosition);
            } else if (step.kind === 'settle') {
              await settle(store, site);
            } else {
              await store.close();
              store = await site.open();
            }
          }
          checkRange(store, model, { from: '', to: '\u00ff\u00ff\u00ff\u00ff', limit: 100, reverse: false });
          for (const key of model.keys()) assert.equal(text(store.get(key)), model.get(key));
        } finally {
          await store.close();
          await site.remove?.();
        }
      }),
      { numRuns: 40 },
    );
  });
}

function applyToModel(model: Map<Key, string>, batch: Batch): void {
  for (const [from, to] of batch.deleteRanges ?? []) {
    for (const key of Array.from(model.keys())) if (key >= from && key < to) model.delete(key);
  }
  for (const key of batch.deletes) model.delete(key);
  for (const { key, value } of batch.puts) model.set(key, text(value) ?? '');
}

function checkRange(
  store: Store,
  model: ReadonlyMap<Key, string>,
  range: { readonly from: Key; readonly to: Key; readonly limit: number; readonly reverse: boolean },
): void {
  const { from, to, limit, reverse } = range;
  const expected = [...model].filter(([key]) => key >= from && key < to).sort(([a], [b]) => (a < b ? -1 : 1));
  if (reverse) expected.reverse();
  const actual = store.range(from, to, { limit, reverse });
  assert.deepEqual(
    actual.map((entry) => [entry.key, text(entry.value)]),
    expected.slice(0, limit),
  );
}

async function settle(store: Store, site: StoreSite): Promise<void> {
  await store.whenDurable(store.lastPosition);
  await site.settle?.();
}
