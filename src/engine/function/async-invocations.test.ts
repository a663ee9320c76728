import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Key, Store } from '../../storage/store.ts';
import { createEngineFixture } from '../../testing/engine-fixture.ts';
import type { Loop } from '../loop.ts';
import { AsyncInvocations } from './async-invocations.ts';

const ARN = 'arn:aws:lambda:us-east-1:000000000000:function:subject';

/** Invocations that never end. */
function createInvocations(loop: Loop): { readonly invocations: AsyncInvocations; readonly made: string[] } {
  const made: string[] = [];
  const invocations = new AsyncInvocations({
    loop,
    invoke: ({ payloadText }) => {
      made.push(payloadText);
      return new Promise(() => undefined);
    },
  });
  return { invocations, made };
}

test('a start after many invocations reads their payloads some at a time, and takes them up in their order', async () => {
  const { loop, settle, restart, store } = createEngineFixture();
  const { invocations } = createInvocations(loop);
  loop.turn((turn) => {
    for (let count = 0; count < 1000; count += 1) {
      const requestId = `r${count}`;
      invocations.enqueue(turn, {
        requestId,
        functionArn: ARN,
        payloadText: String(count),
        cause: { kind: 'request', id: requestId },
      });
    }
  });
  await settle();

  const reads: number[] = [];
  const counted = Object.create(store, {
    range: {
      value: (...args: Parameters<Store['range']>) => {
        const entries = store.range(...args);
        reads.push(entries.length);
        return entries;
      },
    },
    get: { value: (of: Key) => store.get(of) },
    onCommit: { value: () => () => undefined },
  }) as Store;
  const again = createInvocations(restart(counted));
  again.invocations.start();
  assert.ok(Math.max(...reads) <= 128, 'records that one read holds');
  assert.deepEqual(
    again.made,
    Array.from({ length: 64 }, (_, index) => String(index)),
  );
});
