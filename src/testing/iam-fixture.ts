/** IAM through the real SDK, for tests: policies of the right form, a client, and what a refusal looks like. */
import assert from 'node:assert/strict';
import {
  CreateRoleCommand,
  type CreateRoleCommandInput,
  IAMClient,
  type IAMServiceException,
} from '@aws-sdk/client-iam';
import type { TestServer } from './test-server.ts';

export const TRUST = JSON.stringify({
  Version: '2012-10-17',
  Statement: [{ Effect: 'Allow', Principal: { Service: 'lambda.amazonaws.com' }, Action: 'sts:AssumeRole' }],
});
export const POLICY = JSON.stringify({
  Version: '2012-10-17',
  Statement: [{ Effect: 'Allow', Action: 'sqs:SendMessage', Resource: "arn:aws:sqs:*:*:orders (it's*)" }],
});
export const ACCOUNT = '123456789012';

export function createClient(server: TestServer, region?: string): IAMClient {
  const config = server.clientConfig({ accessKeyId: ACCOUNT, ...(region === undefined ? {} : { region }) });
  return new IAMClient({ ...config, maxAttempts: 1 });
}

export const createRole = (client: IAMClient, name: string, input: Partial<CreateRoleCommandInput> = {}) =>
  client.send(new CreateRoleCommand({ RoleName: name, AssumeRolePolicyDocument: TRUST, ...input }));

/** Rejects with this code, status and text. */
export async function refused(
  call: Promise<unknown>,
  code: string,
  message: string,
  status?: number,
): Promise<void> {
  await assert.rejects(call, (error: IAMServiceException) => {
    assert.equal(error.name.replace(/Exception$/, ''), code);
    assert.equal(error.message, message);
    if (status !== undefined) assert.equal(error.$metadata.httpStatusCode, status);
    return true;
  });
}
