import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import fc from 'fast-check';
import type { Item } from '../../lang/expression/attribute-value.ts';
import { itemSizeBytes } from '../../lang/expression/size.ts';
import { prefixRange } from '../../storage/keys.ts';
import { createEngineFixture } from '../../testing/engine-fixture.ts';
import { partitionRange, partitionPrefix, segmentRange } from './item-key.ts';
import type { IndexRecord } from './table-record.ts';
import type { Table } from './table.ts';
import { Tables } from './tables.ts';

const SCOPE = { account: '000000000000', region: 'us-east-1' };

const BY_STATE: IndexRecord = {
  name: 'byState',
  kind: 'global',
  keySchema: { partition: { name: 'state', type: 'S' }, sort: { name: 'amount', type: 'N' } },
  projectionType: 'INCLUDE',
  includedAttributes: ['note'],
};

function openTable() {
  const fixture = createEngineFixture();
  const tables = new Tables(fixture.loop);
  const table = fixture.loop.turn((turn) =>
    tables.create(turn, {
      ...SCOPE,
      name: 'orders',
      keySchema: { partition: { name: 'id', type: 'S' } },
      indexes: [BY_STATE],
      config: { isDeletionProtected: false },
      tags: {},
    }),
  );
  const put = (item: Item): void =>
    fixture.loop.turn((turn) => table.put(turn, table.keyOf(item), item, itemSizeBytes(item)));
  const remove = (item: Item): void => fixture.loop.turn((turn) => table.delete(turn, table.keyOf(item)));
  return { ...fixture, tables, table, put, remove };
}

/** The ids of the items in the index, in its order within a partition. */
function idsInIndex(table: Table): string[] {
  const ids: string[] = [];
  const [index] = table.indexes;
  table.visit(segmentRange(index?.prefix ?? '', 0, 1), false, ({ item }) => {
    ids.push(item['id']?.S ?? '');
    return true;
  });
  return ids;
}

suite('table index', () => {
  test('after any series of writes it holds the items that have its key, and counts them', () => {
    const write = fc.record({
      id: fc.constantFrom('a', 'b', 'c'),
      state: fc.constantFrom(undefined, 'open', 'paid'),
      amount: fc.constantFrom(undefined, '1', '2'),
      remove: fc.boolean(),
    });
    fc.assert(
      fc.property(fc.array(write, { maxLength: 25 }), (writes) => {
        const { table, put, remove } = openTable();
        const model = new Map<string, Item>();
        for (const { id, state, amount, remove: isRemoved } of writes) {
          const item: Item = {
            id: { S: id },
            secret: { S: 'x' },
            ...(state === undefined ? {} : { state: { S: state } }),
            ...(amount === undefined ? {} : { amount: { N: amount } }),
          };
          if (isRemoved) {
            remove(item);
            model.delete(id);
          } else {
            put(item);
            model.set(id, item);
          }
        }
        const held = [...model.values()].filter((item) => item['state'] && item['amount']);
        const ids = held.map((item) => item['id']?.S ?? '');
        assert.deepEqual(idsInIndex(table).toSorted(), ids.toSorted());
        const sizeBytes = held.reduce((sum, item) => sum + itemSizeBytes(item) - 'secretx'.length, 0);
        assert.deepEqual(table.indexStats('byState'), { itemCount: held.length, sizeBytes });
      }),
    );
  });

  test('entries come back after a restart and go with the table', async () => {
    const { restart, settle, store, table, tables, put, loop } = openTable();
    put({ id: { S: 'a' }, state: { S: 'open' }, amount: { N: '2' } });
    put({ id: { S: 'b' }, state: { S: 'open' }, amount: { N: '-1' } });
    await settle();
    const recovered = new Tables(restart());
    recovered.start();
    const again = recovered.get(SCOPE, 'orders');
    assert.ok(again);
    assert.deepEqual(idsInIndex(again), ['b', 'a']);
    assert.deepEqual(again.indexStats('byState'), table.indexStats('byState'));
    loop.turn((turn) => tables.delete(turn, table));
    await settle();
    assert.deepEqual(store.range(...prefixRange('')), []);
  });

  test('a change that the index does not show writes nothing to it', () => {
    const { table } = openTable();
    const [index] = table.indexes;
    const decoded = (more: Item) => {
      const item: Item = { id: { S: 'a' }, state: { S: 'open' }, amount: { N: '2' }, ...more };
      return { item, sizeBytes: itemSizeBytes(item) };
    };
    assert.deepEqual(index?.writeSizes(decoded({}), decoded({ secret: { S: 'new' } })), []);
    assert.equal(index?.writeSizes(decoded({}), decoded({ note: { S: 'new' } })).length, 1);
    assert.equal(index?.writeSizes(decoded({}), decoded({ amount: { N: '3' } })).length, 2);
    assert.equal(index?.writeSizes(undefined, decoded({})).length, 1);
    assert.equal(index?.writeSizes(undefined, undefined).length, 0);
  });
});

suite('an index that comes to a table with items', () => {
  const BY_NOTE: IndexRecord = {
    name: 'byNote',
    kind: 'global',
    keySchema: { partition: { name: 'note', type: 'S' } },
    projectionType: 'ALL',
    includedAttributes: [],
  };

  function openFilled() {
    const fixture = openTable();
    const ids = Array.from({ length: 450 }, (_, index) => `id-${index}`);
    for (const id of ids) fixture.put({ id: { S: id }, note: { S: 'n' } });
    return { ...fixture, ids };
  }

  function notes(table: Table): { ids: string[]; isFilling: boolean } {
    const index = table.indexes.find(({ record }) => record.name === 'byNote');
    const ids: string[] = [];
    table.visit(segmentRange(index?.prefix ?? '', 0, 1), false, ({ item }) => {
      ids.push(item['id']?.S ?? '');
      return true;
    });
    return { ids: ids.toSorted(), isFilling: index?.record.isFilling === true };
  }

  test('is filled in slices, while writes go on, and counts each item once', async () => {
    const { clock, loop, tables, table, put, remove, ids, settle } = openFilled();
    await settle();
    loop.turn((turn) => tables.addIndex(turn, table, BY_NOTE));
    await settle();
    assert.equal(notes(table).isFilling, true);
    const [removed, unnoted] = [ids.slice(0, 40), ids.slice(40, 70)];
    const late = Array.from({ length: 9 }, (_, index) => `late-${index}`);
    for (const id of ids) put({ id: { S: id }, note: { S: 'changed' } });
    for (const id of removed) remove({ id: { S: id } });
    for (const id of unnoted) put({ id: { S: id } });
    for (const id of late) put({ id: { S: id }, note: { S: 'n' } });
    await clock.advance(1000);
    const expected = [...ids.slice(70), ...late];
    assert.deepEqual(notes(table), { ids: expected.toSorted(), isFilling: false });
    assert.equal(table.indexStats('byNote').itemCount, expected.length);
  });

  test('is filled anew after a crash in the middle', async () => {
    const { clock, loop, tables, table, ids, settle, restart } = openFilled();
    loop.turn((turn) => tables.addIndex(turn, table, BY_NOTE));
    await settle();
    assert.equal(notes(table).isFilling, true);
    loop.timers.close();
    const recovered = new Tables(restart());
    recovered.start();
    await clock.advance(1000);
    const again = recovered.get(SCOPE, 'orders');
    assert.ok(again);
    assert.deepEqual(notes(again), { ids: ids.toSorted(), isFilling: false });
    assert.equal(again.indexStats('byNote').itemCount, ids.length);
  });

  test('leaves nothing behind when it goes', async () => {
    const { clock, loop, tables, table, store, settle } = openFilled();
    const before = store.range(...prefixRange('')).length;
    loop.turn((turn) => tables.addIndex(turn, table, BY_NOTE));
    await clock.advance(1000);
    const index = table.indexes.find(({ record }) => record.name === 'byNote');
    assert.ok(index);
    loop.turn((turn) => tables.removeIndex(turn, table, index));
    await settle();
    assert.equal(store.range(...prefixRange('')).length, before);
    assert.deepEqual(table.record.indexes, [BY_STATE]);
  });
});

suite('item key', () => {
  test('a partition key that goes on after a zero byte is no part of the shorter one, even with its hash', () => {
    const shorter = partitionPrefix('', 'p');
    const range = partitionRange(shorter);
    // What a key would be whose hash is that of the shorter one.
    const crafted = `${shorter}\u00ffrest\u0000`;
    assert.ok(crafted >= range.to || crafted < range.from);
    assert.ok(`${shorter}sort\u0000` < range.to, 'while sort keys are');
  });
});
