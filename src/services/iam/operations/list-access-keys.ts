import type { ListAccessKeysRequest, ListAccessKeysResponse } from '../../../api/iam.ts';
import { requireUserOrCaller, wholeSeconds } from '../entities.ts';
import { paginate } from '../paginate.ts';
import type { Handler } from '../../service.ts';
import type { IamDependencies } from '../service.ts';

export function listAccessKeys(
  deps: IamDependencies,
): Handler<ListAccessKeysRequest, ListAccessKeysResponse> {
  return (input, call) => {
    const user = requireUserOrCaller(deps, call, input.UserName);
    const page = paginate(deps.credentials.accessKeysOf(user), input, ({ accessKeyId }) => accessKeyId);
    const keys = page.items.map(({ accessKeyId, isActive, createdAtMs }) => ({
      UserName: user.name,
      AccessKeyId: accessKeyId,
      Status: isActive ? ('Active' as const) : ('Inactive' as const),
      CreateDate: wholeSeconds(createdAtMs),
    }));
    return { AccessKeyMetadata: keys, ...page.rest };
  };
}
