/**
 * Calls between regions, `POST /_millrace/peer/<name>` with JSON both ways: the caller's side and the answerer's.
 * Both are signed (`signature.ts`). `installation.ts` owns one; handlers are the engines' own.
 */
import type { IncomingMessage } from 'node:http';
import type { Clock } from '../base/clock.ts';
import { AwsError, errorMessage } from '../base/errors.ts';
import { parseJson } from '../base/json.ts';
import type { Logger } from '../base/log.ts';
import { type Peer, PeerUnavailableError } from '../engine/region/ports.ts';
import type { WireRequest, WireResponse } from '../wire/dispatch.ts';
import { headerText } from '../wire/scope.ts';
import { PEER_PATH } from './peer-path.ts';
import type { PeerHttp } from './peer-http.ts';
import type { PeerSigner } from './signature.ts';

const CALL_TIMEOUT_MS = 5000;
/** Batches are of 1 MB; a snapshot of records comes in as many. */
const ANSWER_SIZE_BYTES_MAX = 10 * 1024 * 1024;

const HEADER = {
  from: 'x-millrace-region',
  atMs: 'x-millrace-time',
  nonce: 'x-millrace-nonce',
  signature: 'x-millrace-signature',
} as const;

export interface PeerCallsOptions {
  readonly own: string;
  readonly isPeer: (region: string) => boolean;
  readonly signer: PeerSigner;
  readonly http: PeerHttp;
  readonly clock: Clock;
  readonly log: Logger;
}

/** The connection was refused: nobody listens there. */
export class PeerRefusedError extends PeerUnavailableError {}

export class PeerCalls {
  readonly #options: PeerCallsOptions;
  readonly #handlers = new Map<string, (body: unknown, from: string) => unknown>();

  constructor(options: PeerCallsOptions) {
    this.#options = options;
  }

  handle(name: string, handler: (body: unknown, from: string) => unknown): void {
    this.#handlers.set(name, handler);
  }

  async call(peer: Peer, name: string, value: unknown, timeoutMs = CALL_TIMEOUT_MS): Promise<unknown> {
    const { own, signer } = this.#options;
    const path = PEER_PATH + name;
    const body = Buffer.from(JSON.stringify(value ?? null));
    const stamp = signer.signCall({ path, from: own, to: peer.region, body });
    const headers = [
      // A name without a dot: the guard against web pages (`wire/browser-guard.ts`) need not know how peers are called.
      ['Host', peer.region],
      ['Content-Type', 'application/json'],
      ['Content-Length', String(body.length)],
      [HEADER.from, own],
      [HEADER.atMs, String(stamp.atMs)],
      [HEADER.nonce, stamp.nonce],
      [HEADER.signature, stamp.signature],
    ].flat();
    const answer = await this.#send(peer, { path, headers, body }, timeoutMs);
    if (!signer.isAnswer(answer.signature, stamp.nonce, answer)) {
      throw new PeerUnavailableError(
        `what answers at ${peer.endpoint} does not know the secret of ${peer.region}`,
      );
    }
    const said = parseJson(answer.body.toString());
    if (answer.status === 200) return said;
    throw toAwsError(said, answer.status);
  }

  /** Answers a request to `PEER_PATH`. */
  async answer(request: WireRequest): Promise<WireResponse> {
    const { own, isPeer, signer, log } = this.#options;
    const path = request.url;
    const from = headerText(request, HEADER.from) ?? '';
    const nonce = headerText(request, HEADER.nonce) ?? '';
    const atMs = Number(headerText(request, HEADER.atMs));
    const signature = headerText(request, HEADER.signature) ?? '';
    const disbelief = isPeer(from)
      ? signer.checkCall({ path, from, to: own, body: request.body }, { atMs, nonce, signature })
      : 'signature';
    if (disbelief !== undefined) {
      log.warn(
        { from: from.slice(0, 32), client: request.remoteAddress, disbelief },
        'a call of a peer was refused',
      );
      throw new AwsError('AccessDeniedException', `The call is not one of a peer (${disbelief}).`, {
        httpStatus: 403,
      });
    }
    const { status, value } = await this.#perform(path.slice(PEER_PATH.length), request, from);
    const body = JSON.stringify(value ?? null);
    const headers = {
      'Content-Type': 'application/json',
      [HEADER.signature]: signer.signAnswer(nonce, status, body),
    };
    return { status, headers, body };
  }

  async #perform(
    name: string,
    { body }: WireRequest,
    from: string,
  ): Promise<{ status: number; value: unknown }> {
    const handler = this.#handlers.get(name);
    try {
      if (handler === undefined)
        throw new AwsError('NotFound', `Peers are not asked ${name}.`, { httpStatus: 404 });
      return { status: 200, value: await handler(parseJson(body.toString()), from) };
    } catch (error) {
      if (!(error instanceof AwsError)) {
        this.#options.log.error({ name, from, error: errorMessage(error) }, 'the call of a peer failed');
      }
      const { code, message, members, httpStatus } =
        error instanceof AwsError
          ? error
          : new AwsError('InternalFailure', errorMessage(error), { fault: 'server' });
      return { status: httpStatus, value: { code, message, members } };
    }
  }

  #send(
    peer: Peer,
    { path, headers, body }: { path: string; headers: readonly string[]; body: Buffer },
    timeoutMs: number,
  ): Promise<{ status: number; signature: string; body: Buffer }> {
    const { http, clock } = this.#options;
    const { promise, resolve, reject } = Promise.withResolvers<{
      status: number;
      signature: string;
      body: Buffer;
    }>();
    const request = http.request(peer, { method: 'POST', path, headers });
    const deadline = clock.callAt(clock.now() + timeoutMs, () => {
      request.destroy(new Error(`no answer within ${timeoutMs} ms`));
    });
    request.once('error', (error: NodeJS.ErrnoException) => reject(unavailable(peer, error)));
    request.once('response', (message) => {
      const { statusCode: status = 0, headers: answered } = message;
      const signature = headerText({ headers: answered }, HEADER.signature) ?? '';
      readBody(message).then(
        (read) => resolve({ status, signature, body: read }),
        (error: unknown) => reject(unavailable(peer, error as Error)),
      );
    });
    request.end(body);
    return promise.finally(() => deadline.cancel());
  }
}

/** Rejects when the answer is cut off, or larger than any answer of ours. */
export async function readBody(message: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let sizeBytes = 0;
  for await (const chunk of message as AsyncIterable<Buffer>) {
    sizeBytes += chunk.length;
    if (sizeBytes > ANSWER_SIZE_BYTES_MAX)
      throw new Error(`an answer of more than ${ANSWER_SIZE_BYTES_MAX} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

function unavailable(peer: Peer, error: NodeJS.ErrnoException): PeerUnavailableError {
  const message = `${peer.region} at ${peer.endpoint}: ${error.message}`;
  const Kind = error.code === 'ECONNREFUSED' ? PeerRefusedError : PeerUnavailableError;
  return new Kind(message, { cause: error });
}

function toAwsError(said: unknown, httpStatus: number): AwsError {
  const { code, message, members } = said as {
    code?: string;
    message?: string;
    members?: Record<string, unknown>;
  };
  return new AwsError(code ?? 'InternalFailure', message ?? '', {
    httpStatus,
    fault: httpStatus >= 500 ? 'server' : 'client',
    ...(members === undefined ? {} : { members }),
  });
}
