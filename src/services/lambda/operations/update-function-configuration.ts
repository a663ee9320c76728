import type { FunctionConfiguration, UpdateFunctionConfigurationRequest } from '../../../api/lambda.ts';
import { uuid } from '../../../base/ids.ts';
import { applyConfig } from '../config.ts';
import { describeVersion } from '../describe.ts';
import { requireFunction, requireRevision } from '../resolve.ts';
import type { Handler } from '../../service.ts';
import type { LambdaDependencies } from '../service.ts';

export function updateFunctionConfiguration({
  functions,
}: LambdaDependencies): Handler<UpdateFunctionConfigurationRequest, FunctionConfiguration> {
  return (input, call) => {
    const { record } = requireFunction(functions, call.scope, input.FunctionName).entry;
    requireRevision(input.RevisionId, record.latest);
    const config = applyConfig(record.latest.config, input);
    return call.turn((turn) => {
      const revisionId = uuid(turn.random);
      const latest = { ...record.latest, config, revisionId, modifiedAtMs: turn.now };
      functions.put(turn, { ...record, latest });
      return describeVersion(record, latest, { state: 'updating' });
    });
  };
}
