/**
 * The supervisor's own small HTTP server, on loopback and any free port, for `millrace region`: everything it does
 * needs the token of `supervisor.json`. It has no part in serving requests of clients.
 */
import { hash, timingSafeEqual } from 'node:crypto';
import { once } from 'node:events';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { errorMessage } from '../base/errors.ts';

// As in wire/http.ts: an import of the module would load all of fetch.
const { createServer } = process.getBuiltinModule('node:http');

const BODY_SIZE_BYTES_MAX = 64 * 1024;

/** By method and path, such as `POST /regions/us-west-2/fail`; undefined where there is no such page. */
export type Answer = (target: string, body: string) => Promise<unknown> | undefined;

export interface ControlOptions {
  readonly token: string;
  readonly answer: Answer;
}

export class Control implements AsyncDisposable {
  readonly #options: ControlOptions;
  readonly #server: Server;

  constructor(options: ControlOptions) {
    this.#options = options;
    this.#server = createServer((message, response) => void this.#receive(message, response));
  }

  /** Resolves to its URL. */
  async listen(): Promise<string> {
    this.#server.listen({ host: '127.0.0.1', port: 0 });
    await once(this.#server, 'listening');
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (!this.#server.listening) return;
    const closed = once(this.#server, 'close');
    this.#server.close();
    this.#server.closeAllConnections();
    await closed;
  }

  async #receive(message: IncomingMessage, response: ServerResponse): Promise<void> {
    try {
      const { status, value } = await this.#answer(message);
      response.writeHead(status, { 'Content-Type': 'application/json' });
      response.end(JSON.stringify(value));
    } catch {
      // The caller is gone, or sent more than anybody has to say here.
      response.destroy();
    }
  }

  async #answer(message: IncomingMessage): Promise<{ status: number; value: unknown }> {
    if (!isSame(message.headers.authorization ?? '', `Bearer ${this.#options.token}`)) {
      return { status: 403, value: { message: 'The token is not the one of this supervisor.' } };
    }
    const body = await readText(message);
    const answering = this.#options.answer(`${message.method} ${message.url}`, body);
    if (answering === undefined) return { status: 404, value: { message: 'There is no such page.' } };
    try {
      return { status: 200, value: await answering };
    } catch (error) {
      return { status: 409, value: { message: errorMessage(error) } };
    }
  }
}

async function readText(message: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let sizeBytes = 0;
  for await (const chunk of message as AsyncIterable<Buffer>) {
    sizeBytes += chunk.length;
    if (sizeBytes > BODY_SIZE_BYTES_MAX) throw new Error('the body is too large');
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString();
}

/** Of digests, since texts of different lengths cannot be compared in constant time. */
function isSame(given: string, expected: string): boolean {
  return timingSafeEqual(hash('sha256', given, 'buffer'), hash('sha256', expected, 'buffer'));
}
