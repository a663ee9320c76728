import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import {
  encodeDocument,
  policySize,
  requireManagedPolicy,
  requirePermissionsPolicy,
  requireTrustPolicy,
} from './policy-document.ts';

const permissions = (statement: object): string =>
  JSON.stringify({ Version: '2012-10-17', Statement: statement });

const ALLOW = { Effect: 'Allow', Action: 's3:*', Resource: '*' };
const TRUST = { Effect: 'Allow', Principal: { AWS: '*' }, Action: ['sts:AssumeRole', 'sts:TagSession'] };

/** Text of the refusal; undefined when the document is taken. */
function refusal(check: (document: string) => void, document: string): string | undefined {
  try {
    check(document);
    return undefined;
  } catch (error) {
    assert.ok(error instanceof Error);
    return error.message;
  }
}

suite('a policy of permissions', () => {
  const cases: readonly (readonly [why: string, document: string, refusal: string | undefined])[] = [
    ['one statement', permissions(ALLOW), undefined],
    ['a list of statements', permissions([ALLOW, { ...ALLOW, Effect: 'Deny' }]), undefined],
    ['the old version', JSON.stringify({ Version: '2008-10-17', Statement: [ALLOW] }), undefined],
    [
      'NotAction and NotResource',
      permissions({ Effect: 'Deny', NotAction: ['iam:*'], NotResource: ['arn:aws:s3:::x'] }),
      undefined,
    ],
    ['no JSON', '{"Version"', 'Syntax errors in policy.'],
    ['a list', '[]', 'Syntax errors in policy.'],
    ['no statement', '{"Version":"2012-10-17"}', 'Syntax errors in policy.'],
    ['an empty list of statements', permissions([]), 'Syntax errors in policy.'],
    ['deep nesting', `${'['.repeat(1000)}${']'.repeat(1000)}`, 'Syntax errors in policy.'],
    [
      'another version',
      JSON.stringify({ Version: '2020-01-01', Statement: ALLOW }),
      'Policy document must be version 2012-10-17 or greater.',
    ],
    ['no effect', permissions({ Action: 's3:*', Resource: '*' }), 'Missing required field Effect'],
    ['an effect in lower case', permissions({ ...ALLOW, Effect: 'allow' }), 'Invalid effect: "allow"'],
    [
      'a principal',
      permissions({ ...ALLOW, Principal: '*' }),
      'Policy document should not specify a principal.',
    ],
    ['no action', permissions({ Effect: 'Allow', Resource: '*' }), 'Policy statement must contain actions.'],
    [
      'an action without a vendor',
      permissions({ ...ALLOW, Action: 'PutObject' }),
      'Actions/Conditions must be prefaced by a vendor, e.g., iam, sdb, ec2, etc.',
    ],
    [
      'no resource',
      permissions({ Effect: 'Allow', Action: 's3:*' }),
      'Policy statement must contain resources.',
    ],
    [
      'a resource that is no ARN',
      permissions({ ...ALLOW, Resource: 'bucket' }),
      'Resource bucket must be in ARN format or "*".',
    ],
    [
      'two statements of one id',
      permissions([
        { ...ALLOW, Sid: 'a' },
        { ...ALLOW, Sid: 'a' },
      ]),
      'Statement IDs (SID) in a single policy must be unique.',
    ],
  ];
  for (const [why, document, expected] of cases) {
    test(`${expected === undefined ? 'takes' : 'refuses'} ${why}`, () => {
      assert.equal(refusal(requirePermissionsPolicy, document), expected);
    });
  }

  test('has a size without its white space, of 6,144 at the most when it is managed', () => {
    assert.equal(policySize(' {\n\t"a": 1 } '), 7);
    const short = permissions({ ...ALLOW, Resource: 'arn:x' });
    const exact = short.replace('arn:x', `arn:${'x'.repeat(6144 - short.length + 1)}`);
    assert.equal(policySize(exact), 6144);
    assert.equal(refusal(requireManagedPolicy, exact.replaceAll(',', ' ,\n')), undefined);
    assert.equal(
      refusal(requireManagedPolicy, exact.replace('arn:', 'arn:x')),
      'Cannot exceed quota for PolicySize: 6144',
    );
  });
});

suite('a trust policy', () => {
  const cases: readonly (readonly [why: string, document: string, refusal: string | undefined])[] = [
    ['STS actions of a principal', permissions(TRUST), undefined],
    ['no JSON', 'x', 'This policy contains invalid Json'],
    ['a resource', permissions({ ...TRUST, Resource: '*' }), 'Has prohibited field Resource'],
    [
      'no principal',
      permissions({ Effect: 'Allow', Action: 'sts:AssumeRole' }),
      'Missing required field Principal',
    ],
    [
      'actions of others',
      permissions({ ...TRUST, Action: 's3:*' }),
      'AssumeRole policy may only specify STS AssumeRole actions.',
    ],
    [
      'more than 2,048 characters',
      permissions({ ...TRUST, Sid: 'x'.repeat(2048) }),
      'Cannot exceed quota for ACLSizePerRole: 2048',
    ],
  ];
  for (const [why, document, expected] of cases) {
    test(`${expected === undefined ? 'takes' : 'refuses'} ${why}`, () => {
      assert.equal(refusal(requireTrustPolicy, document), expected);
    });
  }
});

test('documents are told percent-encoded, all but the unreserved characters', () => {
  assert.equal(encodeDocument(`{"a":"!'()* ~é"}`), '%7B%22a%22%3A%22%21%27%28%29%2A%20~%C3%A9%22%7D');
});
