import type { AddPermissionRequest, AddPermissionResponse } from '../../../api/lambda.ts';
import { uuid } from '../../../base/ids.ts';
import { functionArn, type PolicyStatement } from '../../../engine/function/function-record.ts';
import { invalidParameterValue, policyTooLong, statementExists } from '../errors.ts';
import { POLICY_SIZE_BYTES_MAX } from '../limits.ts';
import { policyOf } from '../policy.ts';
import { requireFunction, requireRevision } from '../resolve.ts';
import type { Handler } from '../../service.ts';
import type { LambdaDependencies } from '../service.ts';

export function addPermission({
  functions,
}: LambdaDependencies): Handler<AddPermissionRequest, AddPermissionResponse> {
  return (input, call) => {
    if (input.FunctionUrlAuthType !== undefined && input.Action !== 'lambda:InvokeFunctionUrl') {
      throw invalidParameterValue(
        'FunctionUrlAuthType is only supported for lambda:InvokeFunctionUrl action',
      );
    }
    const { entry, qualifier } = requireFunction(functions, call.scope, input.FunctionName, input.Qualifier);
    const { record } = entry;
    const policy = policyOf(record, qualifier);
    if (policy !== undefined) requireRevision(input.RevisionId, policy);
    const before = policy?.statements ?? [];
    if (before.some(({ Sid: id }) => id === input.StatementId)) throw statementExists(input.StatementId);
    const statement = toStatement(input, functionArn(record, qualifier));
    const statements = [...before, statement];
    if (Buffer.byteLength(JSON.stringify(statements)) > POLICY_SIZE_BYTES_MAX) {
      throw policyTooLong(POLICY_SIZE_BYTES_MAX);
    }
    call.turn((turn) => {
      const changed = { statements, revisionId: uuid(turn.random) };
      functions.put(turn, { ...record, policies: { ...record.policies, [qualifier ?? '']: changed } });
    });
    return { Statement: JSON.stringify(statement) };
  };
}

function toStatement(input: AddPermissionRequest, resource: string): PolicyStatement {
  const equals = {
    ...(input.SourceAccount === undefined ? {} : { 'AWS:SourceAccount': input.SourceAccount }),
    ...(input.PrincipalOrgID === undefined ? {} : { 'aws:PrincipalOrgID': input.PrincipalOrgID }),
    ...(input.EventSourceToken === undefined ? {} : { 'lambda:EventSourceToken': input.EventSourceToken }),
    ...(input.FunctionUrlAuthType === undefined
      ? {}
      : { 'lambda:FunctionUrlAuthType': input.FunctionUrlAuthType }),
  };
  const condition = {
    ...(Object.keys(equals).length === 0 ? {} : { StringEquals: equals }),
    ...(input.SourceArn === undefined ? {} : { ArnLike: { 'AWS:SourceArn': input.SourceArn } }),
    ...(input.InvokedViaFunctionUrl === undefined
      ? {}
      : { Bool: { 'lambda:InvokedViaFunctionUrl': String(input.InvokedViaFunctionUrl) } }),
  };
  return {
    Sid: input.StatementId,
    Effect: 'Allow',
    Principal: toPrincipal(input.Principal),
    Action: input.Action,
    Resource: resource,
    ...(Object.keys(condition).length === 0 ? {} : { Condition: condition }),
  };
}

function toPrincipal(principal: string): unknown {
  if (principal === '*') return '*';
  if (/^\d{12}$/.test(principal)) return { AWS: `arn:aws:iam::${principal}:root` };
  return principal.startsWith('arn:') ? { AWS: principal } : { Service: principal };
}
