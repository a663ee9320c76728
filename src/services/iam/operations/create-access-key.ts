import type { CreateAccessKeyRequest, CreateAccessKeyResponse } from '../../../api/iam.ts';
import { requireUserOrCaller, wholeSeconds } from '../entities.ts';
import { quotaExceeded } from '../errors.ts';
import { ACCESS_KEYS_PER_USER_MAX } from '../limits.ts';
import type { Handler } from '../../service.ts';
import type { IamDependencies } from '../service.ts';

export function createAccessKey(
  deps: IamDependencies,
): Handler<CreateAccessKeyRequest, CreateAccessKeyResponse> {
  return (input, call) => {
    const user = requireUserOrCaller(deps, call, input.UserName);
    if (deps.credentials.accessKeysOf(user).length >= ACCESS_KEYS_PER_USER_MAX) {
      throw quotaExceeded('AccessKeysPerUser', ACCESS_KEYS_PER_USER_MAX);
    }
    const { record, secretAccessKey } = call.turn((turn) => deps.credentials.createAccessKey(turn, user));
    return {
      AccessKey: {
        UserName: user.name,
        AccessKeyId: record.accessKeyId,
        Status: 'Active',
        SecretAccessKey: secretAccessKey,
        CreateDate: wholeSeconds(record.createdAtMs),
      },
    };
  };
}
