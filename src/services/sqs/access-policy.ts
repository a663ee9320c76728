/**
 * The form of a queue's Policy. What it means is not decided here, nor anywhere yet; but a text that AWS would refuse
 * is refused, so that a mistake is not found out later. One text for all mistakes, as at AWS.
 */
import { isJsonObject, type Json, type JsonObject, parseJson } from '../../base/json.ts';
import { invalidAttributeValue } from './errors.ts';

const VERSIONS: ReadonlySet<Json | undefined> = new Set([undefined, '2008-10-17', '2012-10-17']);
/** Deeper than any condition goes. */
const DEPTH_MAX = 20;

export function requireAccessPolicy(text: string): void {
  if (!isPolicy(parseDocument(text))) throw invalidAttributeValue('Policy');
}

function parseDocument(text: string): Json | undefined {
  try {
    return parseJson(text, DEPTH_MAX);
  } catch {
    return undefined;
  }
}

function isPolicy(policy: Json | undefined): boolean {
  if (!isJsonObject(policy) || !VERSIONS.has(policy['Version'])) return false;
  const { Statement: given } = policy;
  const statements = Array.isArray(given) ? given : [given];
  return statements.length > 0 && statements.every(isStatement);
}

function isStatement(statement: Json | undefined): boolean {
  return (
    isJsonObject(statement) &&
    (statement['Effect'] === 'Allow' || statement['Effect'] === 'Deny') &&
    hasEither(statement, 'Principal', 'NotPrincipal') &&
    hasEither(statement, 'Action', 'NotAction')
  );
}

function hasEither(statement: JsonObject, name: string, opposite: string): boolean {
  return (statement[name] === undefined) !== (statement[opposite] === undefined);
}
