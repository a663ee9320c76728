import type { FunctionConfiguration, UpdateFunctionCodeRequest } from '../../../api/lambda.ts';
import { notImplementedError } from '../../../base/errors.ts';
import { uuid } from '../../../base/ids.ts';
import { saveCode } from '../code.ts';
import { describeVersion } from '../describe.ts';
import { requireFunction, requireRevision } from '../resolve.ts';
import type { Handler } from '../../service.ts';
import type { LambdaDependencies } from '../service.ts';

export function updateFunctionCode({
  functions,
}: LambdaDependencies): Handler<UpdateFunctionCodeRequest, FunctionConfiguration> {
  return async (input, call) => {
    if (input.PublishTo !== undefined) throw notImplementedError('The parameter PublishTo');
    const find = () => requireFunction(functions, call.scope, input.FunctionName).entry;
    requireRevision(input.RevisionId, find().record.latest);
    const code = await saveCode(functions, input);
    // The function may have been changed or deleted while the package was being unpacked.
    const entry = find();
    const { record } = entry;
    requireRevision(input.RevisionId, record.latest);
    const architecture = input.Architectures?.[0] ?? record.latest.config.architecture;
    const config = { ...record.latest.config, architecture };
    if (input.DryRun === true) return describeVersion(record, { ...record.latest, code, config });
    return call.turn((turn) => {
      const revisionId = uuid(turn.random);
      const latest = { ...record.latest, code, config, revisionId, modifiedAtMs: turn.now };
      functions.put(turn, { ...record, latest });
      if (input.Publish !== true) return describeVersion(record, latest, { state: 'updating' });
      const version = functions.publish(turn, entry, undefined);
      return describeVersion(record, version, { qualifier: version.version, state: 'updating' });
    });
  };
}
