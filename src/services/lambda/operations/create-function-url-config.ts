import type { CreateFunctionUrlConfigRequest, CreateFunctionUrlConfigResponse } from '../../../api/lambda.ts';
import { functionArn, type FunctionUrl } from '../../../engine/function/function-record.ts';
import { functionOfUrlNotFound, urlExists } from '../errors.ts';
import { newUrlId } from '../function-url/address.ts';
import { describeUrl, parseUrlOwner, requireBuffered, toCors, urlOf } from '../function-url/config.ts';
import { findAlias } from '../resolve.ts';
import type { Handler } from '../../service.ts';
import type { LambdaDependencies } from '../service.ts';

export function createFunctionUrlConfig({
  functions,
}: LambdaDependencies): Handler<CreateFunctionUrlConfigRequest, CreateFunctionUrlConfigResponse> {
  return (input, call) => {
    requireBuffered(input.InvokeMode);
    const owner = parseUrlOwner(call, input.FunctionName, input.Qualifier);
    const { name, qualifier } = owner;
    const entry = functions.get(owner, name);
    if (entry === undefined) throw functionOfUrlNotFound();
    const { record } = entry;
    if (qualifier !== undefined && findAlias(entry, qualifier) === undefined) throw functionOfUrlNotFound();
    if (urlOf(record, qualifier) !== undefined) throw urlExists(functionArn(record, qualifier));
    const cors = input.Cors === undefined ? undefined : toCors(input.Cors);
    call.admit();
    const url = call.turn((turn): FunctionUrl => {
      const made = {
        id: newUrlId(turn.random),
        authType: input.AuthType,
        ...(cors === undefined ? {} : { cors }),
        createdAtMs: turn.now,
        modifiedAtMs: turn.now,
      };
      functions.put(turn, { ...record, urls: { ...record.urls, [qualifier ?? '']: made } });
      return made;
    });
    const { LastModifiedTime: _, ...described } = describeUrl(call, { record, qualifier, url });
    return described;
  };
}
