import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite, test } from 'node:test';
import { RECORD_HEAD_BYTES, sealRecord } from '../sealed-record.ts';
import { createFiles, openForReading, openForWriting, storeFiles } from './database.ts';
import { TableReader } from './table-reader.ts';

suite('a walk over the table', () => {
  test('stays at its end, whatever the writer brings to the table meanwhile', (context) => {
    const parent = mkdtempSync(join(tmpdir(), 'millrace-reader-'));
    context.after(() => rmSync(parent, { recursive: true }));
    const files = storeFiles(join(parent, 'store'));
    createFiles(files);
    using writing = openForWriting(files, 'OFF');
    using reading = openForReading(files);
    const insert = writing.prepare('INSERT INTO record VALUES (?, ?)');
    const put = (key: string): void => {
      const room = Buffer.alloc(RECORD_HEAD_BYTES + 1);
      sealRecord(key, room);
      insert.run(Buffer.from(key, 'latin1'), room);
    };
    const reader = new TableReader(reading, () => assert.fail('nothing is damaged'));
    // A record that came out of the overlay would come out of the table a second time.
    for (const present of [[], ['a'], ['a', 'b']]) {
      for (const key of present) if (reader.get(key) === undefined) put(key);
      for (const limit of [1, 2, 100]) {
        const walk = reader.walk('', 'z', { limit, reverse: false });
        for (const key of present) assert.equal(walk.next()?.key, key);
        assert.equal(walk.next(), undefined);
        put(`y${present.length}${limit}`);
        assert.equal(walk.next(), undefined, `limit ${limit} after ${present.join()}`);
        writing.exec(`DELETE FROM record WHERE key >= x'79'`);
      }
    }
  });
});
