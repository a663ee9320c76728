import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { registry } from '../api/registry.ts';
import { isGlobalWrite } from './global-services.ts';

/** Of REST services the model says it: what is fetched with GET changes nothing. */
suite('a global service', () => {
  test('is written by everything that its model does not fetch with GET, and a few reads that are posted', async () => {
    const { model } = await registry.route53.load();
    const reads = Object.entries(model.operations).filter(([name]) => !isGlobalWrite('route53', name));
    const posted = reads.filter(([, { method }]) => method !== 'GET').map(([name]) => name);
    assert.deepEqual(posted, ['ListTagsForResources']);
    const fetched = Object.entries(model.operations).filter(([, { method }]) => method === 'GET');
    assert.deepEqual(
      fetched.filter(([name]) => isGlobalWrite('route53', name)),
      [],
    );
  });

  test('is not written at home if each region does it for itself', () => {
    assert.ok(!isGlobalWrite('sts', 'AssumeRole'));
    assert.ok(isGlobalWrite('iam', 'SetDefaultPolicyVersion') && !isGlobalWrite('iam', 'ListUsers'));
    assert.ok(!isGlobalWrite('sqs', 'CreateQueue'));
  });
});
