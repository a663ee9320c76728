import type { UpdateAccessKeyRequest } from '../../../api/iam.ts';
import { requireAccessKey } from '../entities.ts';
import type { Handler } from '../../service.ts';
import type { IamDependencies } from '../service.ts';

export function updateAccessKey(deps: IamDependencies): Handler<UpdateAccessKeyRequest, void> {
  return (input, call) => {
    const { accessKeyId } = requireAccessKey(deps, call, input);
    const isActive = input.Status === 'Active';
    call.turn((turn) => deps.credentials.updateAccessKey(turn, accessKeyId, { isActive }));
  };
}
