import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { formatArn, parseArn } from './arn.ts';

test('an ARN that was put together comes apart into the same parts', () => {
  const word = fc.stringMatching(/^[a-z0-9-]{1,12}$/);
  const resource = fc.stringMatching(/^[\w/:.$-]{1,40}$/);
  fc.assert(
    fc.property(word, word, fc.stringMatching(/^\d{12}$/), resource, (service, region, account, name) => {
      assert.deepEqual(parseArn(formatArn(service, { account, region }, name)), {
        partition: 'aws',
        service,
        region,
        account,
        resource: name,
      });
    }),
  );
});

test('ARNs of global services have no region, and those of AWS itself no account', () => {
  assert.deepEqual(parseArn('arn:aws:iam::000000000000:role/work'), {
    partition: 'aws',
    service: 'iam',
    region: '',
    account: '000000000000',
    resource: 'role/work',
  });
  assert.equal(parseArn('arn:aws:states:::lambda:invoke')?.resource, 'lambda:invoke');
});

test('a text that is no ARN is none, and nothing throws', () => {
  for (const text of [
    '',
    'arn',
    'arn:aws:sqs',
    'arn:aws:sqs:us-east-1:000000000000',
    'arn:aws:sqs:us-east-1:0:',
    'urn:aws:sqs:us-east-1:0:q',
    'arn::sqs:us-east-1:0:q',
    'arn:aws::us-east-1:0:q',
  ])
    assert.equal(parseArn(text), undefined, text);
  fc.assert(
    fc.property(fc.string(), (text) => {
      const parsed = parseArn(text);
      assert.ok(parsed === undefined || text.startsWith('arn:'));
    }),
  );
});
