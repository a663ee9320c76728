import type { GetPolicyRequest, GetPolicyResponse } from '../../../api/lambda.ts';
import { resourceDoesNotExist } from '../errors.ts';
import { policyOf } from '../policy.ts';
import { requireFunction } from '../resolve.ts';
import type { Handler } from '../../service.ts';
import type { LambdaDependencies } from '../service.ts';

export function getPolicy({ functions }: LambdaDependencies): Handler<GetPolicyRequest, GetPolicyResponse> {
  return (input, call) => {
    const { entry, qualifier } = requireFunction(functions, call.scope, input.FunctionName, input.Qualifier);
    const policy = policyOf(entry.record, qualifier);
    if (policy === undefined) throw resourceDoesNotExist();
    const document = { Version: '2012-10-17', Id: 'default', Statement: policy.statements };
    return { Policy: JSON.stringify(document), RevisionId: policy.revisionId };
  };
}
