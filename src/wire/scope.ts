/**
 * Who signs a request, and for what: the credential of its SigV4 or SigV4A signature, from the `Authorization`
 * header or a presigned URL. It is parsed for every request, whether or not the signature is verified, since it
 * names the account, the region and the service.
 */
import type { Scope } from '../base/arn.ts';
import type { WireRequest } from './dispatch.ts';

type SigningAlgorithm = 'AWS4-HMAC-SHA256' | 'AWS4-ECDSA-P256-SHA256';

export interface Credential {
  readonly algorithm: SigningAlgorithm;
  readonly accessKeyId: string;
  /** `20260131` */
  readonly date: string;
  /** Absent in SigV4A, whose scope has none. */
  readonly region: string | undefined;
  readonly service: string;
  /** Lower-case header names, in the order signed. */
  readonly signedHeaders: readonly string[];
  readonly signature: string;
  readonly isPresigned: boolean;
}

/** The account of a caller whose access key does not say it. */
const DEFAULT_ACCOUNT = '000000000000';

const ACCOUNT_KEY = /^\d{12}$/;
const REGION = /^[a-z0-9-]{1,32}$/;
/** A header longer than this is no signature of any SDK. */
const AUTHORIZATION_LENGTH_MAX = 4096;
const AUTHORIZATION_FIELDS: ReadonlySet<string> = new Set(['Credential', 'SignedHeaders', 'Signature']);

/** The text of a header that comes once. */
export function headerText(request: Pick<WireRequest, 'headers'>, name: string): string | undefined {
  const value = request.headers[name];
  return Array.isArray(value) ? value[0] : value;
}

function isAlgorithm(text: string): text is SigningAlgorithm {
  return text === 'AWS4-HMAC-SHA256' || text === 'AWS4-ECDSA-P256-SHA256';
}

/** `key/date/region/service/aws4_request`; SigV4A leaves the region out. The key itself may hold no slash. */
function parseScope(text: string, algorithm: SigningAlgorithm): readonly string[] | undefined {
  const parts = text.split('/');
  const expected = algorithm === 'AWS4-HMAC-SHA256' ? 5 : 4;
  return parts.length === expected && parts.at(-1) === 'aws4_request' ? parts : undefined;
}

function toCredential(
  algorithm: SigningAlgorithm,
  scopeText: string,
  signed: Pick<Credential, 'signature' | 'isPresigned'> & { readonly headers: string },
): Credential | undefined {
  const parts = parseScope(scopeText, algorithm);
  if (parts === undefined) return undefined;
  const [accessKeyId = '', date = ''] = parts;
  const hasRegion = algorithm === 'AWS4-HMAC-SHA256';
  return {
    algorithm,
    accessKeyId,
    date,
    region: hasRegion ? parts[2] : undefined,
    service: parts[hasRegion ? 3 : 2] ?? '',
    signedHeaders: signed.headers.split(';'),
    signature: signed.signature,
    isPresigned: signed.isPresigned,
  };
}

/** `Credential=..., SignedHeaders=..., Signature=...` and nothing else, in any order. */
function parseFields(text: string): ReadonlyMap<string, string> | undefined {
  const fields = new Map<string, string>();
  for (const part of text.split(',')) {
    const trimmed = part.trim();
    const equals = trimmed.indexOf('=');
    const name = trimmed.slice(0, equals);
    if (!AUTHORIZATION_FIELDS.has(name) || fields.has(name)) return undefined;
    fields.set(name, trimmed.slice(equals + 1));
  }
  return fields.size === AUTHORIZATION_FIELDS.size ? fields : undefined;
}

function parseAuthorization(text: string): Credential | undefined {
  if (text.length > AUTHORIZATION_LENGTH_MAX) return undefined;
  const space = text.indexOf(' ');
  const algorithm = text.slice(0, space);
  if (!isAlgorithm(algorithm)) return undefined;
  const fields = parseFields(text.slice(space + 1));
  if (fields === undefined) return undefined;
  return toCredential(algorithm, fields.get('Credential') ?? '', {
    headers: fields.get('SignedHeaders') ?? '',
    signature: fields.get('Signature') ?? '',
    isPresigned: false,
  });
}

function parsePresigned(url: string): Credential | undefined {
  // Cheap refusal first: nearly no request is presigned.
  const queryAt = url.indexOf('?');
  if (queryAt === -1 || !/x-amz-credential=/i.test(url)) return undefined;
  const query = new URLSearchParams(url.slice(queryAt + 1));
  const algorithm = query.get('X-Amz-Algorithm') ?? '';
  if (!isAlgorithm(algorithm)) return undefined;
  return toCredential(algorithm, query.get('X-Amz-Credential') ?? '', {
    headers: query.get('X-Amz-SignedHeaders') ?? '',
    signature: query.get('X-Amz-Signature') ?? '',
    isPresigned: true,
  });
}

/** Undefined for a request that is not signed, or not in a form that AWS's signatures have. */
export function parseCredential(request: WireRequest): Credential | undefined {
  const authorization = headerText(request, 'authorization');
  return authorization === undefined ? parsePresigned(request.url) : parseAuthorization(authorization);
}

export interface ScopeDefaults {
  /** Of the known key that signed. */
  readonly account: string | undefined;
  readonly defaultAccount: string | undefined;
  readonly defaultRegion: string;
}

/** Where a request acts: an access key of twelve digits is its account; the region is the one signed for. */
export function scopeOf(credential: Credential | undefined, defaults: ScopeDefaults): Scope {
  const keyAccount = ACCOUNT_KEY.test(credential?.accessKeyId ?? '') ? credential?.accessKeyId : undefined;
  const signed = credential?.region;
  return {
    account: defaults.account ?? keyAccount ?? defaults.defaultAccount ?? DEFAULT_ACCOUNT,
    region: signed !== undefined && REGION.test(signed) ? signed : defaults.defaultRegion,
  };
}
