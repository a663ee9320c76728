import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { iamId, randomText, uuid } from './ids.ts';
import { type Random, seededRandom } from './random.ts';

test('a uuid has the form of version 4 whatever is drawn, and keeps all bits that are not fixed', () => {
  const form = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;
  const word = fc.nat(2 ** 32 - 1);
  fc.assert(
    fc.property(word, word, word, word, (...words) => {
      const rest = [...words];
      const random: Random = { uint32: () => rest.shift() ?? 0 };
      const id = uuid(random);
      assert.match(id, form);
      const digits = BigInt(`0x${id.replaceAll('-', '')}`);
      const drawn = words.reduce((bits, value) => (bits << 32n) | BigInt(value), 0n);
      const fixed = (0xfn << 76n) | (0xcn << 60n);
      assert.equal(digits | fixed, drawn | fixed);
    }),
  );
});

test('ids of one source differ', () => {
  const random = seededRandom(1);
  const ids = Array.from({ length: 10_000 }, () => uuid(random));
  assert.equal(new Set(ids).size, ids.length);
});

test('random texts have the length that was asked for and letters of their alphabet alone', () => {
  fc.assert(
    fc.property(
      fc.nat(),
      fc.nat(50),
      fc.constantFrom('ab', '01234567', 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'),
      (seed, length, alphabet) => {
        const text = randomText(seededRandom(seed), length, alphabet);
        assert.equal(text.length, length);
        for (const letter of text) assert.ok(alphabet.includes(letter));
      },
    ),
  );
});

test('an id of IAM is a prefix and 17 letters and digits', () => {
  assert.match(iamId(seededRandom(1), 'AROA'), /^AROA[A-Z2-7]{17}$/);
});
