/**
 * The first draw of java.util.Random, the generator behind AWS's seeded functions: a linear congruential generator
 * of 48 bits. `$random(42)` of Step Functions' JSONata answers 0.7275636800328681, its first nextDouble().
 */
const MULTIPLIER = 0x5deece66dn;
const INCREMENT = 0xbn;
const MASK = (1n << 48n) - 1n;

/** A number in [0, 1) that depends on the seed alone. */
export function javaRandomFloat(seed: number): number {
  let state = (BigInt(seed) ^ MULTIPLIER) & MASK;
  const bits = (count: bigint): bigint => {
    state = (state * MULTIPLIER + INCREMENT) & MASK;
    return state >> (48n - count);
  };
  const high = bits(26n);
  return Number((high << 27n) + bits(27n)) / 2 ** 53;
}
