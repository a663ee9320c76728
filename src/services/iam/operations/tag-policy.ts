import type { TagPolicyRequest } from '../../../api/iam.ts';
import { requirePolicy } from '../entities.ts';
import { addTags } from '../tags.ts';
import type { Handler } from '../../service.ts';
import type { IamDependencies } from '../service.ts';

export function tagPolicy(deps: IamDependencies): Handler<TagPolicyRequest, void> {
  return (input, call) => {
    const policy = requirePolicy(deps, call, input.PolicyArn);
    const tags = addTags(policy.tags, input.Tags);
    call.turn((turn) => deps.identities.put(turn, { ...policy, tags }));
  };
}
