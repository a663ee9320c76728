/** HTTP as function URLs see it: what came in, and what goes back. The wire's requests have this shape. */

export interface UrlRequest {
  readonly method: string;
  /** Path and query string, as sent, below the address of the function. */
  readonly url: string;
  /** Names in lower case; the wire has joined what came repeatedly. */
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
  readonly body: Buffer;
  readonly remoteAddress: string | undefined;
  /** True when it came over TLS. Default: false. */
  readonly isEncrypted?: boolean;
}

export type UrlHeader = readonly [name: string, value: string];

export interface UrlAnswer {
  readonly status: number;
  /** Names may repeat. */
  readonly headers: readonly UrlHeader[];
  readonly body: string | Uint8Array;
}

/**
 * What speaks of one connection and not of the message (RFC 9110, 7.6.1): it is for the platform alone, in either
 * direction.
 */
const HOP_BY_HOP: ReadonlySet<string> = new Set([
  'connection',
  'keep-alive',
  'proxy-authenticate',
  'proxy-authorization',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
]);

export function isHopByHop(lowerCaseName: string): boolean {
  return HOP_BY_HOP.has(lowerCaseName);
}

/** The characters of a token (RFC 9110, 5.6.2). */
const HEADER_NAME = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/;
/** No line break, and nothing else that Node refuses to send. */
const HEADER_VALUE = /^[\t\x20-\x7e\x80-\xff]*$/;

/** Whether it can be sent as one header, and as no more than that. */
export function isHeader([name, value]: UrlHeader): boolean {
  return HEADER_NAME.test(name) && HEADER_VALUE.test(value);
}

/** The one value of a header, or all that came, joined. */
export function headerOf({ headers }: Pick<UrlRequest, 'headers'>, name: string): string | undefined {
  const value = headers[name];
  return typeof value === 'object' ? value.join(',') : value;
}
