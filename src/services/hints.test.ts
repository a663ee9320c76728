import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { AwsError } from '../base/errors.ts';
import { findHint } from './hints.ts';

const QUEUE = 'arn:aws:sqs:us-west-2:123456789012:MyQueue';
const MACHINE = 'arn:aws:states:us-west-2:123456789012:stateMachine:Orders';
const NOT_FOUND = new AwsError('ResourceNotFoundException', 'Event bus us-east-1 does not exist.');

/** The hint for an input that was sent as it is. */
function hint(service: 'pipes' | 'events', operation: string, input: object, error?: AwsError): string {
  const request = { input, bodyText: JSON.stringify(input), error };
  return findHint(service, operation)?.(request) ?? '';
}

const filtered = (pattern: object) => ({
  Name: 'p',
  Source: QUEUE,
  SourceParameters: { FilterCriteria: { Filters: [{ Pattern: JSON.stringify(pattern) }] } },
});

suite('hints for pipes', () => {
  test('say what a pipe without parameters does', () => {
    const plain = { Name: 'p', Source: QUEUE };
    assert.match(hint('pipes', 'CreatePipe', plain), /^pipe p passes on every record as it is/);
    assert.equal(hint('pipes', 'CreatePipe', { ...plain, Enrichment: 'arn' }), '');
  });

  test('name the member that is meant by Filter and Transform, wherever they were put', () => {
    const known = filtered({ body: ['x'] });
    const misnamed = [
      { ...known, Filter: {} },
      { ...known, Transform: {} },
      { ...known, SourceParameters: { Filter: {} } },
      { ...known, TargetParameters: { Transform: {} } },
    ];
    for (const input of misnamed) {
      for (const operation of ['CreatePipe', 'UpdatePipe']) {
        assert.match(hint('pipes', operation, input), /has no member (Filter|Transform), and it was ignored/);
      }
    }
  });

  test('notice a pattern beside the body, and leave one within it alone', () => {
    for (const field of ['source', 'detail-type', 'detail', 'orderAmount']) {
      const text = hint('pipes', 'CreatePipe', filtered({ [field]: ['x'] }));
      assert.match(text, new RegExp(`^the filter asks for ${field}, which no record`));
    }
    assert.equal(hint('pipes', 'CreatePipe', filtered({ body: { source: ['x'] } })), '');
    assert.equal(hint('pipes', 'CreatePipe', filtered({ $or: [{ body: ['x'] }] })), '');
  });

  test('send those who name a bus as the source to a queue', () => {
    const bus = { Name: 'p', Source: 'arn:aws:events:us-west-2:123456789012:event-bus/orders' };
    const refused = new AwsError('NotImplemented', 'no');
    assert.match(hint('pipes', 'CreatePipe', bus, refused), /^an event bus is no source of a pipe/);
  });

  test('are silent about a pipe that was refused for another reason', () => {
    const conflict = new AwsError('ConflictException', 'Pipe p already exists.');
    assert.equal(hint('pipes', 'CreatePipe', { Name: 'p', Source: QUEUE }, conflict), '');
    assert.equal(hint('pipes', 'CreatePipe', filtered({ detail: ['x'] }), conflict), '');
  });

  test('bear bodies that are no JSON', () => {
    const request = { input: filtered({ body: ['x'] }), bodyText: 'Filter', error: undefined };
    assert.equal(findHint('pipes', 'CreatePipe')?.(request), undefined);
  });
});

suite('hints for rules and targets', () => {
  const rule = { Name: 'r', Rule: 'r', Targets: [], EventBusName: 'us-east-1' };

  test('recognise a region where the name of a bus belongs', () => {
    for (const operation of ['PutRule', 'PutTargets']) {
      assert.match(hint('events', operation, rule, NOT_FOUND), /^us-east-1 is a region and no bus/);
      assert.equal(hint('events', operation, rule), '', 'a bus may have that name');
    }
    assert.equal(hint('events', 'PutRule', { ...rule, EventBusName: 'orders' }, NOT_FOUND), '');
  });

  test('say where a rule that is not there was looked for', () => {
    const { EventBusName: _, ...onDefault } = rule;
    assert.match(hint('events', 'PutTargets', onDefault, NOT_FOUND), /^rule r .* on the bus default/);
  });

  test('ask for the role of a target that is a state machine', () => {
    const target = { Id: '1', Arn: MACHINE };
    const input = { Rule: 'r', Targets: [{ Id: '0', Arn: QUEUE }, target] };
    assert.match(hint('events', 'PutTargets', input), /^target 1 is a state machine/);
    assert.equal(hint('events', 'PutTargets', { ...input, Targets: [{ ...target, RoleArn: 'arn' }] }), '');
  });
});

test('an operation without hints costs a look into the table', () => {
  assert.equal(findHint('sqs', 'SendMessage'), undefined);
  assert.equal(findHint('events', 'PutEvents'), undefined);
  assert.equal(findHint('events', 'toString'), undefined);
});
