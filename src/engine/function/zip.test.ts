import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite, test, type TestContext } from 'node:test';
import { crc32, deflateRawSync } from 'node:zlib';
import { unpackZip } from './zip.ts';

interface CraftedEntry {
  readonly name: string;
  readonly data?: Buffer;
  readonly mode?: number;
  /** What the headers say, where that is not the truth. */
  readonly crc32?: number;
  readonly size?: number;
  readonly flags?: number;
}

/** A zip file that says what it is told to say: honest tools would not make these. */
function craft(entries: readonly CraftedEntry[]): Buffer {
  const locals: Buffer[] = [];
  const centrals: Buffer[] = [];
  let offset = 0;
  for (const entry of entries) {
    const { name, data = Buffer.alloc(0), mode = 0o100644, flags = 0 } = entry;
    const nameBytes = Buffer.from(name);
    const packed = deflateRawSync(data);
    const common = Buffer.alloc(26);
    common.writeUInt16LE(20, 0);
    common.writeUInt16LE(flags, 2);
    common.writeUInt16LE(8, 4);
    common.writeUInt32LE(entry.crc32 ?? crc32(data), 10);
    common.writeUInt32LE(packed.length, 14);
    common.writeUInt32LE(entry.size ?? data.length, 18);
    common.writeUInt16LE(nameBytes.length, 22);
    const local = Buffer.concat([Buffer.from('PK\u0003\u0004'), common, nameBytes, packed]);
    const rest = Buffer.alloc(14);
    rest.writeUInt32LE(((mode << 16) >>> 0) >>> 0, 6);
    rest.writeUInt32LE(offset, 10);
    centrals.push(
      Buffer.concat([Buffer.from('PK\u0001\u0002'), Buffer.from([20, 3]), common, rest, nameBytes]),
    );
    locals.push(local);
    offset += local.length;
  }
  const central = Buffer.concat(centrals);
  const end = Buffer.alloc(18);
  end.writeUInt16LE(entries.length, 4);
  end.writeUInt16LE(entries.length, 6);
  end.writeUInt32LE(central.length, 8);
  end.writeUInt32LE(offset, 12);
  return Buffer.concat([...locals, central, Buffer.from('PK\u0005\u0006'), end]);
}

function directory(context: TestContext): { readonly root: string; readonly inside: string } {
  const root = mkdtempSync(join(tmpdir(), 'millrace-zip-'));
  context.after(() => rmSync(root, { recursive: true, force: true }));
  const inside = join(root, 'inside');
  mkdirSync(inside);
  return { root, inside };
}

suite('a deployment package', () => {
  test('is unpacked with its directories, its contents and its executable bits', async (context) => {
    const { inside } = directory(context);
    await unpackZip(
      craft([
        { name: 'lib/', mode: 0o040755 },
        { name: 'lib/deep/code.js', data: Buffer.from('code') },
        { name: 'bootstrap', data: Buffer.from('#!'), mode: 0o100700 },
        { name: 'plain', data: Buffer.from('x'), mode: 0 },
      ]),
      inside,
    );
    assert.equal(readFileSync(join(inside, 'lib/deep/code.js'), 'utf8'), 'code');
    assert.equal(statSync(join(inside, 'bootstrap')).mode & 0o777, 0o744);
    assert.equal(statSync(join(inside, 'plain')).mode & 0o111, 0);
  });

  const data = Buffer.from('data');
  for (const [what, bytes, kind] of [
    ['is no zip file', Buffer.from('hello'), 'damaged'],
    ['is cut off', craft([{ name: 'a', data }]).subarray(0, 40), 'damaged'],
    ['is empty', craft([]), 'empty'],
    ['holds directories alone', craft([{ name: 'a/', mode: 0o040755 }]), 'empty'],
    ['climbs out', craft([{ name: '../outside', data }]), 'damaged'],
    ['climbs out from within', craft([{ name: 'a/../../outside', data }]), 'damaged'],
    ['names an absolute path', craft([{ name: '/outside', data }]), 'damaged'],
    ['names a drive', craft([{ name: 'C:/outside', data }]), 'damaged'],
    ['climbs out by backslashes', craft([{ name: '..\\outside', data }]), 'damaged'],
    ['holds a symbolic link', craft([{ name: 'a', data: Buffer.from('/etc'), mode: 0o120777 }]), 'damaged'],
    ['holds a device', craft([{ name: 'a', data, mode: 0o020644 }]), 'damaged'],
    [
      'holds a name twice',
      craft([
        { name: 'a', data },
        { name: 'a', data },
      ]),
      'damaged',
    ],
    [
      'holds a file where a directory is',
      craft([
        { name: 'a/b', data },
        { name: 'a', data },
      ]),
      'damaged',
    ],
    [
      'holds a directory below a file',
      craft([
        { name: 'a', data },
        { name: 'a/b', data },
      ]),
      'damaged',
    ],
    ['holds a name with a zero byte', craft([{ name: 'a\0b', data }]), 'damaged'],
    ['holds a name that no file can have', craft([{ name: 'a'.repeat(5000), data }]), 'damaged'],
    ['is encrypted', craft([{ name: 'a', data, flags: 1 }]), 'damaged'],
    ['does not fit its checksum', craft([{ name: 'a', data, crc32: 1 }]), 'damaged'],
    ['is longer than it says', craft([{ name: 'a', data: Buffer.alloc(100_000), size: 10 }]), 'damaged'],
    ['is shorter than it says', craft([{ name: 'a', data, size: 1000 }]), 'damaged'],
  ] as const) {
    test(`that ${what} is refused, and nothing is written outside`, async (context) => {
      const { root, inside } = directory(context);
      await assert.rejects(unpackZip(bytes, inside), { name: 'ZipError', kind });
      assert.deepEqual(readdirSync(root), ['inside']);
    });
  }

  test('is counted while it inflates: a small file of much is stopped at the limit', async (context) => {
    const { inside } = directory(context);
    const bomb = craft([1, 2, 3].map((count) => ({ name: `zeros${count}`, data: Buffer.alloc(1_000_000) })));
    assert.ok(bomb.length < 10_000);
    await assert.rejects(unpackZip(bomb, inside, 2_500_000), { kind: 'too-large' });
    const written = readdirSync(inside).map((name) => statSync(join(inside, name)).size);
    assert.ok(written.reduce((sum, size) => sum + size) <= 2_500_000);
  });

  test('of more entries than the format counts is refused', async (context) => {
    const { inside } = directory(context);
    const bytes = craft([{ name: 'a', data }]);
    // In the end record, where a reader takes it from.
    bytes.writeUInt16LE(65_535, bytes.length - 14);
    bytes.writeUInt16LE(65_535, bytes.length - 12);
    await assert.rejects(unpackZip(bytes, inside), { name: 'ZipError' });
  });
});
