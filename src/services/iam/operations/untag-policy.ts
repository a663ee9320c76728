import type { UntagPolicyRequest } from '../../../api/iam.ts';
import { requirePolicy } from '../entities.ts';
import { removeTags } from '../tags.ts';
import type { Handler } from '../../service.ts';
import type { IamDependencies } from '../service.ts';

export function untagPolicy(deps: IamDependencies): Handler<UntagPolicyRequest, void> {
  return (input, call) => {
    const policy = requirePolicy(deps, call, input.PolicyArn);
    const tags = removeTags(policy.tags, input.TagKeys);
    call.turn((turn) => deps.identities.put(turn, { ...policy, tags }));
  };
}
