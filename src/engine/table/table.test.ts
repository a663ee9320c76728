import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import fc from 'fast-check';
import { compareValues, type Item } from '../../lang/expression/attribute-value.ts';
import { encodeKeyValue } from '../../lang/expression/key-encoding.ts';
import { normalizeNumber } from '../../lang/expression/normalize.ts';
import { itemSizeBytes } from '../../lang/expression/size.ts';
import { prefixRange } from '../../storage/keys.ts';
import { createEngineFixture, type EngineFixture } from '../../testing/engine-fixture.ts';
import { ItemCache } from './item-cache.ts';
import { partitionRange, segmentRange } from './item-key.ts';
import { decodeItem, encodeItem } from './item-record.ts';
import type { KeyType } from './table-record.ts';
import type { Table } from './table.ts';
import { type NewTable, Tables } from './tables.ts';

const SCOPE = { account: '000000000000', region: 'us-east-1' };

function newTable(sortType: KeyType = 'S', name = 'events'): NewTable {
  return {
    ...SCOPE,
    name,
    keySchema: { partition: { name: 'pk', type: 'S' }, sort: { name: 'sk', type: sortType } },
    indexes: [],
    config: { isDeletionProtected: false },
    tags: {},
  };
}

function openTable(sortType?: KeyType, cache?: ItemCache) {
  const fixture = createEngineFixture();
  const tables = new Tables(fixture.loop, cache);
  tables.start();
  const table = fixture.loop.turn((turn) => tables.create(turn, newTable(sortType)));
  return { fixture, tables, table };
}

function put({ loop }: EngineFixture, table: Table, item: Item): void {
  loop.turn((turn) => table.put(turn, table.keyOf(item), item, itemSizeBytes(item)));
}

function sortKeys(table: Table, partition: string, reverse = false): Item[string][] {
  const found: Item[string][] = [];
  table.visit(partitionRange(table.partition(partition)), reverse, ({ item }) => {
    found.push(item['sk'] ?? {});
    return true;
  });
  return found;
}

suite('table', () => {
  test('tables, counts and items come back after a restart', async () => {
    const { fixture, table } = openTable();
    put(fixture, table, { pk: { S: 'p' }, sk: { S: 'a' }, bin: { B: Buffer.from([0, 255]) } });
    put(fixture, table, { pk: { S: 'p' }, sk: { S: 'b' } });
    const { stats } = table;
    await fixture.settle();
    const tables = new Tables(fixture.restart());
    tables.start();
    const again = tables.get(SCOPE, 'events');
    assert.ok(again);
    assert.deepEqual(again.stats, stats);
    assert.equal(again.record.id, table.record.id);
    const stored = again.get(again.keyOf({ pk: { S: 'p' }, sk: { S: 'a' } }));
    assert.deepEqual([...(stored?.item['bin']?.B ?? [])], [0, 255]);
    assert.deepEqual(sortKeys(again, 'p'), [{ S: 'a' }, { S: 'b' }]);
  });

  test('an item read from the cache, from the store and after a restart is the same', async () => {
    const sizeBytes = 1;
    const { fixture, table } = openTable('S', new ItemCache(sizeBytes));
    const item: Item = { pk: { S: 'p' }, sk: { S: 'a' }, n: { N: '5' } };
    put(fixture, table, item);
    const stored = table.get(table.keyOf(item));
    assert.deepEqual(stored?.item, item);
    assert.equal(stored?.position, table.position, 'what was read past the cache waits for the last write');
    await fixture.settle();
    const tables = new Tables(fixture.restart());
    tables.start();
    assert.deepEqual(tables.get(SCOPE, 'events')?.get(table.keyOf(item))?.item, item);
  });

  test('an item that was just written is told of only with the commit that holds it', async () => {
    const { fixture, table } = openTable();
    await fixture.settle();
    const item: Item = { pk: { S: 'p' }, sk: { S: 'a' } };
    put(fixture, table, item);
    const position = table.get(table.keyOf(item))?.position ?? 0;
    assert.ok(position > fixture.store.durablePosition, 'which is not on disk yet');
    assert.equal(table.position, position);
    await fixture.settle();
    assert.ok(position <= fixture.store.durablePosition);
  });

  test('a deleted table leaves no record behind', async () => {
    const { fixture, tables, table } = openTable();
    for (const sort of ['a', 'b', 'c']) put(fixture, table, { pk: { S: 'p' }, sk: { S: sort } });
    fixture.loop.turn((turn) => tables.delete(turn, table));
    await fixture.settle();
    assert.deepEqual(fixture.store.range(...prefixRange('')), []);
    const again = fixture.loop.turn((turn) => tables.create(turn, newTable()));
    assert.notEqual(again.prefix, table.prefix, 'a new generation shares no key with the old one');
    assert.deepEqual(sortKeys(again, 'p'), []);
  });

  test('tables whose names begin alike keep their items apart', () => {
    const { fixture, tables, table } = openTable();
    const other = fixture.loop.turn((turn) => tables.create(turn, newTable('S', 'events2')));
    put(fixture, other, { pk: { S: 'p' }, sk: { S: 'a' } });
    assert.deepEqual(sortKeys(table, 'p'), []);
    fixture.loop.turn((turn) => tables.delete(turn, table));
    assert.deepEqual(sortKeys(other, 'p'), [{ S: 'a' }]);
  });

  test('partition keys that begin alike, or hold the mark that ends a key, keep their items apart', () => {
    const { fixture, table } = openTable();
    const keys = ['p', 'p\u0000', 'p\u0000\u00ff', 'pp', '\u00ff', 'é'];
    for (const pk of keys) put(fixture, table, { pk: { S: pk }, sk: { S: pk } });
    for (const pk of keys) assert.deepEqual(sortKeys(table, pk), [{ S: pk }], JSON.stringify(pk));
  });

  test('items of a partition come in the order of their sort keys, whatever the type', () => {
    const sortValue: Record<KeyType, fc.Arbitrary<Item[string]>> = {
      S: fc.string({ unit: 'grapheme', minLength: 1, maxLength: 4 }).map((S) => ({ S })),
      N: fc
        .double({ noNaN: true, min: -1e6, max: 1e6 })
        .map((value) => ({ N: normalizeNumber(value.toFixed(3)) })),
      B: fc.uint8Array({ minLength: 1, maxLength: 4 }).map((bytes) => ({ B: Buffer.from(bytes) })),
    };
    for (const type of ['S', 'N', 'B'] as const) {
      fc.assert(
        fc.property(
          fc.uniqueArray(sortValue[type], { maxLength: 40, selector: (value) => encodeKeyValue(value) }),
          (values) => {
            const { fixture, table } = openTable(type);
            for (const sk of values) put(fixture, table, { pk: { S: 'p' }, sk });
            const expected = values.toSorted((a, b) => compareValues(a, b) ?? 0);
            const texts = (list: Item[string][]) => list.map((value) => encodeKeyValue(value));
            assert.deepEqual(texts(sortKeys(table, 'p')), texts(expected));
            assert.deepEqual(texts(sortKeys(table, 'p', true)), texts(expected.toReversed()));
          },
        ),
        { numRuns: 30 },
      );
    }
  });

  test('segments share out all items, each to one of them', () => {
    const { fixture, table } = openTable();
    const ids = Array.from({ length: 100 }, (_, index) => `id-${index}`);
    for (const pk of ids) put(fixture, table, { pk: { S: pk }, sk: { S: 'x' } });
    for (const count of [1, 2, 3, 7, 1_000_000]) {
      const seen: string[] = [];
      const segments = count < 10 ? Array.from({ length: count }, (_, index) => index) : [];
      for (const segment of segments) {
        table.visit(segmentRange(table.prefix, segment, count), false, ({ item }) => {
          seen.push(item['pk']?.S ?? '');
          return true;
        });
      }
      if (segments.length > 0) assert.deepEqual(seen.toSorted(), ids.toSorted());
    }
    assert.equal(
      segmentRange(table.prefix, 41, 1_000_000).to,
      segmentRange(table.prefix, 42, 1_000_000).from,
    );
  });

  test('a long walk lets others in, and sees what they wrote ahead of it', async () => {
    const { fixture, table } = openTable();
    const data = { S: 'x'.repeat(1000) };
    for (let index = 0; index < 500; index += 1) {
      put(fixture, table, { pk: { S: 'p' }, sk: { S: `a${String(index).padStart(4, '0')}` }, data });
    }
    const seen: string[] = [];
    const range = partitionRange(table.partition('p'));
    const walking = table.walk(range, false, ({ item }) => {
      seen.push(item['sk']?.S ?? '');
      return true;
    });
    assert.ok(seen.length > 0 && seen.length < 500, 'the first step is done, and only that');
    put(fixture, table, { pk: { S: 'p' }, sk: { S: 'z' } });
    await walking;
    assert.equal(seen.length, 501);
    assert.equal(seen.at(-1), 'z');
  });

  test('the counts follow any series of writes', () => {
    const write = fc.record({ sk: fc.constantFrom('a', 'b', 'c'), size: fc.nat(20), remove: fc.boolean() });
    fc.assert(
      fc.property(fc.array(write, { maxLength: 30 }), (writes) => {
        const { fixture, table } = openTable();
        const model = new Map<string, number>();
        for (const { sk, size, remove } of writes) {
          const item: Item = { pk: { S: 'p' }, sk: { S: sk }, data: { S: 'x'.repeat(size) } };
          if (remove) {
            fixture.loop.turn((turn) => table.delete(turn, table.keyOf(item)));
            model.delete(sk);
          } else {
            put(fixture, table, item);
            model.set(sk, itemSizeBytes(item));
          }
        }
        const sizeBytes = [...model.values()].reduce((sum, size) => sum + size, 0);
        assert.deepEqual(table.stats, { itemCount: model.size, sizeBytes });
      }),
    );
  });

  test('a write that is refused changes neither the item nor the counts', () => {
    const { fixture, table } = openTable();
    put(fixture, table, { pk: { S: 'p' }, sk: { S: 'a' }, n: { N: '1' } });
    const before = { stats: table.stats, position: table.position };
    assert.throws(() =>
      fixture.loop.turn(() => {
        throw new Error('the condition failed');
      }),
    );
    assert.deepEqual({ stats: table.stats, position: table.position }, before);
  });
});

suite('item record', () => {
  test('an item with binaries at any depth comes back as it was', () => {
    const item: Item = {
      b: { B: Buffer.from([1, 2]) },
      bs: { BS: [Buffer.from([3])] },
      m: { M: { l: { L: [{ B: Buffer.from([4]) }, { S: 'text' }] } } },
    };
    const decoded = decodeItem(encodeItem({ item, sizeBytes: 9 }));
    assert.deepEqual(decoded, { item, sizeBytes: 9 });
  });

  test('names of the object prototype are names like any other', () => {
    const item = JSON.parse('{"__proto__":{"S":"x"},"constructor":{"N":"1"}}') as Item;
    assert.equal(JSON.stringify(decodeItem(encodeItem({ item, sizeBytes: 1 })).item), JSON.stringify(item));
  });
});

suite('item cache', () => {
  test('forgets what was used longest ago when it is full', () => {
    const cache = new ItemCache(3 * (512 + 100));
    const stored = { item: {}, sizeBytes: 100, position: 1 };
    for (const key of ['a', 'b', 'c']) cache.set(key, stored);
    cache.get('a');
    cache.set('d', stored);
    assert.deepEqual(
      ['a', 'b', 'c', 'd'].map((key) => cache.get(key) !== undefined),
      [true, false, true, true],
    );
  });

  test('goes on forgetting in order, however long it is used', () => {
    const cache = new ItemCache(3 * (512 + 100));
    const stored = { item: {}, sizeBytes: 100, position: 1 };
    for (let count = 0; count < 20; count += 1) {
      cache.set(`k${count}`, stored);
      cache.get('k0');
      if (count % 5 === 4) for (const key of [`k${count}`, `k${count - 1}`]) cache.delete(key);
    }
    const kept = Array.from({ length: 20 }, (_, count) => `k${count}`).filter((key) => cache.get(key));
    assert.deepEqual(kept, ['k0']);
    cache.delete('k0');
    for (const key of ['x', 'y', 'z', 'x', 'w']) cache.set(key, stored);
    assert.deepEqual(
      ['w', 'x', 'y', 'z'].filter((key) => cache.get(key)),
      ['w', 'x', 'z'],
    );
  });

  test('an item larger than the cache is not kept', () => {
    const cache = new ItemCache(100);
    cache.set('a', { item: {}, sizeBytes: 200, position: 1 });
    assert.equal(cache.get('a'), undefined);
  });
});
