/** One scalar of an event, with the text that patterns compare and the array elements that it lies in. */

/** An element of an array of the event. Nested arrays make a chain, so one object stands for all of them. */
export class ArrayElement {
  readonly parent: ArrayElement | undefined;
  /** The nearest one around it whose array lies higher in the event: arrays right inside arrays are leapt over. */
  readonly above: ArrayElement | undefined;
  /** How many path segments lead to the array. */
  readonly depth: number;

  constructor(parent: ArrayElement | undefined, depth: number) {
    this.parent = parent;
    this.above = parent === undefined || parent.depth < depth ? parent : parent.above;
    this.depth = depth;
  }
}

type LeafKind = 'string' | 'number' | 'literal';

export interface Leaf {
  readonly kind: LeafKind;
  /** The characters of a string; a number or `true`, `false`, `null` as the event spells it. */
  readonly text: string;
  /** A number's value; NaN where a double cannot hold it exactly, and for all other kinds. */
  readonly number: number;
  /** The innermost array element around it. */
  readonly element: ArrayElement | undefined;
}

/** Decimal digits that every double keeps. */
const SAFE_DIGITS = 15;

/**
 * The double that a JSON number literal stands for, or NaN where it is not the number that was written:
 * AWS's matcher compares such numbers by their text alone (`0.1234567890123456789`, `9007199254740993`, `1e400`).
 */
export function toComparableNumber(literal: string): number {
  const value = Number(literal);
  if (literal.length <= SAFE_DIGITS && !literal.includes('e') && !literal.includes('E')) return value;
  return Number.isFinite(value) && toScientific(literal) === toScientific(String(value)) ? value : NaN;
}

/** One spelling for equal decimals: the significant digits and the exponent of the last one. */
function toScientific(literal: string): string {
  const [mantissa = '', exponent = '0'] = literal.toLowerCase().split('e');
  const [whole = '', fraction = ''] = mantissa.replace('-', '').split('.');
  let first = 0;
  const digits = whole + fraction;
  let last = digits.length;
  while (first < last && digits.charCodeAt(first) === 48) first += 1;
  while (last > first && digits.charCodeAt(last - 1) === 48) last -= 1;
  if (first === last) return '0';
  return `${digits.slice(first, last)}e${Number(exponent) - fraction.length + (digits.length - last)}`;
}
