/** Parses the condition in `[?(...)]`. Precedence as in Jayway: `!`, then `&&`, then `||`. */
import type { Json } from '../../base/json.ts';
import { FILTER_DEPTH_MAX } from './limits.ts';
import type { Scanner } from './scanner.ts';
import type { PathToken } from './tokens.ts';

export type FilterOperator =
  | '=='
  | '!='
  | '<'
  | '<='
  | '>'
  | '>='
  | 'in'
  | 'nin'
  | 'contains'
  | 'size'
  | 'empty'
  | 'subsetof'
  | 'anyof'
  | 'noneof';

export type FilterOperand =
  | { readonly kind: 'literal'; readonly value: Json }
  /** A path from the node under test (`@`) or from the document (`$`). */
  | { readonly kind: 'path'; readonly fromDocument: boolean; readonly tokens: readonly PathToken[] };

export type FilterExpression =
  | { readonly kind: 'and' | 'or'; readonly parts: readonly FilterExpression[] }
  | { readonly kind: 'not'; readonly part: FilterExpression }
  | { readonly kind: 'exists'; readonly operand: FilterOperand }
  | {
      readonly kind: 'comparison';
      readonly operator: FilterOperator;
      readonly left: FilterOperand;
      readonly right: FilterOperand;
    };

/** Parses the tokens of a path inside the filter; handed in by parser.ts, which in turn calls this file. */
export type TokenParser = (
  scanner: Scanner,
  isEnd: (character: string) => boolean,
  filterDepth: number,
) => readonly PathToken[];

/** Longest first, so that `<=` is not read as `<`. `=~` is left out: a pattern of users can run for ever. */
const SYMBOLS: readonly (readonly [string, FilterOperator])[] = [
  ['===', '=='],
  ['!==', '!='],
  ['==', '=='],
  ['!=', '!='],
  ['<=', '<='],
  ['>=', '>='],
  ['<', '<'],
  ['>', '>'],
];

const WORDS: readonly FilterOperator[] = [
  'in',
  'nin',
  'contains',
  'size',
  'empty',
  'subsetof',
  'anyof',
  'noneof',
];

/** The condition up to its closing parenthesis. Throws `JsonPathSyntaxError`. */
export function parseFilter(scanner: Scanner, depth: number, parseTokens: TokenParser): FilterExpression {
  if (depth > FILTER_DEPTH_MAX) scanner.fail('filters are nested too deep');
  return parseChain(scanner, '||', () =>
    parseChain(scanner, '&&', () => parseUnary(scanner, depth, parseTokens)),
  );
}

function parseChain(
  scanner: Scanner,
  sign: '&&' | '||',
  parsePart: () => FilterExpression,
): FilterExpression {
  const first = parsePart();
  const parts = [first];
  scanner.skipBlanks();
  while (scanner.accept(sign)) {
    parts.push(parsePart());
    scanner.skipBlanks();
  }
  return parts.length === 1 ? first : { kind: sign === '&&' ? 'and' : 'or', parts };
}

function parseUnary(scanner: Scanner, depth: number, parseTokens: TokenParser): FilterExpression {
  if (depth > FILTER_DEPTH_MAX) scanner.fail('filters are nested too deep');
  scanner.skipBlanks();
  if (scanner.peek() === '!') {
    scanner.position += 1;
    return { kind: 'not', part: parseUnary(scanner, depth + 1, parseTokens) };
  }
  if (scanner.accept('(')) {
    const inner = parseFilter(scanner, depth + 1, parseTokens);
    scanner.skipBlanks();
    scanner.expect(')');
    return inner;
  }
  const left = parseOperand(scanner, depth, parseTokens);
  scanner.skipBlanks();
  const operator = readOperator(scanner);
  if (operator === undefined) return { kind: 'exists', operand: left };
  scanner.skipBlanks();
  return { kind: 'comparison', operator, left, right: parseOperand(scanner, depth, parseTokens) };
}

function readOperator(scanner: Scanner): FilterOperator | undefined {
  for (const [symbol, operator] of SYMBOLS) if (scanner.accept(symbol)) return operator;
  const start = scanner.position;
  const word = scanner.readUntil((character) => character < 'a' || character > 'z');
  const operator = WORDS.find((known) => known === word);
  if (operator === undefined) scanner.position = start;
  return operator;
}

function parseOperand(scanner: Scanner, depth: number, parseTokens: TokenParser): FilterOperand {
  const sign = scanner.peek();
  if (sign === '@' || sign === '$') {
    scanner.position += 1;
    const tokens = parseTokens(scanner, isOperandEnd, depth + 1);
    return { kind: 'path', fromDocument: sign === '$', tokens };
  }
  if (sign === "'" || sign === '"') return { kind: 'literal', value: scanner.readQuoted() };
  if (sign === '[') return { kind: 'literal', value: parseList(scanner, depth, parseTokens) };
  const word = scanner.readUntil(isOperandEnd);
  if (word === 'true' || word === 'false') return { kind: 'literal', value: word === 'true' };
  if (word === 'null') return { kind: 'literal', value: null };
  const number = Number(word);
  if (word === '' || Number.isNaN(number)) scanner.fail('expected a value or a path');
  return { kind: 'literal', value: number };
}

function parseList(scanner: Scanner, depth: number, parseTokens: TokenParser): readonly Json[] {
  if (depth > FILTER_DEPTH_MAX) scanner.fail('filters are nested too deep');
  scanner.expect('[');
  const items: Json[] = [];
  scanner.skipBlanks();
  while (!scanner.accept(']')) {
    const item = parseOperand(scanner, depth + 1, parseTokens);
    if (item.kind !== 'literal') return scanner.fail('a list holds values only');
    items.push(item.value);
    scanner.skipBlanks();
    if (!scanner.accept(',') && scanner.peek() !== ']') scanner.fail("expected ',' or ']'");
    scanner.skipBlanks();
  }
  return items;
}

function isOperandEnd(character: string): boolean {
  return ' \t\n)&|=!<>,]'.includes(character);
}
