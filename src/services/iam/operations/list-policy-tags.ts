import type { ListPolicyTagsRequest, ListPolicyTagsResponse } from '../../../api/iam.ts';
import { requirePolicy } from '../entities.ts';
import { listTags } from '../tags.ts';
import type { Handler } from '../../service.ts';
import type { IamDependencies } from '../service.ts';

export function listPolicyTags(
  deps: IamDependencies,
): Handler<ListPolicyTagsRequest, ListPolicyTagsResponse> {
  return (input, call) => listTags(requirePolicy(deps, call, input.PolicyArn).tags, input);
}
