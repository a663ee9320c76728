/** What is stored of a function: the function itself, which holds `$LATEST`, and each published version. */
import { formatArn, parseArn, type Scope } from '../../base/arn.ts';
import { decodeHead, encodeRecord } from '../../storage/codec.ts';
import { key } from '../../storage/keys.ts';
import type { Key, Value } from '../../storage/store.ts';
import { KEYSPACE } from '../keyspace.ts';
import type { SecretBox } from '../secrets.ts';
import type { CodeReference } from './code-store.ts';

export const LATEST = '$LATEST';

export interface FunctionConfig {
  readonly description: string;
  readonly runtime: string;
  readonly handler: string;
  readonly roleArn: string;
  readonly timeoutSeconds: number;
  readonly memorySizeMb: number;
  readonly ephemeralStorageMb: number;
  readonly architecture: string;
  readonly tracingMode: string;
  readonly logGroupName: string;
  /** Undefined when none were given, which the API tells from an empty map. */
  readonly variables?: Readonly<Record<string, string>> | undefined;
}

export interface FunctionVersion {
  readonly version: string;
  readonly config: FunctionConfig;
  readonly code: CodeReference;
  /** Changes with every change of configuration or code. */
  readonly revisionId: string;
  readonly modifiedAtMs: number;
}

export interface FunctionAlias {
  readonly name: string;
  readonly description: string;
  readonly version: string;
  /** A second version and its share of the invocations, from 0 to 1. */
  readonly additional?: { readonly version: string; readonly weight: number } | undefined;
  readonly revisionId: string;
}

/** A statement of a resource policy, as IAM writes it. */
export type PolicyStatement = { readonly Sid: string } & Readonly<Record<string, unknown>>;

export interface FunctionPolicy {
  readonly statements: readonly PolicyStatement[];
  readonly revisionId: string;
}

/** What pages of other origins may do at a function URL; each list says yes to what it names, or to all with `*`. */
export interface FunctionUrlCors {
  readonly allowCredentials?: boolean | undefined;
  readonly allowHeaders?: readonly string[] | undefined;
  readonly allowMethods?: readonly string[] | undefined;
  readonly allowOrigins?: readonly string[] | undefined;
  readonly exposeHeaders?: readonly string[] | undefined;
  readonly maxAgeSeconds?: number | undefined;
}

/** An address where a function, or an alias of it, answers HTTP. */
export interface FunctionUrl {
  /** The first label of its host name; unlike that of any other. */
  readonly id: string;
  readonly authType: 'NONE' | 'AWS_IAM';
  readonly cors?: FunctionUrlCors | undefined;
  readonly createdAtMs: number;
  readonly modifiedAtMs: number;
}

export interface FunctionRecord extends Scope {
  readonly name: string;
  readonly latest: FunctionVersion;
  /** The number of the last version that was published; numbers are not used again. */
  readonly lastVersion: number;
  readonly aliases: Readonly<Record<string, FunctionAlias>>;
  /** By qualifier; the unqualified function's is under the empty text. */
  readonly policies: Readonly<Record<string, FunctionPolicy>>;
  /** By alias; the unqualified function's is under the empty text. Absent in records from before there were any. */
  readonly urls?: Readonly<Record<string, FunctionUrl>> | undefined;
  readonly tags: Readonly<Record<string, string>>;
  readonly reservedConcurrency?: number | undefined;
}

export function functionArn(owner: Scope & { readonly name: string }, qualifier?: string): string {
  return formatArn(
    'lambda',
    owner,
    `function:${owner.name}${qualifier === undefined ? '' : `:${qualifier}`}`,
  );
}

export interface FunctionName extends Scope {
  readonly name: string;
  readonly qualifier?: string;
}

/** `arn:aws:lambda:region:account:function:name[:qualifier]`; `undefined` for anything else. */
export function parseFunctionArn(text: string): FunctionName | undefined {
  const arn = parseArn(text);
  if (arn?.service !== 'lambda') return undefined;
  const [kind, name, qualifier, ...more] = arn.resource.split(':');
  if (kind !== 'function' || !name || more.length > 0) return undefined;
  const { account, region } = arn;
  return { account, region, name, ...(qualifier === undefined ? {} : { qualifier }) };
}

export function functionKey(owner: Scope & { readonly name: string }, version: string = LATEST): Key {
  return key(KEYSPACE.function, owner.account, owner.region, owner.name, version);
}

/** In the store, variables are a sealed text instead of a map. */
interface SealedVersion extends Omit<FunctionVersion, 'config'> {
  readonly config: Omit<FunctionConfig, 'variables'> & { readonly sealedVariables?: string };
}

export interface FunctionCodec {
  encodeFunction(record: FunctionRecord): Value;
  encodeVersion(owner: FunctionRecord, version: FunctionVersion): Value;
  decode(value: Value): { function: FunctionRecord } | { owner: FunctionName; version: FunctionVersion };
}

export function createFunctionCodec(secrets: SecretBox): FunctionCodec {
  const aad = (owner: FunctionName): string => `${functionArn(owner)} variables`;
  const seal = (owner: FunctionName, version: FunctionVersion): SealedVersion => {
    const { variables, ...config } = version.config;
    if (variables === undefined) return { ...version, config };
    const sealedVariables = secrets.seal(JSON.stringify(variables), aad(owner)).toString('base64');
    return { ...version, config: { ...config, sealedVariables } };
  };
  const unseal = (owner: FunctionName, sealed: SealedVersion): FunctionVersion => {
    const { sealedVariables, ...config } = sealed.config;
    if (sealedVariables === undefined) return { ...sealed, config };
    const text = secrets.open(Buffer.from(sealedVariables, 'base64'), aad(owner));
    return { ...sealed, config: { ...config, variables: JSON.parse(text) as Record<string, string> } };
  };
  return {
    encodeFunction: (record) => encodeRecord({ ...record, latest: seal(record, record.latest) }),
    encodeVersion: (owner, version) => {
      const { account, region, name } = owner;
      return encodeRecord({ account, region, name, published: seal(owner, version) });
    },
    decode: (value) => {
      const head = decodeHead<FunctionRecord & { latest: SealedVersion; published?: SealedVersion }>(value);
      if (head.published !== undefined) return { owner: head, version: unseal(head, head.published) };
      return { function: { ...head, latest: unseal(head, head.latest) } };
    },
  };
}
