import assert from 'node:assert/strict';
import { test } from 'node:test';
import { allocateBytes, allocatePooled, joinBytes, releaseBytes } from './large-bytes.ts';

const LARGE = 2 ** 20;
const isResizable = ({ buffer }: Buffer): boolean => buffer instanceof ArrayBuffer && buffer.resizable;

test('large bytes have pages of their own, small ones do not', () => {
  for (const allocate of [allocateBytes, allocatePooled]) {
    assert.deepEqual([allocate(LARGE).length, isResizable(allocate(LARGE))], [LARGE, true]);
    assert.deepEqual([allocate(10).length, isResizable(allocate(10))], [10, false]);
  }
  assert.equal(allocateBytes(10).buffer.byteLength, 10, 'what changes threads is no part of the pool');
});

test('chunks are joined in their order, and their memory is given back', () => {
  const chunks = ['a', 'b', 'c'].map((letter) => Buffer.alloc(LARGE, letter));
  const joined = joinBytes(chunks);
  assert.equal(joined.toString(), 'a'.repeat(LARGE) + 'b'.repeat(LARGE) + 'c'.repeat(LARGE));
  assert.deepEqual(
    chunks.map(({ length }) => length),
    [0, 0, 0],
  );
  assert.equal(joinBytes([Buffer.from('a'), Buffer.from('bc')]).toString(), 'abc');
  assert.equal(joinBytes([]).length, 0);
});

test('released bytes are gone at once, large or with pages of their own', () => {
  const { arrayBuffers } = process.memoryUsage();
  const kept = Array.from({ length: 50 }, (_, index) => allocateBytes(index % 2 === 0 ? 100_000 : LARGE));
  assert.ok(process.memoryUsage().arrayBuffers > arrayBuffers + 2 ** 20);
  for (const bytes of kept) releaseBytes(bytes);
  assert.ok(kept.every(({ length }) => length === 0));
  assert.ok(process.memoryUsage().arrayBuffers < arrayBuffers + 2 ** 20);
});

test('bytes that share their memory are left alone', () => {
  const whole = Buffer.alloc(LARGE, 'x');
  releaseBytes(whole.subarray(0, LARGE / 2));
  assert.equal(whole.length, LARGE);
  const pooled = Buffer.from('small');
  releaseBytes(pooled);
  assert.equal(pooled.toString(), 'small');
});
