import type { DeleteAccessKeyRequest } from '../../../api/iam.ts';
import { requireAccessKey } from '../entities.ts';
import type { Handler } from '../../service.ts';
import type { IamDependencies } from '../service.ts';

export function deleteAccessKey(deps: IamDependencies): Handler<DeleteAccessKeyRequest, void> {
  return (input, call) => {
    const record = requireAccessKey(deps, call, input);
    call.turn((turn) => deps.credentials.deleteAccessKey(turn, record));
  };
}
