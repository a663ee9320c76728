import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseEvent } from './event.ts';
import { explain } from './explain.ts';
import { compilePattern } from './pattern.ts';

test('a failed clause is named with what was wanted and what was found', () => {
  const pattern = compilePattern(
    '{"source":["shop"],"detail":{"state":["open", "new"],"total":[{"numeric":[">",5]}]}}',
  );
  const explanation = explain(pattern, parseEvent('{"source":"shop","detail":{"total":3}}'));
  assert.deepEqual(explanation, {
    matched: false,
    failed: [
      { path: 'detail.state', expected: '["open", "new"]', found: [], inOtherElement: false },
      { path: 'detail.total', expected: '[{"numeric":[">",5]}]', found: ['3'], inOtherElement: false },
    ],
    text: 'No match: detail.state is absent, wanted ["open", "new"]; detail.total is 3, wanted [{"numeric":[">",5]}].',
  });
});

test('a match needs no explanation', () => {
  const explanation = explain(compilePattern('{"a":[1]}'), parseEvent('{"a":1}'));
  assert.deepEqual(explanation, { matched: true, failed: [], text: 'The event matches.' });
});

test('clauses that hold in different array elements are told apart from those that hold nowhere', () => {
  const explanation = explain(
    compilePattern('{"a":{"x":[1],"y":[2]}}'),
    parseEvent('{"a":[{"x":1},{"y":2}]}'),
  );
  assert.equal(explanation.failed[0]?.inOtherElement, true);
  assert.match(explanation.text, /^No match: a\.y is 2, in another array element/);
});

test('of several alternatives the nearest one is told', () => {
  const pattern = compilePattern('{"$or":[{"a":[1],"b":[1]},{"a":[2]}]}');
  const explanation = explain(pattern, parseEvent('{"a":3}'));
  assert.deepEqual(
    explanation.failed.map(({ expected }) => expected),
    ['[2]'],
  );
  assert.match(explanation.text, /the nearest of 2 alternatives/);
});
