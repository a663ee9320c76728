import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { type Random, randomBelow, randomFloat, seededRandom, systemRandom } from './random.ts';

const draw = (random: Random, count: number): number[] =>
  Array.from({ length: count }, () => random.uint32());

test('a seed gives the same numbers each time, and different seeds different ones', () => {
  fc.assert(
    fc.property(fc.maxSafeNat(), fc.maxSafeNat(), (seed, other) => {
      fc.pre(seed !== other);
      assert.deepEqual(draw(seededRandom(seed), 20), draw(seededRandom(seed), 20));
      assert.notDeepEqual(draw(seededRandom(seed), 20), draw(seededRandom(other), 20));
    }),
  );
});

test('every source draws whole numbers of 32 bits', () => {
  for (const random of [seededRandom(1), systemRandom]) {
    // More than the pool of the system's source holds.
    for (const value of draw(random, 5000)) {
      assert.ok(Number.isInteger(value) && value >= 0 && value < 2 ** 32, String(value));
    }
  }
});

test('every bit of a seeded source is set about half of the time', () => {
  const counts = Array.from({ length: 32 }, () => 0);
  for (const value of draw(seededRandom(3), 10_000)) {
    for (let bit = 0; bit < 32; bit += 1) counts[bit] = (counts[bit] ?? 0) + ((value >>> bit) & 1);
  }
  // Six standard deviations of 10,000 tosses of a coin are 300.
  for (const [bit, count] of counts.entries()) {
    assert.ok(count > 4700 && count < 5300, `bit ${bit} was set ${count} times`);
  }
});

test('a fraction lies from 0 up to but not at 1, even at the ends of what is drawn', () => {
  const constant = (value: number): Random => ({ uint32: () => value });
  assert.equal(randomFloat(constant(0)), 0);
  assert.ok(randomFloat(constant(2 ** 32 - 1)) < 1);
  fc.assert(
    fc.property(fc.nat(2 ** 32 - 1), fc.integer({ min: 1, max: 2 ** 32 }), (value, limit) => {
      const fraction = randomFloat(constant(value));
      assert.ok(fraction >= 0 && fraction < 1);
      const below = randomBelow(constant(value), limit);
      assert.ok(Number.isInteger(below) && below >= 0 && below < limit, `${below} of ${limit}`);
    }),
  );
});

test('numbers below a limit come out evenly', () => {
  const random = seededRandom(5);
  const counts = [0, 0, 0, 0, 0, 0, 0];
  for (let count = 0; count < 7000; count += 1) {
    const value = randomBelow(random, counts.length);
    counts[value] = (counts[value] ?? 0) + 1;
  }
  for (const count of counts) assert.ok(count > 820 && count < 1180, counts.join(', '));
  assert.throws(() => randomBelow(random, 0), /positive limit/);
});
