import type { GetCallerIdentityResponse } from '../../../api/sts.ts';
import type { Handler } from '../../service.ts';
import { callerOf } from '../caller.ts';
import type { StsDependencies } from '../service.ts';

export function getCallerIdentity({
  credentials,
}: StsDependencies): Handler<object, GetCallerIdentityResponse> {
  return (_, call) => {
    const { userId, account, arn } = callerOf(credentials, call);
    return { UserId: userId, Account: account, Arn: arn };
  };
}
