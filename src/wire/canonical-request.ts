/**
 * The canonical form of a request, which SigV4 hashes and signs. It must come out byte for byte as the client's
 * library made it, for every way in which paths, queries and headers can be written; the SDK's own signer is the
 * oracle in the tests.
 */
import { hash } from 'node:crypto';
import type { WireRequest } from './dispatch.ts';
import type { Credential } from './scope.ts';

/** Percent-encodes all but the unreserved characters of RFC 3986, as SigV4 demands. */
function encodeStrictly(text: string): string {
  return encodeURIComponent(text).replaceAll(
    /[!'()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}

/** Decodes what can be decoded: a malformed sequence is signed as the client's library sees it, literally. */
function decodeLeniently(text: string): string {
  try {
    return decodeURIComponent(text.replaceAll('+', ' '));
  } catch {
    return text;
  }
}

/** Dot segments resolved and every segment encoded once more, which all services but S3 demand. */
function canonicalPath(path: string): string {
  if (path === '/' || path === '') return '/';
  const kept: string[] = [];
  for (const segment of path.split('/')) {
    if (segment === '..') kept.pop();
    else if (segment !== '' && segment !== '.') kept.push(segment);
  }
  const joined = `/${kept.join('/')}${kept.length > 0 && path.endsWith('/') ? '/' : ''}`;
  return encodeStrictly(joined).replaceAll('%2F', '/');
}

function compareText(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}

function canonicalQuery(query: string): string {
  if (query === '') return '';
  const pairs: [string, string][] = [];
  for (const part of query.split('&')) {
    if (part === '') continue;
    const equals = part.indexOf('=');
    const name = decodeLeniently(equals === -1 ? part : part.slice(0, equals));
    if (name === 'X-Amz-Signature') continue;
    pairs.push([
      encodeStrictly(name),
      encodeStrictly(equals === -1 ? '' : decodeLeniently(part.slice(equals + 1))),
    ]);
  }
  pairs.sort((a, b) => compareText(a[0], b[0]) || compareText(a[1], b[1]));
  return pairs.map(([name, value]) => `${name}=${value}`).join('&');
}

function canonicalHeaders(request: WireRequest, names: readonly string[]): string {
  let text = '';
  for (const name of names) {
    const value = request.headers[name];
    const joined = Array.isArray(value) ? value.join(',') : (value ?? '');
    text += `${name}:${joined.includes('  ') ? joined.trim().replaceAll(/ +/g, ' ') : joined.trim()}\n`;
  }
  return text;
}

/** What a signature signs: the hash of the request in its one canonical form, bound to its date and scope. */
export function stringToSign(
  request: WireRequest,
  credential: Credential,
  signed: { date: string; payload: string },
): string {
  const queryAt = request.url.indexOf('?');
  const path = queryAt === -1 ? request.url : request.url.slice(0, queryAt);
  const canonicalRequest = [
    request.method,
    canonicalPath(path),
    queryAt === -1 ? '' : canonicalQuery(request.url.slice(queryAt + 1)),
    canonicalHeaders(request, credential.signedHeaders),
    credential.signedHeaders.join(';'),
    signed.payload,
  ].join('\n');
  const { algorithm, date, region, service } = credential;
  const scope = region === undefined ? `${date}/${service}` : `${date}/${region}/${service}`;
  const digest = hash('sha256', canonicalRequest, 'hex');
  return `${algorithm}\n${signed.date}\n${scope}/aws4_request\n${digest}`;
}
