/** Names of functions in requests: a bare name, an ARN or a part of one, each with or without a qualifier. */
import type { Scope } from '../../base/arn.ts';
import {
  type FunctionAlias,
  functionArn,
  type FunctionName,
  type FunctionVersion,
  LATEST,
  parseFunctionArn,
} from '../../engine/function/function-record.ts';
import { type FunctionEntry, functionNotFound, type Functions } from '../../engine/function/functions.ts';
import { aliasNotFound, invalidParameterValue, preconditionFailed } from './errors.ts';

/** What a name means in `scope`; a qualifier may stand in the name, beside it, or in both and agree. */
export function parseFunctionName(scope: Scope, text: string, qualifier?: string): FunctionName {
  const parsed = parseFunctionArn(text) ?? parsePartial(scope, text);
  if (qualifier && parsed.qualifier !== undefined && parsed.qualifier !== qualifier) {
    throw invalidParameterValue(
      'The derived qualifier from the function name does not match the specified qualifier.',
    );
  }
  return qualifier ? { ...parsed, qualifier } : parsed;
}

/** `name`, `function:name` or `account:function:name`, then a qualifier. */
function parsePartial(scope: Scope, text: string): FunctionName {
  const parts = text.split(':');
  const account = /^\d{12}$/.test(parts[0] ?? '') ? parts.shift() : undefined;
  if (parts[0] === 'function') parts.shift();
  const [name = '', qualifier] = parts;
  const owner = { region: scope.region, account: account ?? scope.account, name };
  return qualifier === undefined ? owner : { ...owner, qualifier };
}

export interface ResolvedFunction {
  readonly entry: FunctionEntry;
  readonly version: FunctionVersion;
  /** As it was named. */
  readonly qualifier: string | undefined;
  readonly alias: FunctionAlias | undefined;
}

/** The function and the version that a request names, or the error that says which of them there is not. */
export function requireFunction(
  functions: Functions,
  scope: Scope,
  name: string,
  qualifierBeside?: string,
): ResolvedFunction {
  const parsed = parseFunctionName(scope, name, qualifierBeside);
  const { qualifier } = parsed;
  const entry = functions.get(parsed, parsed.name);
  if (entry === undefined) throw functionNotFound(functionArn(parsed, qualifier));
  if (qualifier === undefined || qualifier === LATEST) {
    return { entry, version: entry.record.latest, qualifier, alias: undefined };
  }
  const alias = findAlias(entry, qualifier);
  const version = versionOf(entry, alias?.version ?? qualifier);
  if (version === undefined) throw functionNotFound(functionArn(parsed, qualifier));
  return { entry, version, qualifier, alias };
}

export function versionOf({ record, versions }: FunctionEntry, number: string): FunctionVersion | undefined {
  return number === LATEST ? record.latest : versions.get(number);
}

export function findAlias({ record }: FunctionEntry, name: string): FunctionAlias | undefined {
  return Object.hasOwn(record.aliases, name) ? record.aliases[name] : undefined;
}

export function requireAlias(entry: FunctionEntry, name: string): FunctionAlias {
  const alias = findAlias(entry, name);
  if (alias === undefined) throw aliasNotFound(functionArn(entry.record, name));
  return alias;
}

/** A request may say which revision it means to change. */
export function requireRevision(
  expected: string | undefined,
  current: { readonly revisionId: string },
): void {
  if (expected !== undefined && expected !== current.revisionId) throw preconditionFailed();
}
