import type { GetAccessKeyLastUsedRequest, GetAccessKeyLastUsedResponse } from '../../../api/iam.ts';
import { noSuchAccessKey } from '../errors.ts';
import type { Handler } from '../../service.ts';
import type { IamDependencies } from '../service.ts';

/** Tells whose key it is. Uses are not recorded, which IAM writes as `N/A`, as for a key that was last used before it began to record. */
export function getAccessKeyLastUsed(
  deps: IamDependencies,
): Handler<GetAccessKeyLastUsedRequest, GetAccessKeyLastUsedResponse> {
  return (input, call) => {
    const record = deps.credentials.accessKey(input.AccessKeyId);
    if (record === undefined || record.account !== call.scope.account)
      throw noSuchAccessKey(input.AccessKeyId);
    return { UserName: record.userName, AccessKeyLastUsed: { ServiceName: 'N/A', Region: 'N/A' } };
  };
}
