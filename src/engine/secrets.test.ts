import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite, test } from 'node:test';
import { createSecretBox, ephemeralSecretKey, loadSecretKey } from './secrets.ts';

suite('a secret box', () => {
  test('opens what it sealed, and never seals the same bytes twice', () => {
    const box = createSecretBox(ephemeralSecretKey());
    const sealed = box.seal('söcret', 'record/1');
    assert.equal(box.open(sealed, 'record/1'), 'söcret');
    assert.ok(!sealed.includes('cret'));
    assert.notDeepEqual(box.seal('söcret', 'record/1'), sealed);
    assert.equal(box.open(box.seal('', 'a'), 'a'), '');
  });

  test('does not open bytes moved to another record', () => {
    const box = createSecretBox(ephemeralSecretKey());
    assert.throws(() => box.open(box.seal('secret', 'record/1'), 'record/2'));
  });

  test('does not open bytes of another key, nor any with a flipped bit', () => {
    const box = createSecretBox(ephemeralSecretKey());
    const sealed = box.seal('secret', 'a');
    assert.throws(() => createSecretBox(ephemeralSecretKey()).open(sealed, 'a'));
    for (let index = 0; index < sealed.length; index += 1) {
      const flipped = Buffer.from(sealed);
      flipped[index] = (flipped[index] ?? 0) ^ 1;
      assert.throws(() => box.open(flipped, 'a'), `byte ${index}`);
    }
    assert.throws(() => box.open(sealed.subarray(0, 20), 'a'));
  });
});

suite('the key file', () => {
  test('is made once, readable by its owner alone, and found again', (t) => {
    const directory = mkdtempSync(join(tmpdir(), 'millrace-'));
    t.after(() => rmSync(directory, { recursive: true }));
    const path = join(directory, 'secret.key');
    const key = loadSecretKey(path);
    assert.deepEqual(loadSecretKey(path), key);
    assert.equal(statSync(path).mode & 0o777, 0o600);
    assert.deepEqual(readdirSync(directory), ['secret.key']);
  });

  test('of the wrong size is refused, not replaced', (t) => {
    const directory = mkdtempSync(join(tmpdir(), 'millrace-'));
    t.after(() => rmSync(directory, { recursive: true }));
    writeFileSync(join(directory, 'secret.key'), 'short');
    assert.throws(() => loadSecretKey(join(directory, 'secret.key')), /is no key file/);
  });
});
