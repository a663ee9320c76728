/**
 * Where function URLs are: at a host name of their own, as at AWS, and below a path of this server for clients that
 * cannot resolve such a name. Both are looked for before anything else in a request, so this has to be cheap.
 */
import { randomText } from '../../../base/ids.ts';
import type { Random } from '../../../base/random.ts';
import type { Call } from '../../service.ts';

/** What follows is the id, then the path that the function sees. */
const PATH_PREFIX = '/_millrace/function-url/';

/** A power of two of them, as `randomText` wants it. */
const ID_ALPHABET = 'abcdefghijklmnopqrstuvwxyz234567';
const ID_LENGTH = 32;

/** 160 bits: nobody finds a URL that he was not told. */
export function newUrlId(random: Random): string {
  return randomText(random, ID_LENGTH, ID_ALPHABET);
}

export interface UrlAddress {
  /** As the request names it: it may be no id at all. */
  readonly id: string;
  /** The host name of the request; undefined where the path was the address. */
  readonly domainName: string | undefined;
  /** Path and query string below the address. */
  readonly url: string;
}

const OWN_HOST = /^([^.:]+)\.lambda-url\.[^:]*/i;

/** The address that a request names by its Host header or its path; undefined for all other requests. */
export function parseUrlAddress(host: string, url: string): UrlAddress | undefined {
  // A name of its own comes first: whatever the path, nothing else is to be reached by it.
  const [domainName, id] = OWN_HOST.exec(host) ?? [];
  if (domainName !== undefined && id !== undefined) {
    return { id: id.toLowerCase(), domainName: domainName.toLowerCase(), url };
  }
  if (!url.startsWith(PATH_PREFIX)) return undefined;
  const rest = url.slice(PATH_PREFIX.length);
  const end = rest.search(/[/?]/);
  if (end === -1) return { id: rest, domainName: undefined, url: '/' };
  const below = rest.slice(end);
  return { id: rest.slice(0, end), domainName: undefined, url: below.startsWith('?') ? `/${below}` : below };
}

/** The host name of a function URL, which browsers and curl take to be this machine. */
export function urlDomainName(id: string, region: string): string {
  return `${id}.lambda-url.${region}.localhost`;
}

const HOST_AND_PORT = /^(\[[^\]]*\]|[^:]*)(:\d+)?$/;

/**
 * The text of a function URL, for the caller that asks: by name for one that calls this machine, with scheme and port
 * as it used them. Names below `localhost` mean another machine to everybody else, and a name below the server's own
 * would need a wildcard in somebody's DNS, so such a caller gets the path, which works wherever the call itself did.
 */
export function functionUrlText(
  { host, scheme }: Pick<Call, 'host' | 'scheme'>,
  id: string,
  region: string,
): string {
  const [, name = '', port = ''] = HOST_AND_PORT.exec(host) ?? [];
  if (!isLoopback(name.toLowerCase())) return `${scheme}://${host}${PATH_PREFIX}${id}/`;
  return `${scheme}://${urlDomainName(id, region)}${port}/`;
}

function isLoopback(name: string): boolean {
  return (
    name === 'localhost' ||
    name.endsWith('.localhost') ||
    name === '[::1]' ||
    /^127(?:\.\d{1,3}){3}$/.test(name)
  );
}
