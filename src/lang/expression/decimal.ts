/**
 * DynamoDB's numbers: exact decimals of up to 38 significant digits with magnitudes from 1E-130 to 9.99...E+125
 * (developer guide, "Data types: Number"). JavaScript's own numbers hold 15 digits, so a decimal is its digits as
 * text and an exponent; sums are taken with BigInt, and nothing is ever rounded.
 */

const NUMBER_DIGITS_MAX = 38;
const NUMBER_EXPONENT_MAX = 125;
const NUMBER_EXPONENT_MIN = -130;

/** The value `sign * d.ddd * 10^exponent`, where `digits` starts and ends with other than 0. Zero has no digits. */
export interface Decimal {
  readonly sign: -1 | 0 | 1;
  readonly digits: string;
  readonly exponent: number;
}

const ZERO: Decimal = { sign: 0, digits: '', exponent: 0 };

const NUMBER_TEXT = /^([+-]?)(\d*)(?:\.(\d*))?(?:[eE]([+-]?\d{1,10}))?$/;

/** Whole numbers that a double holds exactly: most numbers that are ever stored, and canonical as they stand. */
const PLAIN_WHOLE_NUMBER = /^(?:0|-?[1-9]\d{0,14})$/;

/** The decimal that a text says, however many digits it has, or `undefined` when it says none. */
export function parseDecimal(text: string): Decimal | undefined {
  const match = NUMBER_TEXT.exec(text);
  if (match === null) return undefined;
  const [, sign, whole = '', fraction = '', exponent = '0'] = match;
  if (whole === '' && fraction === '') return undefined;
  return toDecimal(sign === '-' ? -1 : 1, whole + fraction, whole.length - 1 + Number(exponent));
}

/** Drops the zeros around `digits`, of which the first stands for 10^exponent. */
function toDecimal(sign: -1 | 1, digits: string, exponent: number): Decimal {
  let start = 0;
  let end = digits.length;
  while (start < end && digits[start] === '0') start += 1;
  if (start === end) return ZERO;
  while (digits[end - 1] === '0') end -= 1;
  return { sign, digits: digits.slice(start, end), exponent: exponent - start };
}

/** Why DynamoDB cannot hold a number, in its words; `undefined` when it can. */
export function decimalRangeError(value: Decimal): string | undefined {
  if (value.exponent > NUMBER_EXPONENT_MAX) {
    return 'Number overflow. Attempting to store a number with magnitude larger than supported range';
  }
  if (value.exponent < NUMBER_EXPONENT_MIN) {
    return 'Number underflow. Attempting to store a number with magnitude smaller than supported range';
  }
  if (value.digits.length > NUMBER_DIGITS_MAX) {
    return 'Attempting to store more than 38 significant digits in a Number';
  }
  return undefined;
}

/** The plain notation in which DynamoDB answers: no exponent, no zeros that say nothing. */
export function formatDecimal({ sign, digits, exponent }: Decimal): string {
  if (sign === 0) return '0';
  const minus = sign < 0 ? '-' : '';
  if (exponent < 0) return `${minus}0.${'0'.repeat(-exponent - 1)}${digits}`;
  const wholeDigits = exponent + 1;
  if (digits.length <= wholeDigits) return minus + digits + '0'.repeat(wholeDigits - digits.length);
  return `${minus}${digits.slice(0, wholeDigits)}.${digits.slice(wholeDigits)}`;
}

export function compareDecimals(a: Decimal, b: Decimal): number {
  if (a.sign !== b.sign) return a.sign - b.sign;
  if (a.exponent !== b.exponent) return a.exponent < b.exponent ? -a.sign : a.sign;
  // Both start at the same power of ten and neither ends in a zero, so the digits compare as text.
  if (a.digits === b.digits) return 0;
  return a.digits < b.digits ? -a.sign : a.sign;
}

/** The power of ten that the last digit counts. */
function scaleOf(value: Decimal): number {
  return value.exponent - value.digits.length + 1;
}

function coefficient(value: Decimal, scale: number): bigint {
  if (value.sign === 0) return 0n;
  const magnitude = BigInt(value.digits) * 10n ** BigInt(scaleOf(value) - scale);
  return value.sign < 0 ? -magnitude : magnitude;
}

/**
 * The exact sum, which may be out of DynamoDB's range. Both operands must be within it: their exponents are then
 * less than 300 apart, which bounds the work.
 */
export function addDecimals(a: Decimal, b: Decimal): Decimal {
  if (a.sign === 0) return b;
  if (b.sign === 0) return a;
  const scale = Math.min(scaleOf(a), scaleOf(b));
  const sum = coefficient(a, scale) + coefficient(b, scale);
  if (sum === 0n) return ZERO;
  const digits = (sum < 0n ? -sum : sum).toString();
  return toDecimal(sum < 0n ? -1 : 1, digits, scale + digits.length - 1);
}

export function negateDecimal(value: Decimal): Decimal {
  return value.sign === 0 ? value : { ...value, sign: value.sign < 0 ? 1 : -1 };
}

/** True for the canonical texts that need no decimal: equal ones are equal, and JavaScript may compare them. */
export function isPlainWholeNumber(text: string): boolean {
  return PLAIN_WHOLE_NUMBER.test(text);
}

/** The decimal of a canonical text, one that `formatDecimal` wrote. */
export function fromCanonical(text: string): Decimal {
  return parseDecimal(text) ?? ZERO;
}

/** The order of two numbers in canonical text. */
export function compareNumberTexts(a: string, b: string): number {
  if (a === b) return 0;
  if (isPlainWholeNumber(a) && isPlainWholeNumber(b)) return Number(a) - Number(b);
  return compareDecimals(fromCanonical(a), fromCanonical(b));
}
