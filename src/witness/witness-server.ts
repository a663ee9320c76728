/**
 * A witness of its own, for regions on several hosts: `millrace witness` on a third one. It answers the calls of
 * regions that know the secret of the installation and nothing else; whoever can only reach it learns nothing.
 */
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Clock } from '../base/clock.ts';
import { AwsError } from '../base/errors.ts';
import type { Logger } from '../base/log.ts';
import { AddressError } from '../config.ts';
import type { Witness } from '../engine/region/witness.ts';
import { PeerCalls } from '../installation/peer-calls.ts';
import { PeerHttp } from '../installation/peer-http.ts';
import { PeerSigner } from '../installation/signature.ts';
import { REGION_NAME } from '../peer-setting.ts';
import type { WireResponse } from '../wire/dispatch.ts';
import { answerWitnessCall, WITNESS, WITNESS_CALLS } from './witness-calls.ts';

// As in wire/http.ts: an import of the module would load all of fetch.
const { createServer } = process.getBuiltinModule('node:http');

export interface WitnessServerOptions {
  readonly witness: Witness;
  readonly secret: string;
  readonly clock: Clock;
  readonly log: Logger;
}

/** Calls are a few hundred bytes. */
const BODY_SIZE_BYTES_MAX = 64 * 1024;
/** A region keeps one or two. */
const CONNECTIONS_MAX = 256;
const REQUEST_TIMEOUT_MS = 5000;

export class WitnessServer implements AsyncDisposable {
  readonly #calls: PeerCalls;
  readonly #server: Server;

  constructor({ witness, secret, clock, log }: WitnessServerOptions) {
    this.#calls = new PeerCalls({
      own: WITNESS,
      // Its regions are those that know the secret; it need not be told which there are.
      isPeer: (region) => REGION_NAME.test(region),
      signer: new PeerSigner({ secret, clock }),
      http: new PeerHttp(() => undefined),
      clock,
      log,
    });
    for (const name of WITNESS_CALLS) {
      this.#calls.handle(name, (body, from) => answerWitnessCall(witness, name, body, from));
    }
    this.#server = createServer(
      { headersTimeout: REQUEST_TIMEOUT_MS, requestTimeout: REQUEST_TIMEOUT_MS, noDelay: true },
      (message, response) => void this.#receive(message, response),
    );
    this.#server.maxConnections = CONNECTIONS_MAX;
  }

  /** Resolves to the port. */
  async listen(address: { readonly host: string; readonly port: number }): Promise<number> {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    this.#server.once('error', reject).listen(address, resolve);
    try {
      await promise;
    } catch (error) {
      throw new AddressError(address, error as NodeJS.ErrnoException);
    }
    return (this.#server.address() as AddressInfo).port;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (!this.#server.listening) return;
    const closed = Promise.withResolvers<void>();
    this.#server.close(() => closed.resolve());
    this.#server.closeAllConnections();
    await closed.promise;
  }

  async #receive(message: IncomingMessage, response: ServerResponse): Promise<void> {
    try {
      const { status, headers, body } = await this.#answer(message);
      response.writeHead(status, headers).end(body);
    } catch {
      // The caller is gone, or sent more than a region has to say.
      response.destroy();
    }
  }

  async #answer(message: IncomingMessage): Promise<WireResponse> {
    const { method = '', url = '', headers, socket } = message;
    const body = await readBody(message);
    try {
      const signal = new AbortController().signal;
      return await this.#calls.answer({
        method,
        url,
        headers,
        body,
        remoteAddress: socket.remoteAddress,
        signal,
      });
    } catch (error) {
      const refusal = error instanceof AwsError ? error : new AwsError('InternalFailure', 'The call failed.');
      const text = JSON.stringify({ code: refusal.code, message: refusal.message });
      return { status: refusal.httpStatus, headers: { 'Content-Type': 'application/json' }, body: text };
    }
  }
}

async function readBody(message: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let sizeBytes = 0;
  for await (const chunk of message as AsyncIterable<Buffer>) {
    sizeBytes += chunk.length;
    if (sizeBytes > BODY_SIZE_BYTES_MAX) throw new Error('the body is too large');
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}
