/**
 * Passes requests on to the peer that they belong to: streaming, as they came, so that signatures stay good and no body
 * is held here. Clients need to know one URL of an installation only.
 *
 *     head names a peer's region -> peer down: ServiceUnavailable at once
 *                                -> head, body, answer pass through; either side's end ends the other
 *
 * A request lasts for as long as its peer is alive: long polls and long invocations need no deadline of their own, and
 * those at a peer that falls silent are ended when it is known to be down. What a peer has passed on is never passed on
 * again. Writes of global services go to home, and are known by their operation only (`global-services.ts`), so they
 * come here from the wire, whole.
 */
import type { ClientRequest, IncomingMessage, ServerResponse } from 'node:http';
import type { ServiceId } from '../api/registry.ts';
import type { Clock } from '../base/clock.ts';
import { AwsError, errorMessage } from '../base/errors.ts';
import type { Logger } from '../base/log.ts';
import type { Peer } from '../engine/region/ports.ts';
import type { WireRequest, WireResponse } from '../wire/dispatch.ts';
import type { Forwarder, PassedOn, Received, RequestHead } from '../wire/forwarder.ts';
import { GLOBAL_SIGNING_NAMES, isGlobalWrite } from './global-services.ts';
import type { PeerInstallation } from './installation.ts';
import { readBody } from './peer-calls.ts';
import { signedScope } from './signed-scope.ts';

const MARK_HEADER = 'x-millrace-forwarded-by';
/** As many as may wait for answers here, long polls too: a connection to a peer takes about 10 KB on each side. */
const FORWARDS_MAX = 4096;
/** An invocation of a function lasts 15 minutes at the most. */
const FORWARD_TIMEOUT_MS = 16 * 60_000;
const GLOBAL_WRITE_TIMEOUT_MS = 30_000;

/** Of one connection, not of the request. Source: RFC 9110, section 7.6.1; Node answers an expectation by itself. */
const HOP_HEADERS: ReadonlySet<string> = new Set([
  'connection',
  'keep-alive',
  'proxy-connection',
  'proxy-authenticate',
  'proxy-authorization',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
  'expect',
]);

/** Pages of the platform that tell of a region's own data. */
const REGIONAL_PAGE = /^\/_millrace\/(?:trace|events|explain|doctor)(?:\?|$)/;
const FUNCTION_HOST = /\.lambda-url\.([a-z0-9-]+)\./;

export interface ForwardingOptions {
  readonly installation: PeerInstallation;
  readonly clock: Clock;
  readonly log: Logger;
}

/** A request on its way to a peer. */
interface Flight {
  readonly region: string;
  readonly fail: (error: Error) => void;
}

export class Forwarding implements Forwarder {
  readonly #installation: PeerInstallation;
  readonly #clock: Clock;
  readonly #log: Logger;
  readonly #flights = new Set<Flight>();
  readonly #stopWatching: () => void;

  constructor({ installation, clock, log }: ForwardingOptions) {
    this.#installation = installation;
    this.#clock = clock;
    this.#log = log;
    this.#stopWatching = installation.onStatus((region, status) => {
      if (status !== 'down') return;
      for (const flight of this.#flights) {
        if (flight.region === region) flight.fail(new Error(`${region} is down`));
      }
    });
  }

  close(): void {
    this.#stopWatching();
    for (const flight of this.#flights) flight.fail(new Error('the region stops'));
  }

  find(request: RequestHead): Received | PassedOn | undefined {
    const mark = request.headers[MARK_HEADER];
    if (mark !== undefined) return this.#received(request, String(mark));
    const region = this.#regionOf(request);
    if (region === undefined || region === this.#installation.own.region) return undefined;
    const peer = this.#installation.find(region);
    if (peer === undefined) return undefined;
    return {
      kind: 'passed-on',
      send: (message, response, refuse) => this.#send({ peer, request, message, response, refuse }),
    };
  }

  /** The answer of home to a write of a global service; undefined for all that is to be answered here. */
  globalWrite(
    service: ServiceId,
    operation: string,
    request: WireRequest,
  ): Promise<WireResponse> | undefined {
    if (!isGlobalWrite(service, operation)) return undefined;
    const home = this.#installation.find(this.#installation.home);
    if (home === undefined) return undefined;
    // Home has moved while it was under way: the next try finds the new one.
    if (request.headers[MARK_HEADER] !== undefined) throw unavailable(home.region);
    return this.#sendWhole(home, request);
  }

  #received(request: RequestHead, mark: string): Received {
    const forward = this.#installation.signer.readForward(mark, targetOf(request));
    if (forward === undefined || forward.to !== this.#installation.own.region) {
      this.#log.warn(
        { client: request.remoteAddress },
        'a request that no peer has forwarded says that one has',
      );
      throw new AwsError('AccessDeniedException', `${MARK_HEADER} is not from a peer.`, { httpStatus: 403 });
    }
    const { scheme, client } = forward;
    return {
      kind: 'received',
      isEncrypted: scheme === 'https',
      remoteAddress: client === '' ? undefined : client,
    };
  }

  #regionOf({ url, headers }: RequestHead): string | undefined {
    const { host = '', authorization } = headers;
    const ofFunction = String(host).includes('.lambda-url.') ? FUNCTION_HOST.exec(String(host)) : null;
    if (ofFunction !== null) return ofFunction[1];
    const scope = signedScope(typeof authorization === 'string' ? authorization : undefined, url);
    if (url.startsWith('/_')) {
      if (!REGIONAL_PAGE.test(url)) return undefined;
      return new URLSearchParams(url.slice(url.indexOf('?') + 1)).get('region') ?? scope?.region;
    }
    return scope === undefined || GLOBAL_SIGNING_NAMES.has(scope.service) ? undefined : scope.region;
  }

  #refusal(region: string): AwsError | undefined {
    if (this.#installation.status(region) === 'down') return unavailable(region);
    if (this.#flights.size < FORWARDS_MAX) return undefined;
    const message = 'Too many requests for other regions are waiting for their answers.';
    return new AwsError('ServiceUnavailable', message, { httpStatus: 503, fault: 'server' });
  }

  /** Opens the request to the peer; the flight lasts until it has ended. */
  #open(peer: Peer, request: RequestHead, { headers, timeoutMs }: Opening): ClientRequest {
    const { own, signer, http } = this.#installation;
    const mark = signer.signForward(
      {
        from: own.region,
        to: peer.region,
        scheme: request.isEncrypted === true ? 'https' : 'http',
        client: request.remoteAddress ?? '',
      },
      targetOf(request),
    );
    const upstream = http.request(peer, {
      method: request.method,
      path: request.url,
      headers: [...headers, MARK_HEADER, mark],
    });
    const flight: Flight = { region: peer.region, fail: (error) => upstream.destroy(error) };
    this.#flights.add(flight);
    const deadline = this.#clock.callAt(this.#clock.now() + timeoutMs, () => {
      flight.fail(new Error(`no answer within ${timeoutMs} ms`));
    });
    upstream.once('close', () => {
      deadline.cancel();
      this.#flights.delete(flight);
    });
    return upstream;
  }

  #send({ peer, request, message, response, refuse }: Passage): void {
    const refusal = this.#refusal(peer.region);
    if (refusal !== undefined) {
      refuse(refusal);
      return;
    }
    const upstream = this.#open(peer, request, {
      headers: requestHeaders(message),
      timeoutMs: FORWARD_TIMEOUT_MS,
    });
    upstream.once('response', (answer) => passAnswer(answer, message, response));
    upstream.on('error', (error) => {
      // The client is gone, or has its answer.
      if (response.destroyed || response.writableEnded) return;
      this.#log.debug({ peer: peer.region, error: errorMessage(error) }, 'a forwarded request failed');
      if (response.headersSent) response.destroy();
      else refuse(unavailable(peer.region, error));
    });
    response.once('close', () => {
      if (!response.writableFinished) upstream.destroy();
    });
    message.pipe(upstream);
  }

  async #sendWhole(home: Peer, request: WireRequest): Promise<WireResponse> {
    const refusal = this.#refusal(home.region);
    if (refusal !== undefined) throw refusal;
    const headers = Object.entries(request.headers).flatMap(([name, value = []]) =>
      HOP_HEADERS.has(name) || name === 'content-length'
        ? []
        : [value].flat().flatMap((each) => [name, each]),
    );
    headers.push('Content-Length', String(request.body.length));
    const upstream = this.#open(home, request, { headers, timeoutMs: GLOBAL_WRITE_TIMEOUT_MS });
    const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>();
    upstream.once('response', resolve).once('error', reject).end(request.body);
    try {
      const answer = await promise;
      const body = await readBody(answer);
      const { statusCode: status = 502, rawHeaders } = answer;
      return { status, headers: {}, headerList: pairs(rawHeaders, isOfAnswer), body };
    } catch (error) {
      throw unavailable(home.region, error);
    }
  }
}

interface Opening {
  readonly headers: readonly string[];
  readonly timeoutMs: number;
}

interface Passage {
  readonly peer: Peer;
  readonly request: RequestHead;
  readonly message: IncomingMessage;
  readonly response: ServerResponse;
  readonly refuse: (error: AwsError) => void;
}

function targetOf({ method, url }: RequestHead): string {
  return `${method} ${url}`;
}

/** As they came, but for those of the connection. */
function requestHeaders({ headers, rawHeaders }: IncomingMessage): string[] {
  const named = namedByConnection(headers.connection);
  const kept = pairs(rawHeaders, (name) => !HOP_HEADERS.has(name) && !named.has(name)).flat();
  // Without it Node takes some methods to have no body.
  if (headers['transfer-encoding'] !== undefined) kept.push('Transfer-Encoding', 'chunked');
  return kept;
}

function namedByConnection(connection: string | undefined): ReadonlySet<string> {
  return new Set((connection ?? '').split(',').map((name) => name.trim().toLowerCase()));
}

function pairs(raw: readonly string[], isKept: (name: string) => boolean): [string, string][] {
  const kept: [string, string][] = [];
  for (let at = 0; at + 1 < raw.length; at += 2) {
    const [name = '', value = ''] = raw.slice(at, at + 2);
    if (isKept(name.toLowerCase())) kept.push([name, value]);
  }
  return kept;
}

/** What the wire adds itself is left out. */
function isOfAnswer(name: string): boolean {
  return !HOP_HEADERS.has(name) && name !== 'content-length' && name !== 'date';
}

function passAnswer(answer: IncomingMessage, message: IncomingMessage, response: ServerResponse): void {
  if (response.destroyed) {
    answer.destroy();
    return;
  }
  const kept = pairs(answer.rawHeaders, (name) => !HOP_HEADERS.has(name)).flat();
  // A body that still comes is not read, so its connection cannot be used again.
  if (!message.complete) kept.push('Connection', 'close');
  response.writeHead(answer.statusCode ?? 502, kept);
  answer.pipe(response);
  // Cut off in the middle: so must this one be, lest it looks whole.
  answer.once('close', () => {
    if (!answer.complete) response.destroy();
  });
}

function unavailable(region: string, cause?: unknown): AwsError {
  const message = `The region ${region} does not answer.`;
  return new AwsError('ServiceUnavailable', message, { httpStatus: 503, fault: 'server', cause });
}
