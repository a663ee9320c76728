/** Aliases: what they may point at. */
import type { AliasRoutingConfiguration } from '../../api/lambda.ts';
import { type FunctionAlias, functionArn, LATEST } from '../../engine/function/function-record.ts';
import { type FunctionEntry, functionNotFound } from '../../engine/function/functions.ts';
import { invalidParameterValue } from './errors.ts';
import { versionOf } from './resolve.ts';

/** Checks both versions of an alias and answers the second one. */
export function requireRouting(
  entry: FunctionEntry,
  version: string,
  routing: AliasRoutingConfiguration | undefined,
): FunctionAlias['additional'] {
  const weights = Object.entries(routing?.AdditionalVersionWeights ?? {});
  const [additional] = weights;
  for (const number of [version, ...weights.map(([name]) => name)]) {
    if (versionOf(entry, number) === undefined) throw functionNotFound(functionArn(entry.record, number));
  }
  if (additional === undefined) return undefined;
  const [name, weight] = additional;
  if (weights.length > 1) {
    throw invalidParameterValue('Number of items in AdditionalVersionWeights cannot be greater than 1');
  }
  if (version === LATEST || name === LATEST) {
    throw invalidParameterValue('$LATEST is not supported for an alias pointing to more than 1 version');
  }
  if (name === version) {
    throw invalidParameterValue(
      `Invalid function version ${version}. Function version ${version} is already included in routing configuration.`,
    );
  }
  return { version: name, weight };
}
