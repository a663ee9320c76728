import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { JsonObject } from '../../base/json.ts';
import { Clause } from './clause.ts';
import { createEvent, parseEvent } from './event.ts';
import type { Envelope } from './event.ts';
import { toComparableNumber } from './leaf.ts';
import { matches, PatternIndex } from './matcher.ts';
import { compilePattern } from './pattern.ts';
import { printIndex } from './print.ts';

const ENVELOPE: Envelope = {
  id: 'e-1',
  detailType: 'Order Placed',
  source: 'shop',
  account: '000000000000',
  time: '2026-01-31T09:05:07Z',
  region: 'us-east-1',
  resources: ['arn:aws:s3:::one', 'arn:aws:s3:::two'],
  detailText: '{ "total" : 1.0, "big": 123456789012345678901 }',
};

/** Whether the pattern takes the event, asked of the matcher and of an index, which must agree. */
function accepts(pattern: string, event: string): boolean {
  const compiled = compilePattern(pattern);
  const view = parseEvent(event);
  const index = new PatternIndex();
  index.add('rule', compiled);
  const verdict = matches(compiled, view);
  assert.equal(index.match(view).length === 1, verdict);
  return verdict;
}

test('an event in parts matches as its text does', () => {
  const event = createEvent(ENVELOPE);
  const patterns = [
    '{"source":["shop"],"detail-type":["Order Placed"]}',
    '{"resources":[{"suffix":"two"}]}',
    '{"account":["000000000000"],"region":["us-east-1"],"version":["0"],"id":["e-1"],"time":[{"prefix":"2026"}]}',
    '{"detail":{"total":[1]}}',
    '{"detail.big":[123456789012345678901]}',
    '{"replay-name":[{"exists":false}]}',
    '{"source":["other"]}',
  ].map(compilePattern);
  assert.deepEqual(
    patterns.map((pattern) => matches(pattern, event)),
    [true, true, true, true, true, true, false],
  );
  const parsed = parseEvent(event.text);
  assert.deepEqual(
    patterns.map((pattern) => matches(pattern, parsed)),
    patterns.map((pattern) => matches(pattern, event)),
  );
});

test('the detail is spliced into the event as it came', () => {
  assert.ok(createEvent(ENVELOPE).text.endsWith(`,"detail":${ENVELOPE.detailText}}`));
  assert.equal((JSON.parse(createEvent(ENVELOPE).text) as JsonObject)['id'], 'e-1');
});

test('rules on the envelope alone never cause the detail to be read', () => {
  const unread: Envelope = {
    ...ENVELOPE,
    get detailText(): string {
      throw new Error('the detail was read');
    },
  };
  const index = new PatternIndex();
  index.add('mine', compilePattern('{"source":["shop"]}'));
  index.add('other', compilePattern('{"source":["other"],"detail":{"total":[1]}}'));
  assert.deepEqual(index.match(createEvent(unread)), ['mine']);
  index.add('deep', compilePattern('{"source":["shop"],"detail":{"total":[1]}}'));
  assert.throws(() => index.match(createEvent(unread)), /the detail was read/);
  assert.deepEqual(index.match(createEvent(ENVELOPE)), ['mine', 'deep']);
});

test('numbers compare by value, and by their text where no double holds them', () => {
  assert.ok(accepts('{"a":[1]}', '{"a":1.0}'));
  assert.ok(accepts('{"a":[0]}', '{"a":-0}'));
  assert.ok(!accepts('{"a":[1]}', '{"a":"1"}'));
  assert.ok(accepts('{"a":[9007199254740993]}', '{"a":9007199254740993}'));
  assert.ok(!accepts('{"a":[9007199254740993]}', '{"a":9007199254740992}'));
  assert.ok(!accepts('{"a":[{"numeric":[">",0]}]}', '{"a":1e400}'));
  assert.ok(Number.isNaN(toComparableNumber('0.1234567890123456789')));
  assert.equal(toComparableNumber('100000000000000000000'), 1e20);
  assert.equal(toComparableNumber('1.50e-7'), 1.5e-7);
});

test('what is empty is absent, and what is null is not', () => {
  for (const empty of ['[]', '{}', '{"b":1}', '[[]]']) {
    assert.ok(accepts('{"a":[{"exists":false}]}', `{"a":${empty}}`), empty);
    assert.ok(!accepts('{"a":[{"anything-but":"x"}]}', `{"a":${empty}}`), empty);
  }
  assert.ok(accepts('{"a":[{"exists":true}]}', '{"a":null}'));
});

test('both values of a repeated key count, and dotted keys are nested keys', () => {
  assert.ok(accepts('{"a":[1]}', '{"a":1,"a":2}'));
  assert.ok(accepts('{"a":[2]}', '{"a":1,"a":2}'));
  assert.ok(accepts('{"a":{"b":[1],"c":[2]}}', '{"a":[{"b":1}],"a":{"c":2}}'));
  assert.ok(accepts('{"a":{"b.c":[1]}}', '{"a.b":{"c":1}}'));
});

test('conditions below one array hold in one element of it', () => {
  const pattern = '{"a":{"x":[1],"y":[2]}}';
  assert.ok(accepts(pattern, '{"a":[{"x":9},{"x":1,"y":2}]}'));
  assert.ok(!accepts(pattern, '{"a":[{"x":1},{"y":2}]}'));
  assert.ok(accepts('{"a":{"x":[1]},"b":{"y":[2]}}', '{"a":[{"x":1}],"b":[{"y":9},{"y":2}]}'));
  assert.ok(!accepts('{"a":{"b":{"x":[1]},"c":[3]}}', '{"a":[{"b":[{"x":1}]},{"c":3}]}'));
});

test('an address matches however it is spelled', () => {
  assert.ok(accepts('{"a":["2001:db8:0:0:0:0:0:1"]}', '{"a":"2001:DB8::1"}'));
  assert.ok(accepts('{"a":[{"cidr":"10.0.0.77/24"}]}', '{"a":"010.0.0.1"}'));
  assert.ok(!accepts('{"a":[{"cidr":"10.0.0.0/24"}]}', '{"a":"10.0.1.1"}'));
});

test('a long array that repeats a value announces a rule once', () => {
  const index = new PatternIndex();
  index.add('rule', compilePattern('{"a":["x",{"wildcard":"*y*"}]}'));
  const event = parseEvent(JSON.stringify({ a: Array.from({ length: 1000 }, () => 'x') }));
  assert.deepEqual(index.match(event), ['rule']);
});

test('many values deep in nested arrays are joined in one step each', () => {
  const depth = 450;
  const items = Array.from({ length: 20_000 }, (_, n) => `{"x":${n},"y":${n}}`).join(',');
  const event = parseEvent(`{"a":${'['.repeat(depth)}${items}${']'.repeat(depth)}}`);
  assert.ok(!matches(compilePattern('{"a":{"x":[{"exists":true}],"y":[{"numeric":["<",0]}]}}'), event));
  assert.ok(matches(compilePattern('{"a":{"x":[19999],"y":[19999]}}'), event));
  assert.ok(!matches(compilePattern('{"a":{"x":[19999],"y":[19998]}}'), event));
});

test('an index answers in the order of addition, and a replaced rule keeps its place', () => {
  const index = new PatternIndex();
  for (const id of ['c', 'a', 'b']) index.add(id, compilePattern('{"a":[1]}'));
  index.add('c', compilePattern('{"a":[1,2]}'));
  assert.deepEqual(index.match(parseEvent('{"a":1}')), ['c', 'a', 'b']);
  assert.deepEqual(index.match(parseEvent('{"a":2}')), ['c']);
  assert.equal(index.delete('c'), true);
  assert.equal(index.delete('c'), false);
  assert.deepEqual(index.match(parseEvent('{"a":1}')), ['a', 'b']);
  assert.equal(index.size, 2);
});

test('an index can be printed', () => {
  const index = new PatternIndex();
  index.add('one', compilePattern('{"source":["shop"],"detail":{"total":[{"numeric":[">",5]}]}}'));
  index.add('two', compilePattern('{"x":[{"exists":false}]}'));
  assert.equal(
    printIndex(index),
    'one: source "shop" -> detail.total [{"numeric":[">",5]}] & source ["shop"]\ntwo: every event -> x [{"exists":false}]',
  );
});

// Small alphabets make random patterns and events meet.
const KEY = fc.constantFrom('a', 'b', 'c', 'a-b');
const SCALAR = fc.constantFrom('x', 'xy', 'yx', 'X', '10.0.0.1', '', 1, 2, 1.5, true, null);
const OPERATOR = fc.constantFrom(
  'x',
  'xy',
  '10.0.0.1',
  1,
  2,
  true,
  null,
  { prefix: 'x' },
  { suffix: 'x' },
  { 'equals-ignore-case': 'x' },
  { prefix: { 'equals-ignore-case': 'X' } },
  { wildcard: 'x*' },
  { wildcard: '*y*' },
  { 'anything-but': 'x' },
  { 'anything-but': [1] },
  { 'anything-but': { prefix: 'x' } },
  { numeric: ['>', 1] },
  { cidr: '10.0.0.0/8' },
  { exists: true },
  { exists: false },
);

const { pattern: PATTERN } = fc.letrec<{ pattern: object }>((tie) => ({
  pattern: fc.dictionary(
    KEY,
    fc.oneof(
      { depthSize: 'small', withCrossShrink: true },
      fc.array(OPERATOR, { minLength: 1, maxLength: 3 }),
      tie('pattern'),
    ),
    { minKeys: 1, maxKeys: 3 },
  ),
}));

const { object: EVENT } = fc.letrec<{ value: unknown; object: object }>((tie) => ({
  value: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    SCALAR,
    tie('object'),
    fc.array(tie('value'), { maxLength: 4 }),
  ),
  object: fc.dictionary(KEY, tie('value'), { maxKeys: 4 }),
}));

test('an index finds exactly the rules that match on their own, whatever was added and deleted', () => {
  fc.assert(
    fc.property(
      fc.array(PATTERN, { maxLength: 12 }),
      fc.array(fc.nat(11)),
      EVENT,
      (patterns, deleted, value) => {
        const index = new PatternIndex();
        const compiled = patterns.map((pattern) => compilePattern(JSON.stringify(pattern)));
        compiled.forEach((pattern, id) => index.add(String(id), pattern));
        for (const id of deleted) index.delete(String(id));
        const event = parseEvent(JSON.stringify(value));
        const expected = [...compiled.keys()]
          .filter((id) => !deleted.includes(id) && matches(compiled[id] ?? assert.fail(), event))
          .map(String);
        assert.deepEqual(index.match(event), expected);
      },
    ),
    { numRuns: 500 },
  );
});

interface PlainLeaf {
  readonly value: unknown;
  /** The index in each array that an object around it lies in. */
  readonly membership: ReadonlyMap<unknown, number>;
}

/** AWS's flattening, written plainly: every scalar by dotted path. */
function flatten(
  value: unknown,
  path: string,
  membership: ReadonlyMap<unknown, number>,
  into: Map<string, PlainLeaf[]>,
): void {
  if (Array.isArray(value)) {
    value.forEach((item: unknown, index) => {
      const nests = typeof item === 'object' && item !== null;
      flatten(item, path, nests ? new Map(membership).set(value, index) : membership, into);
    });
  } else if (typeof value === 'object' && value !== null) {
    for (const [key, item] of Object.entries(value))
      flatten(item, path === '' ? key : `${path}.${key}`, membership, into);
  } else {
    into.set(path, [...(into.get(path) ?? []), { value, membership }]);
  }
}

function merge(
  a: ReadonlyMap<unknown, number>,
  b: ReadonlyMap<unknown, number>,
): Map<unknown, number> | undefined {
  for (const [array, index] of b) if ((a.get(array) ?? index) !== index) return undefined;
  return new Map([...a, ...b]);
}

/** The definition, tried in all combinations: clauses in path order, each takes a value or an absence that agrees. */
function holds(
  clauses: readonly Clause[],
  leaves: ReadonlyMap<string, PlainLeaf[]>,
  membership: ReadonlyMap<unknown, number>,
): boolean {
  const [clause, ...rest] = clauses;
  if (clause === undefined) return true;
  const agreeing = (leaves.get(clause.path) ?? []).flatMap((leaf) => {
    const merged = merge(membership, leaf.membership);
    return merged === undefined ? [] : [{ leaf, merged }];
  });
  if (agreeing.length === 0 && clause.acceptsAbsence) return holds(rest, leaves, membership);
  return agreeing.some(({ leaf, merged }) => clause.test(toLeaf(leaf.value)) && holds(rest, leaves, merged));
}

function toLeaf(value: unknown): Parameters<Clause['test']>[0] {
  const kind = typeof value === 'string' ? 'string' : typeof value === 'number' ? 'number' : 'literal';
  return { kind, text: String(value), number: kind === 'number' ? Number(value) : NaN, element: undefined };
}

test('matching agrees with the definition tried in all combinations', () => {
  fc.assert(
    fc.property(PATTERN, EVENT, (pattern, value) => {
      const compiled = compilePattern(JSON.stringify(pattern));
      const leaves = new Map<string, PlainLeaf[]>();
      flatten(value, '', new Map(), leaves);
      const expected = compiled.alternatives.some((clauses) =>
        holds([...clauses].sort(Clause.compare), leaves, new Map()),
      );
      assert.equal(matches(compiled, parseEvent(JSON.stringify(value))), expected);
    }),
    { numRuns: 2000 },
  );
});
