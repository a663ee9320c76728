/**
 * Policy documents as IAM takes them: JSON with statements of the right form. What a policy means is not decided here.
 * Texts are IAM's own; it reports the first thing that it finds wrong.
 */
import { AwsError } from '../../base/errors.ts';
import { isJsonObject, type Json, type JsonObject, parseJson } from '../../base/json.ts';
import { malformedPolicyDocument, quotaExceeded } from './errors.ts';
import { MANAGED_POLICY_SIZE_MAX, TRUST_POLICY_SIZE_MAX } from './limits.ts';

const VERSIONS: ReadonlySet<Json | undefined> = new Set([undefined, '2008-10-17', '2012-10-17']);
/** Vendor and action, `*` and `?` anywhere in the latter. */
const ACTION = /^(?:\*|[A-Za-z0-9-]+:[A-Za-z0-9*?_-]+)$/;
/** Deeper than any condition goes. */
const DEPTH_MAX = 20;

const SYNTAX = 'Syntax errors in policy.';

/** Characters that count towards the quotas: all but white space. */
export function policySize(document: string): number {
  return document.replaceAll(/\s/g, '').length;
}

/** A policy of permissions, managed or inline. */
export function requirePermissionsPolicy(document: string): void {
  for (const statement of requireStatements(document, SYNTAX)) {
    if ('Principal' in statement || 'NotPrincipal' in statement) {
      throw malformedPolicyDocument('Policy document should not specify a principal.');
    }
    requireActions(statement);
    requireResources(statement);
  }
}

/** A managed policy: one of permissions that is not too long. */
export function requireManagedPolicy(document: string): void {
  requirePermissionsPolicy(document);
  if (policySize(document) > MANAGED_POLICY_SIZE_MAX) {
    throw quotaExceeded('PolicySize', MANAGED_POLICY_SIZE_MAX);
  }
}

/** Who may assume a role. */
export function requireTrustPolicy(document: string): void {
  for (const statement of requireStatements(document, 'This policy contains invalid Json')) {
    if ('Resource' in statement || 'NotResource' in statement) {
      throw malformedPolicyDocument('Has prohibited field Resource');
    }
    if (!('Principal' in statement || 'NotPrincipal' in statement)) {
      throw malformedPolicyDocument('Missing required field Principal');
    }
    for (const action of requireActions(statement)) {
      if (!/^sts:/i.test(action)) {
        throw malformedPolicyDocument('AssumeRole policy may only specify STS AssumeRole actions.');
      }
    }
  }
  if (policySize(document) > TRUST_POLICY_SIZE_MAX)
    throw quotaExceeded('ACLSizePerRole', TRUST_POLICY_SIZE_MAX);
}

/** The statements of a document, each with an effect. `invalidJson` is what to say of a text that is no JSON. */
function requireStatements(document: string, invalidJson: string): readonly JsonObject[] {
  const policy = parseDocument(document, invalidJson);
  if (!isJsonObject(policy)) throw malformedPolicyDocument(SYNTAX);
  if (!VERSIONS.has(policy['Version'])) {
    throw malformedPolicyDocument('Policy document must be version 2012-10-17 or greater.');
  }
  const given = policy['Statement'];
  const statements = Array.isArray(given) ? given : [given];
  if (statements.length === 0) throw malformedPolicyDocument(SYNTAX);
  for (const statement of statements) requireEffect(statement);
  requireDistinctSids(statements as JsonObject[]);
  return statements as JsonObject[];
}

function parseDocument(document: string, invalidJson: string): Json {
  try {
    return parseJson(document, DEPTH_MAX);
  } catch (error) {
    if (error instanceof SyntaxError || error instanceof AwsError) throw malformedPolicyDocument(invalidJson);
    throw error;
  }
}

function requireEffect(statement: Json | undefined): void {
  if (!isJsonObject(statement)) throw malformedPolicyDocument(SYNTAX);
  const effect = statement['Effect'];
  if (effect === undefined) throw malformedPolicyDocument('Missing required field Effect');
  if (effect !== 'Allow' && effect !== 'Deny')
    throw malformedPolicyDocument(`Invalid effect: ${JSON.stringify(effect)}`);
  const condition = statement['Condition'];
  if (condition !== undefined && !isJsonObject(condition)) throw malformedPolicyDocument(SYNTAX);
}

function requireDistinctSids(statements: readonly JsonObject[]): void {
  const sids = statements
    .map((statement) => statement['Sid'])
    .filter((sid) => sid !== undefined && sid !== '');
  if (sids.some((sid) => typeof sid !== 'string')) throw malformedPolicyDocument(SYNTAX);
  if (new Set(sids).size < sids.length) {
    throw malformedPolicyDocument('Statement IDs (SID) in a single policy must be unique.');
  }
}

function requireActions(statement: JsonObject): readonly string[] {
  const actions = texts(statement['Action'] ?? statement['NotAction']);
  if (actions === undefined || actions.length === 0) {
    throw malformedPolicyDocument('Policy statement must contain actions.');
  }
  for (const action of actions) {
    if (!ACTION.test(action)) {
      throw malformedPolicyDocument(
        'Actions/Conditions must be prefaced by a vendor, e.g., iam, sdb, ec2, etc.',
      );
    }
  }
  return actions;
}

function requireResources(statement: JsonObject): void {
  const resources = texts(statement['Resource'] ?? statement['NotResource']);
  if (resources === undefined || resources.length === 0) {
    throw malformedPolicyDocument('Policy statement must contain resources.');
  }
  for (const resource of resources) {
    if (resource !== '*' && !resource.startsWith('arn:')) {
      throw malformedPolicyDocument(`Resource ${resource} must be in ARN format or "*".`);
    }
  }
}

/** One text or a list of them. */
function texts(value: Json | undefined): readonly string[] | undefined {
  if (typeof value === 'string') return [value];
  if (!Array.isArray(value) || !value.every((item) => typeof item === 'string')) return undefined;
  return value;
}

/** IAM answers documents percent-encoded by RFC 3986, which also covers `!'()*`. */
export function encodeDocument(document: string): string {
  return encodeURIComponent(document).replaceAll(
    /[!'()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}
