import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { isWithin, parseDomainName, sortKeyOf, toShownName } from './domain-name.ts';

suite('domain names', () => {
  test('have one form: lower case, no dot at the end, escapes in octal', () => {
    const cases: [string, string][] = [
      ['Example.COM', 'example.com'],
      ['example.com.', 'example.com'],
      ['*.example.com', '*.example.com'],
      ['\\052.example.com', '*.example.com'],
      ['_dmarc.example.com', '_dmarc.example.com'],
      ['a\\056b.example', 'a\\056b.example'],
      ['\\101.example', 'a.example'],
      ['x\\000.example', 'x\\000.example'],
      ['\\344.example', '\\344.example'],
      ['com', 'com'],
    ];
    for (const [text, name] of cases) assert.equal(parseDomainName(text), name, text);
    assert.equal(toShownName('*.example.com'), '\\052.example.com.');
  });

  test('that are none say what is wrong, as Route 53 does', () => {
    const long = 'a'.repeat(64);
    const cases: [string, RegExp][] = [
      ['', /^DomainNameEmpty \(Domain name is empty\)$/],
      ['a..b', /^DomainLabelEmpty \(Domain label is empty\)$/],
      ['.a', /^DomainLabelEmpty/],
      [`${long}.b`, /^DomainLabelTooLong/],
      [Array.from({ length: 5 }, () => long.slice(1)).join('.'), /^DomainNameTooLong/],
      ['a b.c', /^UnsupportedCharacter/],
      ['ä.c', /^UnsupportedCharacter/],
      ['a\\b.c', /^UnsupportedCharacter/],
      ['a\\400.c', /^UnsupportedCharacter/],
    ];
    for (const [text, problem] of cases) {
      const parsed = parseDomainName(text);
      assert.ok(typeof parsed === 'object', text);
      assert.match(parsed.problem, problem);
    }
  });

  test('lie in a zone by whole labels, and sort from the right', () => {
    assert.ok(isWithin('a.b.c', 'b.c'));
    assert.ok(isWithin('b.c', 'b.c'));
    assert.ok(!isWithin('ab.c', 'b.c'));
    const sorted = ['b.example', 'example', 'a.b.example', 'a.example', 'aa.example', 'example2'];
    const names = sorted.toSorted((a, b) => (sortKeyOf(a) < sortKeyOf(b) ? -1 : 1));
    assert.deepEqual(names, ['example', 'a.example', 'aa.example', 'b.example', 'a.b.example', 'example2']);
  });
});
