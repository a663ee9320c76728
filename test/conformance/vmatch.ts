/**
 * Matches an answer against a recorded one in which names, times and ids were masked: the rules of the recordings'
 * own scorer.
 */

const PLACEHOLDER = String.raw`<[A-Za-z_][A-Za-z0-9_\-]*(?::\d+)?>|uuid|snf_role_arn|sfn_role_arn`;

const MASKS: ReadonlySet<string> = new Set([
  'date',
  'timestamp',
  'datetime',
  'start-date',
  'stop-date',
  'time',
  '<timestamp>',
  'entered-time',
  'start-time',
]);

type Matcher = (expected: unknown, actual: unknown) => boolean;

/** Headers that the recorder masked with their own names. */
const SELF_MASKED = /^(?:x-amzn?-|RequestId$)/i;

/** A matcher for one vector, whose own masks are `maskTokens`. */
export function createMatcher(maskTokens: readonly string[]): Matcher {
  const own = maskTokens.map((token) => `|<?${escape(token)}(?::\\d+)?>?`).join('');
  const placeholder = new RegExp(PLACEHOLDER + own, 'g');

  const matchText = (expected: string, actual: unknown): boolean => {
    if (MASKS.has(expected) || maskTokens.includes(expected)) return true;
    if (typeof actual !== 'string') return false;
    if (expected === actual) return true;
    if (expected.search(placeholder) !== -1) {
      const pattern = expected.split(placeholder).map(escape).join('.*');
      return new RegExp(`^${pattern}$`, 's').test(actual);
    }
    const left = parse(expected);
    const right = parse(actual);
    return left !== undefined && right !== undefined && matchValue(left.value, right.value);
  };

  const match: Matcher = (expected, actual) => {
    if (typeof expected === 'string') return matchText(expected, actual);
    if (typeof actual === 'string' && expected !== null && typeof expected !== 'boolean') {
      const parsed = parse(actual);
      return parsed !== undefined && matchValue(expected, parsed.value);
    }
    return matchValue(expected, actual);
  };

  const matchValue: Matcher = (expected, actual) => {
    if (Array.isArray(expected)) {
      return (
        Array.isArray(actual) &&
        actual.length === expected.length &&
        expected.every((item, index) => match(item, actual[index]))
      );
    }
    if (isObject(expected)) {
      if (!isObject(actual)) return false;
      const keys = Object.keys(expected);
      return (
        keys.length === Object.keys(actual).length &&
        keys.every(
          (key) =>
            Object.hasOwn(actual, key) &&
            (isSelfMasked(key, expected[key]) || match(expected[key], actual[key])),
        )
      );
    }
    return typeof expected === 'string' ? expected === actual : Object.is(fold(expected), fold(actual));
  };

  return match;
}

function isSelfMasked(key: string, expected: unknown): boolean {
  return expected === key && SELF_MASKED.test(key);
}

/** -0 and 0 are the same number. */
function fold(value: unknown): unknown {
  return value === 0 ? 0 : value;
}

export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function parse(text: string): { readonly value: unknown } | undefined {
  try {
    return { value: JSON.parse(text) as unknown };
  } catch {
    return undefined;
  }
}

function escape(text: string): string {
  return text.replaceAll(/[.*+?^${}()|[\]\\\-/]/g, String.raw`\$&`);
}
