import type { FunctionConfiguration, PublishVersionRequest } from '../../../api/lambda.ts';
import { notImplementedError } from '../../../base/errors.ts';
import type { FunctionEntry } from '../../../engine/function/functions.ts';
import { codeSha256, describeVersion } from '../describe.ts';
import { invalidParameterValue } from '../errors.ts';
import { requireFunction, requireRevision } from '../resolve.ts';
import type { Handler } from '../../service.ts';
import type { LambdaDependencies } from '../service.ts';

/** Nothing new is published while code and configuration are those of the version published last. */
export function publishVersion({
  functions,
}: LambdaDependencies): Handler<PublishVersionRequest, FunctionConfiguration> {
  return (input, call) => {
    if (input.PublishTo !== undefined) throw notImplementedError('The parameter PublishTo');
    const { entry } = requireFunction(functions, call.scope, input.FunctionName);
    const { latest } = entry.record;
    requireRevision(input.RevisionId, latest);
    const sha256 = codeSha256(latest.code);
    if (input.CodeSha256 !== undefined && input.CodeSha256 !== sha256) {
      throw invalidParameterValue(
        `CodeSHA256 (${input.CodeSha256}) is different from current CodeSHA256 in $LATEST (${sha256}). Please try again with the CodeSHA256 in $LATEST.`,
      );
    }
    const version =
      unchangedSince(entry) ?? call.turn((turn) => functions.publish(turn, entry, input.Description));
    return describeVersion(entry.record, version, { qualifier: version.version });
  };
}

function unchangedSince({ record, versions }: FunctionEntry) {
  const last = versions.get(String(record.lastVersion));
  if (last === undefined || last.code.sha256 !== record.latest.code.sha256) return undefined;
  return last.modifiedAtMs === record.latest.modifiedAtMs ? last : undefined;
}
