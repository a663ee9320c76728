/**
 * Sockets: HTTP/1.1 on `node:http`, bounded in every direction. It reads a whole request, hands it to the `Wire`,
 * and writes the answer. Slow, oversized and malformed requests are ended here and never reach a service.
 *
 * TLS shares the port: `first-byte.ts` tells it apart in front of this server, and what comes out of a handshake is
 * served here like any other connection. Only `server.ts` opens one of these.
 */
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { type AddressInfo, Server as NetServer, type Socket } from 'node:net';
import type { ServiceId } from '../api/registry.ts';
import type { Clock } from '../base/clock.ts';
import { AwsError, errorMessage } from '../base/errors.ts';
import { joinBytes, releaseBytes } from '../base/large-bytes.ts';
import type { Logger } from '../base/log.ts';
import { encodeUnrouted, toAwsError } from './error-response.ts';
import type { WireRequest, WireResponse } from './dispatch.ts';
import { FirstByte, type TlsPort } from './first-byte.ts';
import type { Forwarder, Received } from './forwarder.ts';
import { headerText } from './scope.ts';
import type { Wire } from './wire.ts';

// `import` of this module reads all that it exports, and one of those loads the whole of fetch: 20 ms and 8 MB.
const { createServer } = process.getBuiltinModule('node:http');

export interface HttpLimits {
  /** Request line and headers together. A presigned URL with a session token comes near 4 KB. */
  readonly headerSizeBytes: number;
  readonly bodySizeBytes: number;
  /** Of services whose requests are larger than `bodySizeBytes`. */
  readonly bodySizeBytesByService: ReadonlyMap<ServiceId, number>;
  /** Bodies of all requests in flight together; a request past it is told to come back. */
  readonly bufferedBodyBytes: number;
  /**
   * Requests that wait for their answers, long polls too; a further one is told to come back. A connection can send
   * many at once, so connections alone are no bound.
   */
  readonly requestCount: number;
  readonly connectionCount: number;
  /** Until the headers are complete, so that a slow client holds no more than its socket. */
  readonly headersTimeoutMs: number;
  /** Until the body is complete. */
  readonly requestTimeoutMs: number;
  /** Until the client has taken its answer, which is held for it. */
  readonly answerTimeoutMs: number;
  readonly keepAliveTimeoutMs: number;
  /** How long `close` waits for answers before it cuts connections. */
  readonly drainTimeoutMs: number;
}

const MEBIBYTE = 1024 * 1024;

const DEFAULT_HTTP_LIMITS: HttpLimits = {
  headerSizeBytes: 32 * 1024,
  // AWS takes 1 MB in SQS and EventBridge, 6 MB in Lambda's Invoke, 16 MB in BatchWriteItem.
  bodySizeBytes: 10 * MEBIBYTE,
  bodySizeBytesByService: new Map<ServiceId, number>([
    // 50 MB of zip are 67 MB of base64.
    ['lambda', 70 * MEBIBYTE],
    ['dynamodb', 17 * MEBIBYTE],
  ]),
  // On its way to the disk a body is there about five times: as bytes, text, record, commit and page.
  bufferedBodyBytes: 256 * MEBIBYTE,
  // A long poll takes about 20 KB besides its connection.
  requestCount: 8192,
  connectionCount: 16_384,
  headersTimeoutMs: 10_000,
  requestTimeoutMs: 120_000,
  answerTimeoutMs: 120_000,
  // SDKs keep idle connections for a minute; closing earlier than they do races with their next request.
  keepAliveTimeoutMs: 70_000,
  drainTimeoutMs: 10_000,
};

export interface HttpServerOptions {
  readonly wire: Wire;
  readonly clock: Clock;
  readonly log: Logger;
  /** Takes connections that begin with a TLS handshake. Default: none, which makes them malformed requests. */
  readonly tls?: TlsPort | undefined;
  /** Takes requests that belong to other processes. Default: all of them belong here. */
  readonly forwarder?: Forwarder | undefined;
  readonly limits?: Partial<HttpLimits>;
}

/** How often Node looks for connections past their time. Timeouts are late by this at most. */
const CONNECTIONS_CHECK_INTERVAL_MS = 1000;
const HEADER_COUNT_MAX = 200;

/** One request: collects the body, then is what the wire sees of it. */
class HttpRequest implements WireRequest {
  readonly method: string;
  readonly url: string;
  readonly headers: WireRequest['headers'];
  remoteAddress: string | undefined;
  isEncrypted: boolean;
  body: Buffer = EMPTY_BODY;
  #signal: AbortSignal | undefined;
  readonly #message: IncomingMessage;
  readonly #response: ServerResponse;

  constructor(message: IncomingMessage, response: ServerResponse) {
    this.method = message.method ?? 'GET';
    this.url = originForm(message.url ?? '/');
    this.headers = message.headers;
    this.remoteAddress = message.socket.remoteAddress;
    // Only the sockets of TLS have the property.
    this.isEncrypted = 'encrypted' in message.socket;
    this.#message = message;
    this.#response = response;
  }

  get isComplete(): boolean {
    return this.#message.complete;
  }

  /** The connection is that of another process: the client's is what it says. */
  isFor({ isEncrypted, remoteAddress }: Received): void {
    this.isEncrypted = isEncrypted;
    this.remoteAddress = remoteAddress;
  }

  /** Made when first asked for: few handlers watch it. */
  get signal(): AbortSignal {
    if (this.#signal === undefined) {
      const controller = new AbortController();
      this.#signal = controller.signal;
      if (this.#response.destroyed) controller.abort();
      else this.#response.once('close', () => this.#response.writableFinished || controller.abort());
    }
    return this.#signal;
  }
}

const EMPTY_BODY = Buffer.alloc(0);

/** Proxies send `GET http://host/path`; what follows the host is what others send. */
function originForm(url: string): string {
  if (url.startsWith('/')) return url;
  const parsed = URL.parse(url);
  return parsed === null ? '/' : parsed.pathname + parsed.search;
}

export class HttpServer implements AsyncDisposable {
  readonly #wire: Wire;
  readonly #clock: Clock;
  readonly #log: Logger;
  readonly #limits: HttpLimits;
  readonly #forwarder: Forwarder | undefined;
  readonly #server: Server;
  readonly #firstByte: FirstByte;
  #bufferedBytes = 0;
  #answeringCount = 0;
  #isDraining = false;
  /** Answers that Node has whole and the system does not, since their clients take them slowly. */
  readonly #untaken = new Set<ServerResponse>();

  constructor({ wire, clock, log, tls, forwarder, limits }: HttpServerOptions) {
    this.#wire = wire;
    this.#clock = clock;
    this.#log = log;
    this.#forwarder = forwarder;
    this.#limits = { ...DEFAULT_HTTP_LIMITS, ...limits };
    this.#server = createServer({
      maxHeaderSize: this.#limits.headerSizeBytes,
      headersTimeout: this.#limits.headersTimeoutMs,
      requestTimeout: this.#limits.requestTimeoutMs,
      keepAliveTimeout: this.#limits.keepAliveTimeoutMs,
      connectionsCheckingInterval: Math.min(CONNECTIONS_CHECK_INTERVAL_MS, this.#limits.headersTimeoutMs),
      noDelay: true,
    });
    this.#server.maxConnections = this.#limits.connectionCount;
    this.#server.maxHeadersCount = HEADER_COUNT_MAX;
    this.#server.on('request', (message, response) => this.#receive(message, response));
    this.#server.on('clientError', refuseMalformed);
    this.#firstByte = new FirstByte(this.#server, { clock, tls, timeoutMs: this.#limits.headersTimeoutMs });
  }

  /** Resolves to the address once connections are taken. Rejects with Node's error when it cannot be bound. */
  listen(address: { readonly host: string; readonly port: number }): Promise<AddressInfo> {
    const { promise, resolve, reject } = Promise.withResolvers<AddressInfo>();
    this.#server.once('error', reject);
    this.#server.listen(address, () => {
      this.#server.off('error', reject);
      // Such as no file descriptors left: without a listener Node would end the process.
      this.#server.on('error', (error) => this.#log.error({ error: error.message }, 'the listener failed'));
      resolve(this.#server.address() as AddressInfo);
    });
    return promise;
  }

  /** Takes over a connection that another listener accepted and found to speak HTTP/1.1. */
  accept(socket: Socket): void {
    this.#server.emit('connection', socket);
  }

  /** Takes no more connections, lets what is being answered finish, then cuts the rest. */
  async close(): Promise<void> {
    if (this.#isDraining) return;
    this.#isDraining = true;
    const closed = Promise.withResolvers<void>();
    // Only the listener: Node's own `close` takes a connection for idle as soon as it has all of the answer.
    NetServer.prototype.close.call(this.#server, () => closed.resolve());
    this.#firstByte.close();
    this.#closeIdle();
    const deadline = this.#clock.callAt(this.#clock.now() + this.#limits.drainTimeoutMs, () => {
      this.#server.closeAllConnections();
    });
    await closed.promise;
    deadline.cancel();
    // Stops Node's looks at connections that are past their time.
    this.#server.close();
  }

  /** Once all answers are taken; those that come from now on end their connections by themselves. */
  #closeIdle(): void {
    if (this.#untaken.size === 0) this.#server.closeIdleConnections();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  #receive(message: IncomingMessage, response: ServerResponse): void {
    const request = new HttpRequest(message, response);
    const limitBytes = this.#bodyLimit(request);
    const announced = Number(message.headers['content-length'] ?? 0);
    if (announced > limitBytes) {
      this.#refuse(request, response, tooLarge(limitBytes));
      return;
    }
    if (this.#forwarder !== undefined && this.#passOn(request, message, response)) return;
    const chunks: Buffer[] = [];
    let sizeBytes = 0;
    const drop = (): void => {
      this.#bufferedBytes -= sizeBytes;
      sizeBytes = 0;
      chunks.length = 0;
    };
    message.on('data', (chunk: Buffer) => {
      if (response.writableEnded) return;
      sizeBytes += chunk.length;
      this.#bufferedBytes += chunk.length;
      chunks.push(chunk);
      const isTooLarge = sizeBytes > limitBytes;
      if (!isTooLarge && this.#bufferedBytes <= this.#limits.bufferedBodyBytes) return;
      drop();
      this.#refuse(request, response, isTooLarge ? tooLarge(limitBytes) : slowDown());
    });
    message.on('end', () => {
      if (response.writableEnded) return;
      if (this.#answeringCount >= this.#limits.requestCount) {
        this.#throttle(request, response);
        return;
      }
      request.body = joinBytes(chunks);
      // From here on it is the answer that holds them.
      sizeBytes = 0;
      chunks.length = 0;
      void this.#answer(request, response);
    });
    // The end of the request itself: of its response none is told when it is pipelined behind one that is cut off.
    message.once('close', drop);
  }

  /** True when the request needs nothing more from here. */
  #passOn(request: HttpRequest, message: IncomingMessage, response: ServerResponse): boolean {
    const refuse = (error: AwsError): void => this.#refuse(request, response, error);
    try {
      const passage = this.#forwarder?.find(request);
      if (passage?.kind === 'received') request.isFor(passage);
      if (passage?.kind !== 'passed-on') return false;
      passage.send(message, response, refuse);
    } catch (error) {
      refuse(toAwsError(error, 'refused', this.#log));
    }
    return true;
  }

  #bodyLimit(request: WireRequest): number {
    const { bodySizeBytes, bodySizeBytesByService } = this.#limits;
    // Nearly all bodies are under the general bound, so the head is only looked at when one is not.
    const length = request.headers['content-length'];
    if (typeof length === 'string' && Number(length) <= bodySizeBytes) return bodySizeBytes;
    const service = this.#wire.peekService(request);
    return (service === undefined ? undefined : bodySizeBytesByService.get(service)) ?? bodySizeBytes;
  }

  async #answer(request: HttpRequest, response: ServerResponse): Promise<void> {
    const bodySizeBytes = request.body.length;
    this.#answeringCount += 1;
    try {
      const answer = await this.#wire.handle(request);
      if (!response.destroyed) this.#write(response, answer);
      if (!isViewOf(answer.body, request.body)) releaseBytes(request.body);
    } catch (error) {
      // Node refuses a header with characters that headers cannot have, and JSON some values: nothing is sent then.
      this.#log.error({ error: errorMessage(error) }, 'an answer could not be written');
      response.destroy();
    } finally {
      // Not before, whether or not the client is still there: until now the handler has held the request.
      this.#answeringCount -= 1;
      this.#bufferedBytes -= bodySizeBytes;
    }
    // Most answers are in the system's hands by now.
    if (response.socket === null) response.once('socket', () => this.#cutUntaken(response));
    else if (response.writableLength > 0) this.#cutUntaken(response);
  }

  /** An answer that its client does not take is held for it: not for ever. */
  #cutUntaken(response: ServerResponse): void {
    if (response.destroyed) return;
    const deadline = this.#clock.callAt(this.#clock.now() + this.#limits.answerTimeoutMs, () => {
      response.destroy();
    });
    this.#untaken.add(response);
    response.once('close', () => {
      deadline.cancel();
      this.#untaken.delete(response);
      if (this.#isDraining) this.#closeIdle();
    });
  }

  #write(response: ServerResponse, { status, headers, headerList, body }: WireResponse): void {
    const flat: string[] = [];
    for (const name in headers) flat.push(name, headers[name] ?? '');
    if (headerList !== undefined) flat.push(...headerList.flat());
    flat.push('Content-Length', String(typeof body === 'string' ? Buffer.byteLength(body) : body.length));
    if (this.#isDraining) flat.push('Connection', 'close');
    response.writeHead(status, flat);
    response.end(body);
  }

  /** Answers in front of the wire. A body that still comes is not read, so its connection cannot be used again. */
  #refuse(request: HttpRequest, response: ServerResponse, error: AwsError): void {
    const { status, contentType, headers, body } = encodeUnrouted(error, request, 'refused');
    const isOver = !request.isComplete || this.#isDraining;
    response.writeHead(status, {
      ...headers,
      'Content-Type': contentType ?? 'application/json',
      'Content-Length': Buffer.byteLength(body),
      ...(isOver ? { Connection: 'close' } : {}),
    });
    response.end(body);
  }

  /** The request has come completely, so its connection goes on: a new one for each try would be more work. */
  #throttle(request: HttpRequest, response: ServerResponse): void {
    const isLambda = this.#wire.peekService(request) === 'lambda';
    this.#refuse(request, response, isLambda ? tooManyRequests() : rateExceeded(request));
  }
}

/** An echo is sent from the memory of its request. */
function isViewOf(body: string | Uint8Array, other: Buffer): boolean {
  return typeof body !== 'string' && body.buffer === other.buffer;
}

function tooLarge(limitBytes: number): AwsError {
  const message = `The request body is larger than ${limitBytes} bytes.`;
  return new AwsError('RequestEntityTooLargeException', message, { httpStatus: 413 });
}

function slowDown(): AwsError {
  const message = 'Too many large requests are being received; try again.';
  return new AwsError('ServiceUnavailable', message, { httpStatus: 503, fault: 'server' });
}

/** What AWS says of too many requests, so that SDKs wait longer before each further try than after a failure. */
function rateExceeded(request: WireRequest): AwsError {
  // Source: "Common Errors" of a Query API (SQS, SNS) and of a JSON API (EventBridge) in their API references.
  const isForm =
    headerText(request, 'content-type')?.startsWith('application/x-www-form-urlencoded') ?? false;
  return new AwsError(isForm ? 'Throttling' : 'ThrottlingException', 'Rate exceeded');
}

/** The same of Lambda, which has an error of its own. */
function tooManyRequests(): AwsError {
  return new AwsError('TooManyRequestsException', 'Rate Exceeded.', { httpStatus: 429 });
}

const MALFORMED_STATUS: ReadonlyMap<string, string> = new Map([
  ['HPE_HEADER_OVERFLOW', '431 Request Header Fields Too Large'],
  ['HPE_CHUNK_EXTENSIONS_OVERFLOW', '413 Payload Too Large'],
  ['ERR_HTTP_REQUEST_TIMEOUT', '408 Request Timeout'],
]);

/** Bytes that are no request (two lengths, a length and chunks, bad characters) end the connection with one line. */
function refuseMalformed(error: NodeJS.ErrnoException, socket: Socket): void {
  if (error.code === 'ECONNRESET' || !socket.writable) {
    socket.destroy();
    return;
  }
  const status = MALFORMED_STATUS.get(error.code ?? '') ?? '400 Bad Request';
  socket.end(`HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);
}
