import type { GetPolicyVersionRequest, GetPolicyVersionResponse } from '../../../api/iam.ts';
import { requirePolicy, requireVersion, toListedVersion } from '../entities.ts';
import { encodeDocument } from '../policy-document.ts';
import type { Handler } from '../../service.ts';
import type { IamDependencies } from '../service.ts';

export function getPolicyVersion(
  deps: IamDependencies,
): Handler<GetPolicyVersionRequest, GetPolicyVersionResponse> {
  return (input, call) => {
    const policy = requirePolicy(deps, call, input.PolicyArn);
    const version = requireVersion(policy, input.VersionId);
    return {
      PolicyVersion: { Document: encodeDocument(version.document), ...toListedVersion(policy, version) },
    };
  };
}
