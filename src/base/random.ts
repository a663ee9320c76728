/**
 * Randomness as an argument. The system source feeds the running server; a seeded source makes a simulation, a
 * demo or a replayed transition come out the same every time.
 */
import { randomBytes } from 'node:crypto';
import { invariant } from './assert.ts';

export interface Random {
  /** A whole number from 0 to 2^32-1. */
  uint32(): number;
}

/** Drawing from a pool costs 0.1 us a number; asking the system for each costs 10 times that. */
const POOL_SIZE_BYTES = 4096;

class SystemRandom implements Random {
  #pool = Buffer.alloc(0);
  #offset = 0;

  uint32(): number {
    if (this.#offset + 4 > this.#pool.length) {
      this.#pool = randomBytes(POOL_SIZE_BYTES);
      this.#offset = 0;
    }
    const value = this.#pool.readUInt32LE(this.#offset);
    this.#offset += 4;
    return value;
  }
}

export const systemRandom: Random = new SystemRandom();

/** A reproducible source (the sfc32 generator), good for simulation and never for secrets. */
export function seededRandom(seed: number): Random {
  let a = 0x9e3779b9 ^ seed;
  let b = 0x243f6a88;
  let c = Math.floor(seed / 2 ** 32) ^ 0xb7e15162;
  let counter = 1;
  const uint32 = (): number => {
    const mixed = (((a + b) | 0) + counter) | 0;
    counter = (counter + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = (c << 21) | (c >>> 11);
    c = (c + mixed) | 0;
    return mixed >>> 0;
  };
  for (let round = 0; round < 12; round += 1) uint32();
  return { uint32 };
}

/** A number in [0, 1) with 53 random bits. */
export function randomFloat(random: Random): number {
  return (random.uint32() * 2 ** 21 + (random.uint32() >>> 11)) / 2 ** 53;
}

/** A whole number from 0 to `limit - 1`. */
export function randomBelow(random: Random, limit: number): number {
  invariant(limit > 0, 'randomBelow needs a positive limit');
  return Math.floor(randomFloat(random) * limit);
}
