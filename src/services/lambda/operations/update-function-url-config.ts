import type { UpdateFunctionUrlConfigRequest, UpdateFunctionUrlConfigResponse } from '../../../api/lambda.ts';
import type { FunctionUrl } from '../../../engine/function/function-record.ts';
import { functionOfUrlNotFound, resourceDoesNotExist } from '../errors.ts';
import { describeUrl, parseUrlOwner, requireBuffered, toCors, urlOf } from '../function-url/config.ts';
import { findAlias } from '../resolve.ts';
import type { Handler } from '../../service.ts';
import type { LambdaDependencies } from '../service.ts';

/** Members that are left out stay as they are; `Cors` is replaced as a whole. */
export function updateFunctionUrlConfig({
  functions,
}: LambdaDependencies): Handler<UpdateFunctionUrlConfigRequest, UpdateFunctionUrlConfigResponse> {
  return (input, call) => {
    requireBuffered(input.InvokeMode);
    const owner = parseUrlOwner(call, input.FunctionName, input.Qualifier);
    const { name, qualifier } = owner;
    const entry = functions.get(owner, name);
    if (entry === undefined) throw functionOfUrlNotFound();
    const { record } = entry;
    if (qualifier !== undefined && findAlias(entry, qualifier) === undefined) throw functionOfUrlNotFound();
    const before = urlOf(record, qualifier);
    if (before === undefined) throw resourceDoesNotExist();
    const { cors: corsBefore, ...kept } = before;
    const cors = input.Cors === undefined ? corsBefore : toCors(input.Cors);
    const url = call.turn((turn): FunctionUrl => {
      const changed = {
        ...kept,
        authType: input.AuthType ?? before.authType,
        ...(cors === undefined ? {} : { cors }),
        modifiedAtMs: turn.now,
      };
      functions.put(turn, { ...record, urls: { ...record.urls, [qualifier ?? '']: changed } });
      return changed;
    });
    return describeUrl(call, { record, qualifier, url });
  };
}
