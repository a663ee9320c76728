import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createEvent } from '../pattern/event.ts';
import { compilePath, selectText } from './path.ts';
import { compilePipeParameter } from './pipe-parameter.ts';
import { compilePipeTemplate } from './pipe-template.ts';
import type { TargetInput } from './rule-input.ts';
import { compileTargetInput } from './rule-input.ts';

const EVENT = createEvent({
  id: 'e-1',
  detailType: 'Order Placed',
  source: 'shop',
  account: '000000000000',
  time: '2026-01-31T09:05:07Z',
  region: 'us-east-1',
  resources: ['r-1'],
  detailText:
    '{"id": "o-1", "n": 1.0, "big": 12345678901234567890, "quote": "say \\"hi\\"", "list": ["A", "B"], "o": {"k": "v"}}',
});
const CONTEXT = { ruleArn: 'arn:rule', ruleName: 'rule', ingestionTime: '2026-01-31T09:05:08Z' };

function render(input: TargetInput): string | undefined {
  const rendered = compileTargetInput('t', input).render(EVENT, CONTEXT);
  return rendered.kind === 'text' ? rendered.text : undefined;
}

function transform(template: string, paths: Record<string, string> = {}): string | undefined {
  return render({ InputTransformer: { InputTemplate: template, InputPathsMap: paths } });
}

const PIPE = {
  pipeArn: 'arn:pipe',
  pipeName: 'pipe',
  sourceArn: 'arn:source',
  enrichmentArn: '',
  targetArn: 'arn:target',
  ingestionTime: '2026-01-31T09:05:08Z',
};
const RECORD = '{"messageId":"m-1","body":{"id":7,"name":"a \\"b\\"","tags":[{"t":"x"},{"t":"y"}]}}';

test('a path picks raw text, so numbers keep their spelling', () => {
  const select = (path: string, json: string): string | undefined =>
    selectText(compilePath(path) ?? assert.fail(path), json);
  assert.equal(select('$.a-b[1].c', '{"a-b": [0, {"c": 1.0}]}'), '1.0');
  assert.equal(select('$.a[*].b', '{"a":[{"b":1},{"c":0},{"b":"x"}]}'), '[1,"x"]');
  assert.equal(select('$', ' {"a":1} '), '{"a":1}');
  assert.equal(select('$.a', '{"a":1,"a":2}'), '2');
  assert.equal(select('$.a.b', '{"a":"b"}'), undefined);
  for (const text of ['a', '$a', '$..a', '$.a[', '$.a[x]']) assert.equal(compilePath(text), undefined, text);
});

test('an input is the event, a constant, or a piece of it', () => {
  assert.equal(render({}), EVENT.text);
  assert.equal(render({ Input: '{"a":1}' }), '{"a":1}');
  assert.equal(render({ InputPath: '$.detail.id' }), '"o-1"');
  assert.equal(render({ InputPath: '$.detail.big' }), '12345678901234567890');
  assert.equal(render({ InputPath: '$.region' }), '"us-east-1"');
});

test('a JSON template takes JSON values outside quotes and text inside', () => {
  const paths = { id: '$.detail.id', n: '$.detail.n', quote: '$.detail.quote', none: '$.detail.none' };
  assert.equal(
    transform('{"id":<id>,"n":<n>,"t":"is <id> <none>","none":<none>,"q":"<quote>"}', paths),
    '{"id":"o-1","n":1.0,"t":"is o-1 ","none":"","q":"say \\"hi\\""}',
  );
});

test('an object inside a JSON string drops the event, and inside a text loses its quotes', () => {
  const paths = { o: '$.detail.o', list: '$.detail.list' };
  assert.equal(transform('{"o":"<o>"}', paths), undefined);
  assert.equal(transform('"<o> and <list>"', paths), '"{k:v} and [A,B]"');
});

test('an input that AWS refuses is refused in its words', () => {
  const refuses = (input: TargetInput, message: string): void => {
    assert.throws(() => compileTargetInput('t', input), { code: 'ValidationException', message });
  };
  refuses(
    { Input: '1', InputPath: '$' },
    'Only one of Input, InputPath, or InputTransformer must be provided for target t.',
  );
  refuses(
    { InputTransformer: { InputTemplate: '"<unknown>"' } },
    'InputTemplate for target t contains invalid placeholder unknown.',
  );
  refuses({ Input: '{' }, 'JSON syntax error in input for target t.');
  refuses({ InputTransformer: { InputTemplate: '{"a":' } }, 'Invalid InputTemplate for target t.');
  refuses({ InputPath: 'detail' }, 'Invalid InputPath for target t.');
});

test('a pipe template renders values, texts and its reserved variables', () => {
  const template = compilePipeTemplate(
    '{"id":<$.body.id>,"name":<$.body.name>,"text":"<$.body.name> <$.body.tags>","pipe":<aws.pipes.pipe-name>,"none":<$.none>,"all":<$.body.tags[*].t>}',
  );
  const text = template.render(RECORD, PIPE);
  assert.deepEqual(JSON.parse(text), {
    id: 7,
    name: 'a "b"',
    text: 'a "b" [{t:x},{t:y}]',
    pipe: 'pipe',
    none: '',
    all: ['x', 'y'],
  });
});

test('a pipe template may be text, a quoted string or one placeholder', () => {
  assert.equal(compilePipeTemplate('Hello <$.body.name>, <b>').render(RECORD, PIPE), 'Hello a "b", <b>');
  assert.equal(compilePipeTemplate('"n: <$.body.id>"').render(RECORD, PIPE), '"n: 7"');
  assert.equal(compilePipeTemplate('<$.messageId>').render(RECORD, PIPE), '"m-1"');
  assert.equal(compilePipeTemplate('<aws.pipes.event.json>').render(RECORD, PIPE, '{}'), RECORD);
  assert.equal(compilePipeTemplate('<aws.pipes.event>').render(RECORD, PIPE, '{}'), '{}');
  assert.throws(() => compilePipeTemplate('<aws.pipes.nothing>'), { code: 'ValidationException' });
});

test('a pipe parameter is a constant or one whole path', () => {
  assert.deepEqual(
    ['key', '$.body.name', '$.body.id', '$.none'].map((text) => compilePipeParameter(text).render(RECORD)),
    ['key', 'a "b"', '7', undefined],
  );
  assert.throws(() => compilePipeParameter('$.a['), { code: 'ValidationException' });
});
