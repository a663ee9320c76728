/** `{"numeric": [">", 0, "<=", 5]}`. */
import { toComparableNumber } from '../leaf.ts';
import type { PatternReader } from '../reader.ts';
import { exactNumber } from './exact.ts';
import type { Operator } from './operator.ts';
import { PRESENT, requireNoMore } from './operator.ts';

interface Bound {
  readonly value: number;
  readonly open: boolean;
}

const UNBOUNDED: { readonly bottom: Bound; readonly top: Bound } = {
  bottom: { value: -Infinity, open: false },
  top: { value: Infinity, open: false },
};

export function parseNumeric(reader: PatternReader): Operator {
  if (reader.next() !== 'array') reader.fail('Value of numeric must be an array.');
  if (reader.next() !== 'string') reader.fail('Invalid member in numeric match: ' + reader.text());
  const operator = parseComparison(reader, reader.text());
  requireNoMore(reader, 'object-end');
  return operator;
}

function parseComparison(reader: PatternReader, comparison: string): Operator {
  const value = reader.next();
  switch (comparison) {
    case '=':
      requireNumber(reader, value, 'equals');
      return parseEquals(reader);
    case '>':
    case '>=':
      requireNumber(reader, value, comparison);
      return parseFrom(reader, comparison === '>');
    case '<':
    case '<=': {
      requireNumber(reader, value, comparison);
      const text = reader.text();
      requireNoMore(reader, 'array-end');
      return range(UNBOUNDED.bottom, toBound(reader, text, comparison === '<'));
    }
    default:
      return reader.fail(`Unrecognized numeric range operator: ${comparison}`);
  }
}

function requireNumber(reader: PatternReader, token: string, comparison: string): void {
  if (token !== 'number') reader.fail(`Value of ${comparison} must be numeric`);
}

function parseEquals(reader: PatternReader): Operator {
  const text = reader.text();
  requireNoMore(reader, 'array-end');
  toBound(reader, text, false);
  return exactNumber(text);
}

function parseFrom(reader: PatternReader, open: boolean): Operator {
  const bottomText = reader.text();
  const token = reader.next();
  if (token === 'array-end') return range(toBound(reader, bottomText, open), UNBOUNDED.top);
  if (token !== 'string') reader.fail(`Bad value in numeric range: ${reader.text()}`);
  const comparison = reader.text();
  if (comparison !== '<' && comparison !== '<=') reader.fail(`Bad numeric range operator: ${comparison}`);
  requireNumber(reader, reader.next(), comparison);
  const topText = reader.text();
  if (reader.next() !== 'array-end') reader.fail('Too many terms in numeric range expression');
  const bottom = toBound(reader, bottomText, open);
  const top = toBound(reader, topText, comparison === '<');
  if (bottom.value >= top.value) reader.fail('Bottom must be less than top');
  return range(bottom, top);
}

function toBound(reader: PatternReader, text: string, open: boolean): Bound {
  const value = toComparableNumber(text);
  if (Number.isNaN(value)) reader.fail(`Cannot compare number : ${text}`);
  return { value, open };
}

function range(bottom: Bound, top: Bound): Operator {
  return {
    // A leaf that is no number, or none that a double holds, is NaN and fails both comparisons.
    test: (leaf) =>
      (bottom.open ? leaf.number > bottom.value : leaf.number >= bottom.value) &&
      (top.open ? leaf.number < top.value : leaf.number <= top.value),
    anchor: PRESENT,
  };
}
