import type { RemovePermissionRequest } from '../../../api/lambda.ts';
import { uuid } from '../../../base/ids.ts';
import { resourceDoesNotExist, statementNotFound } from '../errors.ts';
import { policyOf } from '../policy.ts';
import { requireFunction, requireRevision } from '../resolve.ts';
import type { Handler } from '../../service.ts';
import type { LambdaDependencies } from '../service.ts';

export function removePermission({ functions }: LambdaDependencies): Handler<RemovePermissionRequest, void> {
  return (input, call) => {
    const { entry, qualifier } = requireFunction(functions, call.scope, input.FunctionName, input.Qualifier);
    const { record } = entry;
    const policy = policyOf(record, qualifier);
    if (policy === undefined) throw resourceDoesNotExist();
    requireRevision(input.RevisionId, policy);
    const statements = policy.statements.filter(({ Sid: id }) => id !== input.StatementId);
    if (statements.length === policy.statements.length) throw statementNotFound(input.StatementId);
    call.turn((turn) => {
      const { [qualifier ?? '']: _, ...others } = record.policies;
      const kept =
        statements.length === 0 ? {} : { [qualifier ?? '']: { statements, revisionId: uuid(turn.random) } };
      functions.put(turn, { ...record, policies: { ...others, ...kept } });
    });
  };
}
