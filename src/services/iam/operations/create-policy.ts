import type { CreatePolicyRequest, CreatePolicyResponse } from '../../../api/iam.ts';
import { iamId } from '../../../base/ids.ts';
import type { PolicyRecord } from '../../../engine/identity/identity-record.ts';
import { toPolicy } from '../entities.ts';
import { policyNameIsTaken, quotaExceeded } from '../errors.ts';
import { POLICIES_MAX } from '../limits.ts';
import { requireManagedPolicy } from '../policy-document.ts';
import { addTags } from '../tags.ts';
import type { Handler } from '../../service.ts';
import type { IamDependencies } from '../service.ts';

export function createPolicy(deps: IamDependencies): Handler<CreatePolicyRequest, CreatePolicyResponse> {
  return (input, call) => {
    const { PolicyName: name, Path: path = '/', Description: description } = input;
    const { account } = call.scope;
    requireManagedPolicy(input.PolicyDocument);
    if (deps.identities.find('policy', account, name) !== undefined) throw policyNameIsTaken(name);
    if (deps.identities.count('policy', account) >= POLICIES_MAX) {
      throw quotaExceeded('PoliciesPerAccount', POLICIES_MAX);
    }
    const tags = addTags([], input.Tags);
    const policy = call.turn((turn): PolicyRecord => {
      const created: PolicyRecord = {
        kind: 'policy',
        account,
        name,
        path,
        id: iamId(turn.random, 'ANPA'),
        tags,
        createdAtMs: turn.now,
        updatedAtMs: turn.now,
        defaultVersion: 1,
        lastVersion: 1,
        versions: [{ number: 1, document: input.PolicyDocument, createdAtMs: turn.now }],
        ...(description === undefined ? {} : { description }),
      };
      deps.identities.put(turn, created);
      return created;
    });
    return { Policy: toPolicy(deps.identities, policy) };
  };
}
