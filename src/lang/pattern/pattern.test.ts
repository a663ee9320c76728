import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseEvent } from './event.ts';
import { matches } from './matcher.ts';
import { wildcardComplexity } from './operators/wildcard-complexity.ts';
import { compilePattern } from './pattern.ts';

/** Asserts that a pattern is refused with this reason, which ends where AWS's parser would stand. */
function refuses(pattern: string, reason: string, column?: number): void {
  const place =
    column === undefined ? '' : `\n at [Source: (String)"${pattern}"; line: 1, column: ${column}]`;
  assert.throws(() => compilePattern(pattern), {
    code: 'InvalidEventPatternException',
    message: `Event pattern is not valid. Reason: ${reason}${place}`,
  });
}

function accepts(pattern: string, event: string): boolean {
  return matches(compilePattern(pattern), parseEvent(event));
}

test('a bad pattern is refused in the words and at the place of AWS', () => {
  refuses('{"a":1}', '"a" must be an object or an array', 7);
  refuses('{}', 'Empty objects are not allowed', 3);
  refuses('["a"]', 'Filter is not an object', 2);
  refuses('{"a":[{"regex":"x"}]}', 'Unrecognized match type regex', 17);
  refuses('{"a":[{"prefix":1}]}', 'prefix match pattern must be a string', 18);
  refuses('{"a":[{"wildcard":"a**b"}]}', 'Consecutive wildcard characters at pos 2', 25);
  refuses('{"a":[{"cidr":"10.0.0.0/32"}]}', 'IPv4 mask bits must be < 32');
  refuses(
    '{"a":[1],}',
    "Unexpected character ('}' (code 125)): was expecting double-quote to start field name",
    11,
  );
  refuses('{"a":[{"numeric":[">",5,"<",5]}]}', 'Bottom must be less than top', 31);
});

test('the line of a fault counts, whatever ends lines', () => {
  assert.throws(() => compilePattern('{\r\n "a":\n 1}'), /line: 3, column: 3\]$/);
});

test('a fault in a list of anything-but names its place twice, as AWS does', () => {
  const pattern = '{"a":[{"anything-but":[null]}]}';
  const place = `\n at [Source: (String)"${pattern}"; line: 1, column: 28]`;
  refuses(pattern, `Inside anything but list, start|null|boolean is not supported.${place}${place}`);
});

test('a long pattern is quoted in part', () => {
  assert.throws(
    () => compilePattern(`{"a":"${'x'.repeat(600)}"}`),
    /"\[truncated 108 chars\]; line: 1, column: 7\]$/,
  );
});

test('alternatives of $or combine with what stands around them, and later clauses replace earlier ones', () => {
  const either = '{"c":[3],"$or":[{"a":[1]},{"b":[2]}]}';
  assert.ok(accepts(either, '{"c":3,"b":2}'));
  assert.ok(!accepts(either, '{"b":2}'));
  assert.ok(!accepts('{"a":[1],"$or":[{"a":[2]},{"b":[3]}]}', '{"a":1}'));
  assert.ok(accepts('{"a":[1],"a":[2]}', '{"a":2}'));
  assert.ok(!accepts('{"a":[1],"a":[2]}', '{"a":1}'));
  assert.ok(accepts('{"$or":["a","b"]}', '{"$or":"a"}'));
});

test('the combinations of $or are bounded', () => {
  const or = (key: string): string =>
    `"${key}":{"$or":[${Array.from({ length: 10 }, (_, n) => `{"x":[${n}]}`).join(',')}]}`;
  assert.equal(compilePattern(`{${['a', 'b', 'c'].map(or).join(',')}}`).alternatives.length, 1000);
  assert.throws(() => compilePattern(`{${['a', 'b', 'c', 'd'].map(or).join(',')}}`), {
    code: 'InvalidEventPatternException',
  });
});

test('nesting is bounded before anything recurses', () => {
  const deep = `${'{"a":'.repeat(100_000)}[1]${'}'.repeat(100_000)}`;
  assert.throws(() => compilePattern(deep), { code: 'InvalidEventPatternException' });
});

test('wildcards match in one pass and know their escapes', () => {
  const wildcard = (text: string): string => JSON.stringify({ a: [{ wildcard: text }] });
  const value = (text: string): string => JSON.stringify({ a: text });
  assert.ok(accepts(wildcard('a*b'), value('a\n\nb')));
  assert.ok(!accepts(wildcard('ab*ba'), value('aba')));
  assert.ok(accepts(wildcard('*a*a*b'), value('xxaab')));
  assert.ok(accepts(wildcard('a\\*\\\\b'), value('a*\\b')));
  assert.ok(!accepts(wildcard('a\\*b'), value('axb')));
  assert.ok(!accepts(wildcard('1*'), '{"a":12}'));
});

test('a wildcard too complex for AWS is refused', () => {
  assert.equal(wildcardComplexity(['*bc']), 2);
  assert.equal(wildcardComplexity(['*aaa*']), 5);
  assert.equal(wildcardComplexity(['*データ*']), 4);
  assert.equal(wildcardComplexity(['/srv/*/log/log/log/log/log/x.txt']), 7);
  assert.equal(wildcardComplexity(['foo*bar', '*foobar*']), 5);
  refuses(
    '{"a":[{"wildcard":"a*a*a*a*a*a*"}]}',
    'Rule is too complex - try using fewer wildcard characters or fewer repeating character sequences after a wildcard character',
  );
});

test('case is ignored by character, not by folding', () => {
  const pattern = (text: string): string => JSON.stringify({ a: [{ 'equals-ignore-case': text }] });
  assert.ok(accepts(pattern('straße'), '{"a":"STRASSE"}'));
  assert.ok(!accepts(pattern('straße'), '{"a":"STRAẞE"}'));
  assert.ok(!accepts(pattern('k'), '{"a":"\u212a"}'));
  assert.ok(accepts(JSON.stringify({ a: [{ suffix: { 'equals-ignore-case': '.PNG' } }] }), '{"a":"x.png"}'));
});
