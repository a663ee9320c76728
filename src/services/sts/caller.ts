/** Who calls: the holder of a known key, else the root of the account that the request acts in. */
import type { Credentials, KnownCredential } from '../../engine/identity/credentials.ts';
import { rootArn } from '../../engine/identity/identity-record.ts';
import type { Call } from '../service.ts';

export type Caller = Pick<
  KnownCredential,
  'account' | 'arn' | 'userId' | 'userName' | 'roleArn' | 'sessionToken'
>;

/**
 * Keys are only unknown here where the server believes every signature (mode `open`): `test`, or an account's twelve
 * digits. They act as the root of their account, which may do everything, as they may.
 */
export function callerOf(
  credentials: Pick<Credentials, 'lookup'>,
  call: Pick<Call, 'accessKeyId' | 'scope'>,
): Caller {
  const known = credentials.lookup(call.accessKeyId ?? '');
  const { account } = call.scope;
  return known ?? { account, arn: rootArn(account), userId: account };
}
