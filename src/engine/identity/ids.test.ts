import assert from 'node:assert/strict';
import { test } from 'node:test';
import { seededRandom } from '../../base/random.ts';
import { accountOfAccessKeyId, createAccessKeyId, unregisteredRoleId } from './ids.ts';

test('an access key id tells its account', () => {
  const random = seededRandom(1);
  for (const account of ['000000000000', '123456789012', '999999999999']) {
    const id = createAccessKeyId(random, 'AKIA', account);
    assert.match(id, /^AKIA[A-Z2-7]{16}$/);
    assert.equal(accountOfAccessKeyId(id), account);
  }
  assert.notEqual(
    createAccessKeyId(random, 'ASIA', '123456789012'),
    createAccessKeyId(random, 'ASIA', '123456789012'),
  );
});

test('the account of a published key of AWS is read, too', () => {
  assert.equal(accountOfAccessKeyId('ASIAQNZGKIQY56JQ7WML'), '029608264753');
});

test('what is no access key id, or older than the form, tells none', () => {
  for (const text of [
    'test',
    '123456789012',
    'AKIAIOSFODNN7EXAMPLE',
    'asiaqnzgkiqy56jq7wml',
    'AKIA7777777777777777',
  ]) {
    assert.equal(accountOfAccessKeyId(text), undefined, text);
  }
});

test('a role that is not registered has the same id each time', () => {
  const id = unregisteredRoleId('arn:aws:iam::123456789012:role/a');
  assert.match(id, /^AROA[A-Z2-7]{17}$/);
  assert.equal(unregisteredRoleId('arn:aws:iam::123456789012:role/a'), id);
  assert.notEqual(unregisteredRoleId('arn:aws:iam::123456789012:role/b'), id);
});
