/**
 * How fast events are matched by indexes of 10, 1,000 and 10,000 rules: `npx node src/lang/pattern/matcher.bench.ts`.
 * The goal is that 10,000 rules cost at most three times as much as 10.
 */
import { createEvent } from './event.ts';
import { PatternIndex } from './matcher.ts';
import { compilePattern } from './pattern.ts';

const RULE_COUNTS = [10, 1000, 10_000];
const EVENT_COUNT = 4000;
const ROUNDS = 7;

interface Shape {
  readonly name: string;
  readonly pattern: (number: number) => object;
}

const SHAPES: readonly Shape[] = [
  { name: 'source only', pattern: (n) => ({ source: [`app.${n}`] }) },
  {
    name: 'source and exact detail',
    pattern: (n) => ({ source: ['shop'], detail: { order: { customer: [`c-${n}`] } } }),
  },
  { name: 'prefix of detail', pattern: (n) => ({ detail: { order: { customer: [{ prefix: `c-${n}` }] } } }) },
  {
    name: 'mixed operators',
    pattern: (n) => ({
      source: ['shop'],
      'detail-type': ['Order Placed'],
      detail: {
        order: { customer: [{ 'equals-ignore-case': `C-${n}` }], total: [{ numeric: ['>', n % 100] }] },
        state: [{ 'anything-but': ['cancelled'] }],
        coupon: [{ exists: false }],
      },
    }),
  },
  {
    name: 'array elements',
    pattern: (n) => ({
      detail: { order: { lines: { sku: [`s-${n}`], quantity: [{ numeric: ['>', 1] }] } } },
    }),
  },
];

/** Keys from 0 to twice the number of rules, so that every second one belongs to a rule. */
function spread(number: number, ruleCount: number): number {
  return (number * 7) % (2 * ruleCount);
}

/** Events of about 800 bytes, each of which some rule of each size matches one time in two. */
function makeDetail(number: number, ruleCount: number): string {
  const key = spread(number, ruleCount);
  return JSON.stringify({
    state: 'placed',
    note: 'x'.repeat(200),
    order: {
      id: `o-${number}`,
      customer: `c-${key}`,
      total: 42 + (number % 100),
      lines: [0, 1, 2, 3].map((line) => ({
        sku: `s-${key + line}`,
        quantity: line,
        price: 9.99,
        tags: ['a', 'b'],
      })),
      address: { street: 'Main Street 1', city: 'Springfield', zip: '12345', country: 'US' },
    },
    trace: { id: 'a26f70c2-e071-459f-8b87-81fdfb43e28a', span: 17, flags: [true, false, null] },
  });
}

function eventsPerSecond(shape: Shape, ruleCount: number): { rate: number; hits: number } {
  const index = new PatternIndex();
  for (let n = 0; n < ruleCount; n += 1)
    index.add(`rule-${n}`, compilePattern(JSON.stringify(shape.pattern(n))));
  const details = Array.from({ length: EVENT_COUNT }, (_, number) => makeDetail(number, ruleCount));
  let best = Infinity;
  let hits = 0;
  for (let round = 0; round < ROUNDS; round += 1) {
    hits = 0;
    const startMs = performance.now();
    for (const [number, detailText] of details.entries()) {
      const event = createEvent({
        id: 'a26f70c2-e071-459f-8b87-81fdfb43e28a',
        detailType: 'Order Placed',
        source: shape.name === 'source only' ? `app.${spread(number, ruleCount)}` : 'shop',
        account: '000000000000',
        time: '2026-01-31T09:05:07Z',
        region: 'us-east-1',
        resources: [],
        detailText,
      });
      hits += index.match(event).length;
    }
    best = Math.min(best, performance.now() - startMs);
  }
  return { rate: (EVENT_COUNT / best) * 1000, hits };
}

for (const shape of SHAPES) {
  const cells = RULE_COUNTS.map((ruleCount) => {
    const { rate, hits } = eventsPerSecond(shape, ruleCount);
    return { ruleCount, rate, hits };
  });
  const ratio = (cells[0]?.rate ?? 0) / (cells.at(-1)?.rate ?? 1);
  const columns = cells.map(
    ({ ruleCount, rate, hits }) => `${ruleCount} rules ${Math.round(rate / 1000)} k/s (${hits} hits)`,
  );
  process.stdout.write(`${shape.name.padEnd(24)} ${columns.join('  ')}  ratio ${ratio.toFixed(2)}\n`);
}
