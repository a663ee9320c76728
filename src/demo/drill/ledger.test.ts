import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ProcessedOrder } from '../observe.ts';
import type { DemoOrder } from '../orders.ts';
import { balanceDrill, missingInLog, type RegionObserved } from './ledger.ts';
import { PRIMARY, SECONDARY } from './names.ts';
import type { ProducedOrder } from './producer.ts';

function produced(orderId: string, more: Partial<ProducedOrder> = {}): ProducedOrder {
  const order: DemoOrder = { kind: 'large', orderId, orderAmount: 200, customerId: 'c-1', detail: '{}' };
  return {
    order,
    acknowledged: 1,
    unknown: 0,
    errorCode: undefined,
    eventId: `event of ${orderId}`,
    ...more,
  };
}

function line(id: string, requestId: string, logStreamName = 'one'): ProcessedOrder {
  return { id, customer: 'Ada', atMs: 0, requestId, logStreamName };
}

function observed(
  processed: readonly ProcessedOrder[],
  executions: number,
  traced: string[] = [],
): RegionObserved {
  return { processed, executions: { SUCCEEDED: executions }, traced: new Set(traced) };
}

test('a drill in which everything arrived once in both regions balances', () => {
  const all = [produced('a'), produced('b')];
  const region = observed([line('a', 'r1'), line('b', 'r1')], 2);
  const { regions, problems, acknowledged } = balanceDrill(all, { [PRIMARY]: region, [SECONDARY]: region });
  assert.deepEqual(problems, []);
  assert.equal(acknowledged, 2);
  assert.equal(regions[PRIMARY].processed, 2);
});

test('what is missing in one region is lost there, and what is there too often is doubled', () => {
  const all = [produced('a'), produced('b')];
  const { regions, problems } = balanceDrill(all, {
    [PRIMARY]: observed([line('a', 'r1')], 2),
    [SECONDARY]: observed([line('a', 'r1'), line('b', 'r2'), line('b', 'r3')], 3),
  });
  assert.deepEqual([regions[PRIMARY].lost, regions[PRIMARY].doubled], [1, 0]);
  assert.deepEqual([regions[SECONDARY].lost, regions[SECONDARY].doubled], [0, 1]);
  assert.equal(problems.length, 3, 'the execution that nobody put is one, too');
});

test('a call that was made again in another process counts once, and an order that comes twice in one call, twice', () => {
  const all = [produced('a', { acknowledged: 2 })];
  const lines = [line('a', 'r1'), line('a', 'r1'), line('a', 'r1', 'two'), line('a', 'r1', 'two')];
  const region = observed(lines, 2);
  const { regions, problems } = balanceDrill(all, { [PRIMARY]: region, [SECONDARY]: region });
  assert.deepEqual(problems, []);
  assert.deepEqual([regions[PRIMARY].processed, regions[PRIMARY].repeated], [2, 2]);
});

test('what has no line in the log and a trace was processed', () => {
  const all = [produced('a'), produced('b')];
  assert.deepEqual(missingInLog(all, [line('a', 'r1')]), ['event of b']);
  const region = observed([line('a', 'r1')], 2, ['event of b']);
  const { regions, problems } = balanceDrill(all, { [PRIMARY]: region, [SECONDARY]: region });
  assert.deepEqual(problems, []);
  assert.deepEqual([regions[PRIMARY].processed, regions[PRIMARY].withoutLine], [2, 1]);
});

test('an order whose answer was lost may be there twice, and one that nobody took is told of', () => {
  const all = [produced('a', { unknown: 1 }), produced('b', { acknowledged: 0, eventId: undefined })];
  const region = observed([line('a', 'r1'), line('a', 'r2')], 2);
  const { problems, unknown } = balanceDrill(all, { [PRIMARY]: region, [SECONDARY]: region });
  assert.deepEqual(problems, ['1 orders were never acknowledged']);
  assert.equal(unknown, 1);
});

test('orders that are too small or malformed are not to be processed, and all but the refused start an execution', () => {
  const small: DemoOrder = { kind: 'small', orderId: 's', orderAmount: 5, customerId: 'c-1', detail: '{}' };
  const refused = produced('m', { acknowledged: 0, eventId: undefined, errorCode: 'MalformedDetail' });
  const all = [
    produced('s', { order: small }),
    { ...refused, order: { ...small, kind: 'malformed-detail' as const } },
  ];
  const region = observed([], 1);
  const ledger = balanceDrill(all, { [PRIMARY]: region, [SECONDARY]: region });
  assert.deepEqual(ledger.problems, []);
  assert.deepEqual(ledger.refused, { MalformedDetail: 1 });
});
