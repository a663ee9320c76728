import type { CreateFunctionRequest, FunctionConfiguration } from '../../../api/lambda.ts';
import { uuid } from '../../../base/ids.ts';
import { LATEST, type FunctionRecord } from '../../../engine/function/function-record.ts';
import { saveCode } from '../code.ts';
import { newConfig } from '../config.ts';
import { describeVersion } from '../describe.ts';
import { functionExists, invalidParameterValue } from '../errors.ts';
import { TAGS_MAX } from '../limits.ts';
import { parseFunctionName } from '../resolve.ts';
import type { Handler } from '../../service.ts';
import type { LambdaDependencies } from '../service.ts';

export function createFunction({
  functions,
}: LambdaDependencies): Handler<CreateFunctionRequest, FunctionConfiguration> {
  return async (input, call) => {
    const owner = parseFunctionName(call.scope, input.FunctionName);
    const { name } = owner;
    if (!/^[A-Za-z0-9_-]{1,64}$/.test(name)) {
      throw invalidParameterValue(
        `1 validation error detected: Value '${name}' at 'functionName' failed to satisfy constraint: Member must have length less than or equal to 64`,
      );
    }
    const config = newConfig(name, input);
    const tags = input.Tags ?? {};
    if (Object.keys(tags).length > TAGS_MAX) throw invalidParameterValue('The number of tags exceeds 50.');
    if (functions.get(owner, name) !== undefined) throw functionExists(name);
    const code = await saveCode(functions, input.Code);
    // Another request may have come first while the package was being unpacked.
    if (functions.get(owner, name) !== undefined) throw functionExists(name);
    return call.turn((turn) => {
      const latest = { version: LATEST, config, code, revisionId: uuid(turn.random), modifiedAtMs: turn.now };
      const { account, region } = owner;
      const record: FunctionRecord = {
        account,
        region,
        name,
        latest,
        lastVersion: 0,
        aliases: {},
        policies: {},
        tags,
      };
      const entry = functions.put(turn, record);
      if (input.Publish !== true) return describeVersion(record, latest, { state: 'creating' });
      const version = functions.publish(turn, entry, undefined);
      return describeVersion(record, version, { qualifier: version.version, state: 'creating' });
    });
  };
}
