import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import type { Item } from '../../lang/expression/attribute-value.ts';
import { itemSizeBytes } from '../../lang/expression/size.ts';
import { createEngineFixture } from '../../testing/engine-fixture.ts';
import { Tables } from './tables.ts';
import { isExpired } from './time-to-live.ts';

const MINUTE_MS = 60_000;

function openTable() {
  const fixture = createEngineFixture();
  const tables = new Tables(fixture.loop);
  tables.start();
  const table = fixture.loop.turn((turn) =>
    tables.create(turn, {
      account: '000000000000',
      region: 'us-east-1',
      name: 'sessions',
      keySchema: { partition: { name: 'id', type: 'S' } },
      indexes: [],
      config: { isDeletionProtected: false },
      timeToLive: { attributeName: 'expires', isEnabled: true },
      tags: {},
    }),
  );
  const put = (id: string, expires?: Item[string]): void => {
    const item: Item = { id: { S: id }, ...(expires === undefined ? {} : { expires }) };
    fixture.loop.turn((turn) => table.put(turn, table.keyOf(item), item, itemSizeBytes(item)));
  };
  const has = (id: string): boolean => table.get(table.keyOf({ id: { S: id } })) !== undefined;
  return { ...fixture, tables, table, put, has };
}

suite('time to live', () => {
  test('an item goes within a minute after its time, and not before', async () => {
    const { clock, put, has } = openTable();
    put('soon', { N: String(clock.now() / 1000 + 90) });
    put('late', { N: String(clock.now() / 1000 + 3600) });
    put('never');
    await clock.advance(MINUTE_MS + 1000);
    assert.equal(has('soon'), true);
    await clock.advance(MINUTE_MS);
    assert.deepEqual(['soon', 'late', 'never'].map(has), [false, true, true]);
  });

  test('a table larger than a slice is walked to its end, in commits of their own', async () => {
    const { clock, put, table, settle } = openTable();
    const expires = { N: String(clock.now() / 1000 - 10) };
    for (let index = 0; index < 1000; index += 1) put(`id-${index}`, expires);
    await settle();
    await clock.advance(2 * MINUTE_MS);
    assert.deepEqual(table.stats, { itemCount: 0, sizeBytes: 0 });
  });

  test('only numbers of seconds in the last five years count', () => {
    const now = Date.UTC(2026, 0, 1);
    const seconds = now / 1000;
    const cases: [Item[string], boolean][] = [
      [{ N: String(seconds) }, true],
      [{ N: String(seconds + 1) }, false],
      [{ N: String(seconds - 4 * 365 * 86_400) }, true],
      [{ N: String(seconds - 6 * 365 * 86_400) }, false],
      [{ N: '0' }, false],
      [{ S: String(seconds - 10) }, false],
    ];
    for (const [expires, expected] of cases) {
      assert.equal(isExpired({ expires }, 'expires', now), expected, JSON.stringify(expires));
    }
  });

  test('a table deleted or switched off meanwhile is left alone', async () => {
    const { clock, loop, tables, table, put, has } = openTable();
    put('a', { N: String(clock.now() / 1000 - 10) });
    loop.turn((turn) =>
      tables.update(turn, table, { timeToLive: { attributeName: 'expires', isEnabled: false } }),
    );
    await clock.advance(2 * MINUTE_MS);
    assert.equal(has('a'), true);
    loop.turn((turn) => tables.delete(turn, table));
    await clock.advance(2 * MINUTE_MS);
  });
});
