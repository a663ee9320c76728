/**
 * `{"anything-but": ...}`: a value that is there and is none of those named. Numbers, null and booleans are
 * "anything but" a string. Lists hold strings or numbers, not both.
 */
import { toComparableNumber } from '../leaf.ts';
import type { PatternReader, Token } from '../reader.ts';
import { PatternFault } from '../reader.ts';
import { equalsIgnoreCase } from './equals-ignore-case.ts';
import type { Operator } from './operator.ts';
import { PRESENT, requireNoMore } from './operator.ts';
import { prefix } from './prefix.ts';
import { suffix } from './suffix.ts';
import { wildcard } from './wildcard.ts';

const NOT_A_VALUE = 'Value of anything-but must be an array or single string/number value.';
const MIXED = 'Inside anything but list, either all values are number or string, mixed type is not supported';

interface Nested {
  /** What AWS says of a value that is no string. */
  readonly notString: string;
  /** Runs when a text was just read. */
  readonly check?: (reader: PatternReader, text: string) => void;
  /** Runs when the whole list was read. */
  readonly compile: (reader: PatternReader, text: string) => Operator;
}

const AFFIX = {
  notString: 'prefix/suffix match pattern must be a string',
  check: (reader: PatternReader, text: string): void => {
    if (text === '') reader.fail('Null prefix/suffix not allowed');
  },
};

/** The operators that anything-but may negate. */
const NESTED = new Map<string, Nested>([
  ['prefix', { ...AFFIX, compile: (_reader, text) => prefix(text) }],
  ['suffix', { ...AFFIX, compile: (_reader, text) => suffix(text) }],
  [
    'equals-ignore-case',
    {
      notString: 'Inside anything-but/equals-ignore-case list, number|start|null|boolean is not supported.',
      compile: (_reader, text) => equalsIgnoreCase(text),
    },
  ],
  ['wildcard', { notString: 'wildcard match pattern must be a string', compile: wildcard }],
]);

export function parseAnythingBut(reader: PatternReader): Operator {
  const token = reader.next();
  const operator = token === 'object' ? parseNested(reader) : parseValues(reader, token);
  requireNoMore(reader, 'object-end');
  return operator;
}

function parseNested(reader: PatternReader): Operator {
  if (reader.next() !== 'key') reader.fail('Anything-But expression name not found');
  const nested = NESTED.get(reader.key);
  if (nested === undefined) return reader.fail(`Unsupported anything-but pattern: ${reader.key}`);
  const texts: string[] = [];
  const readText = (token: Token): void => {
    if (token !== 'string') reader.fail(nested.notString);
    const text = reader.text();
    nested.check?.(reader, text);
    texts.push(text);
  };
  const token = reader.next();
  if (token === 'array') {
    readList(reader, readText);
  } else {
    requireScalar(reader, token);
    readText(token);
  }
  const negated = texts.map((text) => nested.compile(reader, text));
  requireNoMore(reader, 'object-end');
  return {
    test: (leaf) => !negated.some((operator) => operator.test(leaf)),
    anchor: PRESENT,
    wildcards: negated.flatMap((operator) => operator.wildcards ?? []),
  };
}

function parseValues(reader: PatternReader, token: Token): Operator {
  const strings = new Set<string>();
  const numbers = new Set<number>();
  const addValue = (kind: Token): void => {
    if (kind === 'string') strings.add(reader.text());
    else numbers.add(comparable(reader));
  };
  if (token === 'array') {
    readList(reader, (item) => {
      if (item !== 'string' && item !== 'number') {
        reader.fail('Inside anything but list, start|null|boolean is not supported.');
      }
      addValue(item);
    });
    if (strings.size > 0 === numbers.size > 0) reader.fail(MIXED);
  } else {
    requireScalar(reader, token);
    addValue(token);
  }
  return {
    test: (leaf) =>
      leaf.kind === 'string' ? !strings.has(leaf.text) : leaf.kind !== 'number' || !numbers.has(leaf.number),
    anchor: PRESENT,
  };
}

function requireScalar(reader: PatternReader, token: Token): void {
  if (token !== 'string' && token !== 'number') reader.fail(NOT_A_VALUE);
}

function comparable(reader: PatternReader): number {
  const text = reader.text();
  const value = toComparableNumber(text);
  return Number.isNaN(value) ? reader.fail(`Cannot compare number : ${text}`) : value;
}

/** Reads a list. AWS adds the place a second time to any fault inside one [recorded]. */
function readList(reader: PatternReader, readItem: (token: Token) => void): void {
  try {
    for (let token = reader.next(); token !== 'array-end'; token = reader.next()) readItem(token);
  } catch (error) {
    if (error instanceof PatternFault) reader.fail(error.message);
    throw error;
  }
}
