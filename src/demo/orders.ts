/**
 * The orders of the demo, made from a seed: most are large enough to be processed; some are too small, some are of
 * customers that nobody knows, some come twice under one id, and some are malformed in the ways in which real
 * producers get it wrong.
 */
import { type Random, randomBelow, randomFloat, seededRandom } from '../base/random.ts';

export type OrderKind =
  | 'large'
  | 'small'
  | 'unknown-customer'
  | 'duplicate'
  | 'malformed-detail'
  | 'malformed-amount';

export interface DemoOrder {
  readonly kind: OrderKind;
  readonly orderId: string;
  readonly orderAmount: number;
  readonly customerId: string;
  /** The detail of its event: JSON text, unless the kind is `malformed-detail`. */
  readonly detail: string;
}

export interface Customer {
  readonly customerId: string;
  readonly name: string;
}

/** The bound of the pipe's filter: orders above it are processed. */
export const PROCESSED_ABOVE = 100;

const CUSTOMERS_COUNT = 25;
const FIRST_NAMES = [
  'Ada',
  'Grace',
  'Edsger',
  'Barbara',
  'Donald',
  'Margaret',
  'Alan',
  'Frances',
  'Ken',
  'Radia',
];

export function demoCustomers(): Customer[] {
  return Array.from({ length: CUSTOMERS_COUNT }, (_, index) => ({
    customerId: `c-${index + 1}`,
    name: `${FIRST_NAMES[index % FIRST_NAMES.length]} the ${Math.floor(index / FIRST_NAMES.length) + 1}.`,
  }));
}

export interface DemoOptions {
  readonly count: number;
  readonly seed: number;
  /** Sets the orders of this run apart from those of earlier ones on the same server. */
  readonly run: string;
}

/** The same seed makes the same orders, but for the run in their ids. */
export function demoOrders({ count, seed, run }: DemoOptions): DemoOrder[] {
  const random = seededRandom(seed);
  const orders: DemoOrder[] = [];
  for (let index = 0; index < count; index += 1) {
    const kind = pickKind(random);
    const earlier = orders[randomBelow(random, Math.max(1, orders.length))];
    const isRepeat = kind === 'duplicate' && earlier?.kind === 'large';
    orders.push(
      isRepeat
        ? { ...earlier, kind }
        : newOrder(kind === 'duplicate' ? 'large' : kind, `${run}-${index}`, random),
    );
  }
  return orders;
}

/** Of 100 orders 70 are plain, 15 small, 5 of strangers, 4 repeated, 3 and 3 malformed. */
function pickKind(random: Random): OrderKind {
  const draw = randomBelow(random, 100);
  if (draw < 70) return 'large';
  if (draw < 85) return 'small';
  if (draw < 90) return 'unknown-customer';
  if (draw < 94) return 'duplicate';
  return draw < 97 ? 'malformed-detail' : 'malformed-amount';
}

function newOrder(kind: OrderKind, orderId: string, random: Random): DemoOrder {
  const range = kind === 'small' ? { from: 1, to: PROCESSED_ABOVE } : { from: PROCESSED_ABOVE + 1, to: 5000 };
  const orderAmount = Math.round((range.from + randomFloat(random) * (range.to - range.from)) * 100) / 100;
  const customerId =
    kind === 'unknown-customer'
      ? `stranger-${randomBelow(random, 1000)}`
      : `c-${randomBelow(random, CUSTOMERS_COUNT) + 1}`;
  const detail = { orderId, orderAmount, customerId };
  return { kind, ...detail, detail: detailText(kind, detail) };
}

function detailText(
  kind: OrderKind,
  detail: { orderId: string; orderAmount: number; customerId: string },
): string {
  const text = JSON.stringify(detail);
  if (kind === 'malformed-detail') return text.slice(0, -1);
  if (kind === 'malformed-amount')
    return JSON.stringify({ ...detail, orderAmount: `${detail.orderAmount} EUR` });
  return text;
}
