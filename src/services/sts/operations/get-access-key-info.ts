import type { GetAccessKeyInfoRequest, GetAccessKeyInfoResponse } from '../../../api/sts.ts';
import { accountOfAccessKeyId } from '../../../engine/identity/ids.ts';
import type { Handler } from '../../service.ts';
import { invalidAccessKeyId } from '../errors.ts';

/** Read from the id itself: as on AWS, the answer says nothing about whether the key exists. */
export function getAccessKeyInfo(): Handler<GetAccessKeyInfoRequest, GetAccessKeyInfoResponse> {
  return (input) => {
    const account = accountOfAccessKeyId(input.AccessKeyId);
    if (account === undefined) throw invalidAccessKeyId();
    return { Account: account };
  };
}
