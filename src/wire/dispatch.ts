/**
 * The seam between the wire and what it serves: the two kinds of thing that a request can reach. An operation of an
 * AWS service goes through routing, authentication, decoding and validation, and its handler is called by `Answer`,
 * which holds the reply until what it says is on disk. A platform route (`GET /_millrace/health`) gets the bare
 * request. `server.ts` builds both tables; the wire imports nothing of the services but types.
 */
import type { ServiceId } from '../api/registry.ts';
import { notImplementedError } from '../base/errors.ts';
import type { Answer, Handler, Service } from '../services/service.ts';

/** A request as bytes: what `http.ts` (or a test, without a socket) hands to the wire. */
export interface WireRequest {
  readonly method: string;
  /** Path and query string exactly as sent. */
  readonly url: string;
  /** Names in lower case; repeated ones joined as `node:http` does it. */
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  /** Until the request is answered: its memory is used for others then. */
  readonly body: Buffer;
  readonly remoteAddress: string | undefined;
  /** True when it came over TLS. Default: false. */
  readonly isEncrypted?: boolean;
  /** Aborts when the client has gone away. */
  readonly signal: AbortSignal;
}

export interface WireResponse {
  readonly status: number;
  /** Names are written as given. */
  readonly headers: Readonly<Record<string, string>>;
  /** Further headers, whose names may repeat. */
  readonly headerList?: readonly (readonly [name: string, value: string])[];
  readonly body: string | Uint8Array;
}

/** Who signed a request. */
export interface Signer {
  readonly accessKeyId: string;
  readonly account: string;
}

/** What the wire knows of a request to something that is published. */
export interface PublishedCall {
  readonly request: WireRequest;
  readonly requestId: string;
  /**
   * Who signed for this service in this region; undefined for a request without a signature, in any mode. Throws AWS's
   * error for a signature that is for something else, or one that the mode does not take.
   */
  readonly signer: (signed: { readonly service: string; readonly region: string }) => Signer | undefined;
}

/**
 * What users have published at a host name or a path of its own, such as a function URL. It is for everybody, the
 * pages of other sites too, so it is looked for first and no operation can be reached by its name.
 */
export type PublishedEndpoint = (call: PublishedCall) => Promise<WireResponse>;

/** What answers a platform endpoint, such as the health page. */
export interface PlatformRoute {
  /** False: its callers sign as for any operation. True is for what says nothing of anybody's data. */
  readonly isPublic: boolean;
  /** `account` is that of the known key that signed, if one did. */
  readonly answer: (
    request: WireRequest,
    account: string | undefined,
  ) => WireResponse | Promise<WireResponse>;
}

/** Keys are method and path, such as `GET /_millrace/health`; a path that ends in `/*` takes all below it. */
export type PlatformRoutes = ReadonlyMap<string, PlatformRoute>;

/** The services that are built, by the name of their file in `src/api`. */
export type ServiceTable = Pick<ReadonlyMap<string, Service>, 'get'>;

export interface DispatchOptions {
  readonly services: ServiceTable;
  readonly answer: Answer;
}

/** The handler of an operation of the model. Throws `NotImplemented` where it, or its whole service, is not built. */
export function requireHandler(services: ServiceTable, id: ServiceId, operation: string): Handler {
  const service = services.get(id);
  if (service === undefined) throw notImplementedError(`The service ${id}`);
  const handler = Object.hasOwn(service.handlers, operation) ? service.handlers[operation] : undefined;
  // What is no function is the mark of an operation that waits to be built.
  if (typeof handler !== 'function') throw notImplementedError(`${id}:${operation}`);
  return handler;
}
