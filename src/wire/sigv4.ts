/**
 * Verifies AWS Signature Version 4 and its ECDSA variant 4A, in the `Authorization` header and in presigned URLs.
 * Which requests must be signed is the mode's to say: `open` (loopback only) verifies what a known key signed and
 * takes the rest at its word; `verify` refuses everything that no known key signed.
 *
 * The wire asks `Credentials` for the secret of a key. The key `test` and keys of twelve digits are what every local
 * setup uses, so they are never known keys. Nothing here may say more than that a signature does not match: the
 * signature or canonical request that we expected would be an oracle for forgers.
 *
 * Cost: 6 to 8 us for a request with 1 KiB of body (Node 24, one core), of which the HMAC with a cached `KeyObject`
 * takes 1.5. Deriving the signing key each time would add 10.
 */
import { hash, timingSafeEqual, verify } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import type { Clock } from '../base/clock.ts';
import { formatIsoBasic, parseInstant } from '../base/clock.ts';
import { AwsError } from '../base/errors.ts';
import { stringToSign } from './canonical-request.ts';
import type { WireRequest } from './dispatch.ts';
import type { Credential } from './scope.ts';
import { headerText } from './scope.ts';
import { SigningKeys, hmac } from './signing-keys.ts';

export type AuthMode = 'open' | 'verify';

/** A key that was made here, with `CreateAccessKey` or by STS. */
export interface KnownKey {
  readonly secretAccessKey: string;
  /** Temporary credentials: the token that must come with the key. */
  readonly sessionToken?: string;
  readonly expiresAtMs?: number;
  readonly account: string;
}

export interface Credentials {
  lookup(accessKeyId: string): KnownKey | undefined;
}

/** Errors have one code in JSON protocols and another in Query. */
export type AuthErrorStyle = 'json' | 'rest-json' | 'query';

export interface AuthenticateOptions {
  readonly mode: AuthMode;
  readonly credentials: Credentials;
  /** The region that SigV4A's set of regions must contain. */
  readonly defaultRegion: string;
  readonly clock: Clock;
}

const SKEW_MAX_MINUTES = 15;
const SKEW_MAX_MS = SKEW_MAX_MINUTES * 60_000;
/** Seven days, AWS's bound on `X-Amz-Expires`. */
const PRESIGNED_EXPIRY_MAX_SECONDS = 604_800;
const UNSIGNED_PAYLOAD = 'UNSIGNED-PAYLOAD';
const DATE_TIME = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/;
const HMAC_SIGNATURE = /^[0-9a-f]{64}$/;
const ECDSA_SIGNATURE = /^[0-9a-f]{16,160}$/;
const NEVER_KNOWN = /^(test|\d{12})$/;

interface ErrorKind {
  readonly json: string;
  readonly query: string;
}

const KINDS = {
  mismatch: { json: 'InvalidSignatureException', query: 'SignatureDoesNotMatch' },
  incomplete: { json: 'IncompleteSignatureException', query: 'IncompleteSignature' },
  unknownKey: { json: 'UnrecognizedClientException', query: 'InvalidClientTokenId' },
  missing: { json: 'MissingAuthenticationTokenException', query: 'MissingAuthenticationToken' },
  expired: { json: 'ExpiredTokenException', query: 'ExpiredToken' },
} as const satisfies Record<string, ErrorKind>;

const UNKNOWN_KEY_MESSAGE = 'The security token included in the request is invalid.';
const MISMATCH_MESSAGE =
  'The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key' +
  ' and signing method. Consult the service documentation for details.';

function authError(kind: ErrorKind, message: string, style: AuthErrorStyle): AwsError {
  const code = style === 'query' ? kind.query : kind.json;
  return new AwsError(code, message, { httpStatus: style === 'json' ? 400 : 403 });
}

/** The instant of `20260131T090507Z`. */
function parseDateTime(text: string): number | undefined {
  const parts = DATE_TIME.exec(text);
  if (parts === null) return undefined;
  const [, year, month, day, hour, minute, second] = parts;
  return parseInstant(`${year}-${month}-${day}T${hour}:${minute}:${second}Z`);
}

interface SignedFacts {
  readonly request: WireRequest;
  readonly credential: Credential;
  readonly style: AuthErrorStyle;
  /** The query string of a presigned URL, parsed. */
  readonly query: URLSearchParams | undefined;
}

/** A header of a signed request, or the parameter that stands for it in a presigned URL. */
function signedText(facts: SignedFacts, header: string, parameter: string): string | undefined {
  return facts.query === undefined
    ? headerText(facts.request, header)
    : (facts.query.get(parameter) ?? undefined);
}

/** Throws when a signature is for another service or region than the one that it was sent to. */
export function requireScope(
  credential: Credential,
  { service, region }: { readonly service: string; readonly region: string },
): void {
  if (credential.service !== service) {
    const message = `Credential should be scoped to correct service: '${service}'.`;
    throw authError(KINDS.mismatch, message, 'rest-json');
  }
  // SigV4A names its regions elsewhere, and they are checked with its signature.
  if (credential.region !== undefined && credential.region !== region) {
    throw authError(KINDS.mismatch, 'Credential should be scoped to a valid region.', 'rest-json');
  }
}

export class Authenticator {
  readonly #mode: AuthMode;
  readonly #credentials: Credentials;
  readonly #clock: Clock;
  readonly #region: string;
  readonly #keys = new SigningKeys();

  constructor({ mode, credentials, clock, defaultRegion }: AuthenticateOptions) {
    this.#region = defaultRegion;
    this.#mode = mode;
    this.#credentials = credentials;
    this.#clock = clock;
  }

  /**
   * The known key that signed the request, or undefined for a caller that `open` mode takes at its word. Throws
   * AWS's error for a signature that is missing, incomplete, unknown, expired or wrong.
   */
  authenticate(
    request: WireRequest,
    credential: Credential | undefined,
    style: AuthErrorStyle,
  ): KnownKey | undefined {
    if (credential === undefined) return this.#refuseUnsigned(request, style);
    const { accessKeyId } = credential;
    const known = NEVER_KNOWN.test(accessKeyId) ? undefined : this.#credentials.lookup(accessKeyId);
    if (known === undefined) {
      if (this.#mode === 'open') return undefined;
      throw authError(KINDS.unknownKey, UNKNOWN_KEY_MESSAGE, style);
    }
    this.#verify(known, request, credential, style);
    return known;
  }

  #refuseUnsigned(request: WireRequest, style: AuthErrorStyle): undefined {
    const authorization = headerText(request, 'authorization');
    if (this.#mode === 'open') return undefined;
    if (authorization === undefined) {
      const message =
        style === 'query' ? 'Request is missing Authentication Token' : 'Missing Authentication Token';
      throw authError(KINDS.missing, message, style);
    }
    throw authError(
      KINDS.incomplete,
      "Authorization header requires 'Credential', 'SignedHeaders' and 'Signature' parameters.",
      style,
    );
  }

  #verify(known: KnownKey, request: WireRequest, credential: Credential, style: AuthErrorStyle): void {
    const queryAt = request.url.indexOf('?');
    const query = credential.isPresigned ? new URLSearchParams(request.url.slice(queryAt + 1)) : undefined;
    const facts: SignedFacts = { request, credential, style, query };
    requireSignedHeaders(facts);
    const date = this.#requireDate(facts);
    this.#checkToken(known, facts);
    const payload = payloadHash(facts);
    const text = stringToSign(request, credential, { date, payload });
    const isRight =
      credential.region === undefined
        ? this.#isRightEcdsa(known, facts, text)
        : isRightHmac(this.#keys.hmacKey(known.secretAccessKey, credential), credential.signature, text);
    if (!isRight) throw authError(KINDS.mismatch, MISMATCH_MESSAGE, style);
  }

  /** SigV4A signs for a set of regions, in a header of its own. */
  #isRightEcdsa(known: KnownKey, facts: SignedFacts, text: string): boolean {
    const { accessKeyId, signature } = facts.credential;
    const regions = signedText(facts, 'x-amz-region-set', 'X-Amz-Region-Set') ?? '';
    const isForUs = regions.split(',').some((region) => isRegionMatch(region.trim(), this.#region));
    if (!isForUs || !ECDSA_SIGNATURE.test(signature)) return false;
    const key = this.#keys.ecdsaKey(known.secretAccessKey, accessKeyId);
    return verify('sha256', Buffer.from(text), key, Buffer.from(signature, 'hex'));
  }

  #requireDate(facts: SignedFacts): string {
    const { credential, style, query } = facts;
    const text = signedText(facts, 'x-amz-date', 'X-Amz-Date');
    const atMs = text === undefined ? undefined : parseDateTime(text);
    if (text === undefined || atMs === undefined) {
      throw authError(
        KINDS.incomplete,
        "Authorization header requires existence of a 'X-Amz-Date' header.",
        style,
      );
    }
    if (text.slice(0, 8) !== credential.date) {
      const message = `Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from HTTP: '${credential.date}' != '${text.slice(0, 8)}', from '${text}'.`;
      throw authError(KINDS.mismatch, message, style);
    }
    const now = this.#clock.now();
    const lifeMs = query === undefined ? SKEW_MAX_MS : presignedLifeMs(query, style);
    if (atMs + lifeMs < now) {
      const limit = formatIsoBasic(now - lifeMs);
      const message = `Signature expired: ${text} is now earlier than ${limit} (${formatIsoBasic(now)} - ${lifeMs / 60_000} min.)`;
      throw authError(KINDS.mismatch, message, style);
    }
    if (atMs - SKEW_MAX_MS > now) {
      const limit = formatIsoBasic(now + SKEW_MAX_MS);
      const message = `Signature not yet current: ${text} is still later than ${limit} (${formatIsoBasic(now)} + ${SKEW_MAX_MINUTES} min.)`;
      throw authError(KINDS.mismatch, message, style);
    }
    return text;
  }

  /** Temporary keys are only good with their token, and only while they last. */
  #checkToken(known: KnownKey, facts: SignedFacts): void {
    const token = signedText(facts, 'x-amz-security-token', 'X-Amz-Security-Token');
    if (!sameSecret(token ?? '', known.sessionToken ?? '')) {
      throw authError(KINDS.unknownKey, UNKNOWN_KEY_MESSAGE, facts.style);
    }
    if (known.expiresAtMs !== undefined && known.expiresAtMs <= this.#clock.now()) {
      throw authError(KINDS.expired, 'The security token included in the request is expired', facts.style);
    }
  }
}

function isRightHmac(key: KeyObject, signature: string, text: string): boolean {
  // The length of a signature is no secret; its letters are checked so that there is one way to write it.
  if (!HMAC_SIGNATURE.test(signature)) return false;
  return timingSafeEqual(Buffer.from(signature, 'hex'), hmac(key, text));
}

/** `*`, a region, or the first part of regions with a star behind it. */
function isRegionMatch(pattern: string, region: string): boolean {
  return pattern.endsWith('*') ? region.startsWith(pattern.slice(0, -1)) : pattern === region;
}

function sameSecret(given: string, expected: string): boolean {
  const a = hash('sha256', given, 'buffer');
  return timingSafeEqual(a, hash('sha256', expected, 'buffer'));
}

function presignedLifeMs(query: URLSearchParams, style: AuthErrorStyle): number {
  const seconds = Number(query.get('X-Amz-Expires') ?? Number.NaN);
  if (!Number.isInteger(seconds) || seconds < 1 || seconds > PRESIGNED_EXPIRY_MAX_SECONDS) {
    const message = `X-Amz-Expires must be between 1 and ${PRESIGNED_EXPIRY_MAX_SECONDS} seconds`;
    throw authError(KINDS.incomplete, message, style);
  }
  return seconds * 1000;
}

/** The host and every `x-amz-` header must be signed, else they could be changed on the way. */
function requireSignedHeaders({ request, credential, style }: SignedFacts): void {
  const signed = new Set(credential.signedHeaders);
  const missing = Object.keys(request.headers).find(
    (name) => (name === 'host' || name.startsWith('x-amz-')) && !signed.has(name),
  );
  if (missing === undefined && signed.has('host')) return;
  const message = `'${missing ?? 'host'}' must be a signed header.`;
  throw authError(KINDS.mismatch, message, style);
}

/** The hash of the body that was received; what the client says of it must agree. */
function payloadHash({ request, credential, style }: SignedFacts): string {
  const isS3 = credential.service === 's3';
  if (isS3 && credential.isPresigned) return UNSIGNED_PAYLOAD;
  const claimed = headerText(request, 'x-amz-content-sha256');
  if (isS3 && claimed === UNSIGNED_PAYLOAD) return UNSIGNED_PAYLOAD;
  const actual = hash('sha256', request.body, 'hex');
  if (claimed !== undefined && claimed !== actual) throw authError(KINDS.mismatch, MISMATCH_MESSAGE, style);
  return actual;
}
