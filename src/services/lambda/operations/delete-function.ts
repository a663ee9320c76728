import type { DeleteFunctionRequest, DeleteFunctionResponse } from '../../../api/lambda.ts';
import { LATEST } from '../../../engine/function/function-record.ts';
import { invalidParameterValue, versionIsAliased } from '../errors.ts';
import { requireFunction } from '../resolve.ts';
import type { Handler } from '../../service.ts';
import type { LambdaDependencies } from '../service.ts';

/** Without a qualifier the whole function goes, else one published version. */
export function deleteFunction({
  functions,
}: LambdaDependencies): Handler<DeleteFunctionRequest, DeleteFunctionResponse> {
  return (input, call) => {
    const found = requireFunction(functions, call.scope, input.FunctionName, input.Qualifier);
    const { entry, version, qualifier, alias } = found;
    if (qualifier === undefined) {
      call.turn((turn) => functions.delete(turn, entry));
      return { StatusCode: 204 };
    }
    if (qualifier === LATEST) {
      throw invalidParameterValue('$LATEST version cannot be deleted without deleting the function.');
    }
    if (alias !== undefined) throw invalidParameterValue('Aliases are deleted with DeleteAlias.');
    const aliases = Object.values(entry.record.aliases).filter(
      (other) => other.version === qualifier || other.additional?.version === qualifier,
    );
    if (aliases.length > 0) throw versionIsAliased(aliases.map(({ name }) => name));
    call.turn((turn) => functions.deleteVersion(turn, entry, version));
    return { StatusCode: 204 };
  };
}
