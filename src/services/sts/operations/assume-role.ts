import type { AssumeRoleRequest, AssumeRoleResponse } from '../../../api/sts.ts';
import { parseArn } from '../../../base/arn.ts';
import { notImplementedError } from '../../../base/errors.ts';
import type { SessionPolicies, RoleRecord } from '../../../engine/identity/identity-record.ts';
import { unregisteredRoleId } from '../../../engine/identity/ids.ts';
import type { Handler } from '../../service.ts';
import { type Caller, callerOf } from '../caller.ts';
import { exceedsChainMaximum, exceedsRoleMaximum, invalidRoleArn, mayNotAssume } from '../errors.ts';
import * as limits from '../limits.ts';
import type { StsDependencies } from '../service.ts';
import { packedPolicySize, requireSessionPolicy, startSession } from '../session.ts';

/**
 * A session that acts as a role. A role that is not registered can be assumed where every signature is believed, so
 * that a stack works before its roles are made; its id is the same for the same ARN. Trust policies are not evaluated.
 */
export function assumeRole(deps: StsDependencies): Handler<AssumeRoleRequest, AssumeRoleResponse> {
  return (input, call) => {
    if (input.SerialNumber !== undefined || input.TokenCode !== undefined) {
      throw notImplementedError('Multi-factor authentication');
    }
    if (input.ProvidedContexts !== undefined) throw notImplementedError('ProvidedContexts');
    const { RoleArn: roleArn, RoleSessionName: sessionName, SourceIdentity: sourceIdentity } = input;
    const { account, roleName } = requireRoleArn(roleArn);
    const role = deps.identities.findByArn('role', roleArn);
    const caller = callerOf(deps.credentials, call);
    if (role === undefined && deps.requireRoles) throw mayNotAssume(caller.arn, roleArn);
    if (input.Policy !== undefined) requireSessionPolicy(input.Policy);
    const arn = `arn:aws:sts::${account}:assumed-role/${roleName}/${sessionName}`;
    const userId = `${role?.id ?? unregisteredRoleId(roleArn)}:${sessionName}`;
    const credentials = startSession(deps, call, {
      account,
      arn,
      userId,
      roleArn,
      durationSeconds: requireDuration(input.DurationSeconds, role, caller),
      tags: (input.Tags ?? []).map(({ Key, Value }) => ({ key: Key, value: Value })),
      ...policiesOf(input),
      ...(sourceIdentity === undefined ? {} : { sourceIdentity }),
    });
    return {
      Credentials: credentials,
      AssumedRoleUser: { AssumedRoleId: userId, Arn: arn },
      ...packedPolicySize(input.Policy),
      ...(sourceIdentity === undefined ? {} : { SourceIdentity: sourceIdentity }),
    };
  };
}

function requireRoleArn(text: string): { account: string; roleName: string } {
  const arn = parseArn(text);
  const [, roleName] = /^role\/(?:[!-~]+\/)?([\w+=,.@-]{1,64})$/.exec(arn?.resource ?? '') ?? [];
  const isIam = arn?.service === 'iam' && arn.region === '' && /^\d{12}$/.test(arn.account);
  if (arn === undefined || roleName === undefined || !isIam) throw invalidRoleArn(text);
  return { account: arn.account, roleName };
}

function requireDuration(given: number | undefined, role: RoleRecord | undefined, caller: Caller): number {
  const seconds = given ?? limits.SESSION_SECONDS_DEFAULT;
  if (seconds > (role?.sessionSecondsMax ?? limits.ROLE_SESSION_SECONDS_MAX)) throw exceedsRoleMaximum();
  const isChained = caller.roleArn !== undefined;
  if (isChained && seconds > limits.CHAINED_SESSION_SECONDS_MAX) throw exceedsChainMaximum();
  return seconds;
}

function policiesOf({ Policy: document, PolicyArns: given = [] }: AssumeRoleRequest): {
  policies?: SessionPolicies;
} {
  const arns = given.flatMap(({ arn }) => arn ?? []);
  if (document === undefined && arns.length === 0) return {};
  return { policies: document === undefined ? { arns } : { arns, document } };
}
