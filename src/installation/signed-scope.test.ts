import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { signedScope } from './signed-scope.ts';

const SCOPE = 'AKIDEXAMPLE/20260131/us-west-2/sqs/aws4_request';
const WEST = { region: 'us-west-2', service: 'sqs' };

suite('the scope that a request is signed for', () => {
  test('is read off the header, wherever the credential stands in it', () => {
    const rest = 'SignedHeaders=host;x-amz-date, Signature=00';
    assert.deepEqual(signedScope(`AWS4-HMAC-SHA256 Credential=${SCOPE}, ${rest}`, '/'), WEST);
    assert.deepEqual(signedScope(`AWS4-HMAC-SHA256 ${rest}, Credential=${SCOPE}`, '/'), WEST);
  });

  test('is read off a presigned URL', () => {
    const query = `X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=${encodeURIComponent(SCOPE)}&X-Amz-Signature=0`;
    assert.deepEqual(signedScope(undefined, `/?${query}`), WEST);
    assert.equal(signedScope(undefined, '/?X-Amz-Credential=x'), undefined);
  });

  test('is unknown of what is not signed, or not for one region', () => {
    for (const text of [
      undefined,
      '',
      'Basic YTpi',
      'AWS4-HMAC-SHA256 Credential=',
      `AWS4-ECDSA-P256-SHA256 Credential=${SCOPE.replace('/us-west-2', '')}, SignedHeaders=host, Signature=00`,
      'AWS4-HMAC-SHA256 Credential=a/b/c/d/e/aws4_request',
      'AWS4-HMAC-SHA256 Credential=a/aws4_request',
    ]) {
      assert.equal(signedScope(text, '/'), undefined, text);
    }
  });
});
