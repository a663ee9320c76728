/**
 * Filter patterns over log messages: terms, phrases in quotes, `?any` and `-none`, and comparisons of members of
 * JSON messages such as `{ $.status = 500 && $.path = "/orders*" }`. Patterns of fields and regular expressions are
 * refused, not guessed at.
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/FilterAndPatternSyntax.html
 */
import { AwsError, notImplementedError } from '../../base/errors.ts';
import { isJsonObject, type Json, parseJson } from '../../base/json.ts';

export type LogMatcher = (message: string) => boolean;

/** As the model bounds it. */
const PATTERN_LENGTH_MAX = 1024;

/** Throws `InvalidParameterException` for a malformed pattern, `NotImplemented` for a kind that is not built. */
export function compileFilterPattern(pattern: string): LogMatcher {
  const text = pattern.trim();
  if (text.length > PATTERN_LENGTH_MAX) throw invalidPattern();
  if (text === '') return () => true;
  if (text.startsWith('{')) return compileJsonPattern(text);
  if (text.startsWith('[')) throw notImplementedError('A filter pattern of space-delimited fields');
  if (/(^|[\s?-])%/.test(text)) throw notImplementedError('A filter pattern with a regular expression');
  return compileTerms(text);
}

function invalidPattern(): AwsError {
  return new AwsError('InvalidParameterException', 'Invalid filter pattern');
}

const TERM = /\s*([?-]?)(?:"((?:[^"\\]|\\.)*)"|([^\s"]+))/y;

function compileTerms(text: string): LogMatcher {
  const all: string[] = [];
  const any: string[] = [];
  const none: string[] = [];
  TERM.lastIndex = 0;
  while (TERM.lastIndex < text.length) {
    const match = TERM.exec(text);
    if (match === null) throw invalidPattern();
    const term = match[2]?.replaceAll(/\\(.)/g, '$1') ?? match[3] ?? '';
    if (match[1] === '?') any.push(term);
    else if (match[1] === '-') none.push(term);
    else all.push(term);
  }
  // Beside terms that all have to be there, AWS ignores those of which any would do.
  const wanted = all.length > 0 ? [] : any;
  return (message) =>
    all.every((term) => message.includes(term)) &&
    !none.some((term) => message.includes(term)) &&
    (wanted.length === 0 || wanted.some((term) => message.includes(term)));
}

type Comparison = (event: Json) => boolean;

const COMPARISON =
  /\s*(\$(?:\.[A-Za-z0-9_@-]+|\[\d{1,6}\])+)\s*(?:(!=|>=|<=|=|>|<)\s*(?:"((?:[^"\\]|\\.)*)"|([^\s&|}]+))|(IS NULL|IS TRUE|IS FALSE|NOT EXISTS))\s*(&&|\|\||$)/y;

function compileJsonPattern(text: string): LogMatcher {
  if (!text.endsWith('}')) throw invalidPattern();
  const inner = text.slice(1, -1).trim();
  if (inner.includes('(')) throw notImplementedError('A filter pattern with parentheses');
  const comparisons: Comparison[] = [];
  const joins = new Set<string>();
  COMPARISON.lastIndex = 0;
  do {
    const match = COMPARISON.exec(inner);
    if (match === null) throw invalidPattern();
    comparisons.push(compileComparison(match));
    if (match[6]) joins.add(match[6]);
  } while (COMPARISON.lastIndex < inner.length);
  if (joins.size > 1) throw notImplementedError('A filter pattern that mixes && and ||');
  const isAny = joins.has('||');
  return (message) => {
    const event = parseMessage(message);
    if (event === undefined) return false;
    return isAny ? comparisons.some((holds) => holds(event)) : comparisons.every((holds) => holds(event));
  };
}

/** Only objects are looked into; anything else is plain text. */
function parseMessage(message: string): Json | undefined {
  if (!message.trimStart().startsWith('{')) return undefined;
  try {
    return parseJson(message);
  } catch {
    return undefined;
  }
}

function compileComparison(match: RegExpExecArray): Comparison {
  const [, selector = '', operator, quoted, bare, test] = match;
  const path = [...selector.matchAll(/\.([^.[]+)|\[(\d+)\]/g)].map(
    ([, name, index]) => name ?? Number(index),
  );
  const select = (event: Json): Json | undefined => path.reduce<Json | undefined>(member, event);
  switch (test) {
    case 'IS NULL':
      return (event) => select(event) === null;
    case 'IS TRUE':
      return (event) => select(event) === true;
    case 'IS FALSE':
      return (event) => select(event) === false;
    case 'NOT EXISTS':
      return (event) => select(event) === undefined;
    default:
      return compileOperator(operator ?? '=', { select, quoted, bare: bare ?? '' });
  }
}

function compileOperator(
  operator: string,
  operand: { select: (event: Json) => Json | undefined; quoted: string | undefined; bare: string },
): Comparison {
  const { select, quoted, bare } = operand;
  const number = quoted === undefined && bare !== '' ? Number(bare) : Number.NaN;
  if (operator === '=' || operator === '!=') {
    const text = quoted?.replaceAll(/\\(.)/g, '$1') ?? bare;
    const equals = (value: Json): boolean =>
      typeof value === 'number' && !Number.isNaN(number)
        ? value === number
        : matchesWildcard(scalarText(value), text);
    return operator === '='
      ? (event) => isScalar(select(event)) && equals(select(event) as Json)
      : (event) => isScalar(select(event)) && !equals(select(event) as Json);
  }
  if (Number.isNaN(number)) throw invalidPattern();
  const compare: Readonly<Record<string, (value: number) => boolean>> = {
    '>': (value) => value > number,
    '<': (value) => value < number,
    '>=': (value) => value >= number,
    '<=': (value) => value <= number,
  };
  return (event) => {
    const value = select(event);
    return typeof value === 'number' && compare[operator]?.(value) === true;
  };
}

function isScalar(value: Json | undefined): boolean {
  return value !== undefined && typeof value !== 'object';
}

function member(value: Json | undefined, step: string | number): Json | undefined {
  if (typeof step === 'number') return Array.isArray(value) ? (value as readonly Json[])[step] : undefined;
  return isJsonObject(value) && Object.hasOwn(value, step) ? value[step] : undefined;
}

/** `*` stands for anything. Each part is looked for once, left to right: linear in the text. */
function matchesWildcard(text: string, pattern: string): boolean {
  const parts = pattern.split('*');
  const [first = ''] = parts;
  if (parts.length === 1) return text === first;
  const last = parts.at(-1) ?? '';
  if (!text.startsWith(first) || !text.endsWith(last) || text.length < first.length + last.length)
    return false;
  let offset = first.length;
  for (const part of parts.slice(1, -1)) {
    const index = text.indexOf(part, offset);
    if (index === -1) return false;
    offset = index + part.length;
  }
  return offset <= text.length - last.length;
}

function scalarText(value: Json): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}
