import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { encodeFrame, type Frame, FrameReader } from './frames.ts';

const SIZE_BYTES_MAX = 1000;

function readAll(bytes: Buffer, chunkSize: number): Frame[] {
  const reader = new FrameReader(SIZE_BYTES_MAX);
  const frames: Frame[] = [];
  for (let offset = 0; offset < bytes.length; offset += chunkSize) {
    frames.push(...reader.read(bytes.subarray(offset, offset + chunkSize)));
  }
  return frames;
}

suite('frames', () => {
  const sent = [
    { head: { kind: 'response', id: 1 }, body: '{"text":"grüße"}' },
    { head: { kind: 'log' }, body: '' },
    { head: {}, body: 'x'.repeat(500) },
  ];
  const bytes = Buffer.concat(sent.map(({ head, body }) => encodeFrame(head, body)));

  test('come out as they went in, however the stream is cut', () => {
    for (const chunkSize of [1, 2, 3, 7, 64, bytes.length]) assert.deepEqual(readAll(bytes, chunkSize), sent);
  });

  test('past the bound are refused as soon as their length is known', () => {
    const header = encodeFrame({}, 'x'.repeat(SIZE_BYTES_MAX)).subarray(0, 8);
    assert.throws(() => readAll(header, 8), { name: 'FrameError' });
  });

  test('that make no sense are refused', () => {
    const withHead = (head: string, headLength = head.length): Buffer => {
      const frame = Buffer.alloc(8 + head.length);
      frame.writeUInt32BE(4 + head.length, 0);
      frame.writeUInt32BE(headLength, 4);
      frame.write(head, 8);
      return frame;
    };
    for (const frame of [withHead('no json'), withHead('[1]'), withHead('{}', 900), Buffer.alloc(8)]) {
      assert.throws(() => readAll(frame, frame.length), { name: 'FrameError' });
    }
  });
});
