/**
 * The Lambda Runtime API, for `provided.*` functions whose `bootstrap` speaks it. Each process gets a port of its
 * own, so that nothing of one process can be taken for another's: not every client keeps a path in
 * `AWS_LAMBDA_RUNTIME_API`, so the port is the only name that all of them carry.
 *
 * `GET next` waits for as long as it takes: clients take any other answer for a failure and exit.
 * https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html
 */
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type Channel, type ChannelCall, type ChannelListener, RESPONSE_SIZE_BYTES_MAX } from './channel.ts';

// Not by `import`, for what `wire/http.ts` says.
const { createServer } = process.getBuiltinModule('node:http');

const PREFIX = '/2018-06-01/runtime/';

export class RuntimeApi implements Channel {
  readonly #server: Server;
  readonly #listener: ChannelListener;
  /** The client's request for the next invocation, while there is none. */
  #waiting: ServerResponse | undefined;
  #call: ChannelCall | undefined;
  /** The invocation has been handed out and not been answered. */
  #isTaken = false;
  #isReady = false;

  private constructor(server: Server, listener: ChannelListener) {
    this.#server = server;
    this.#listener = listener;
    server.on('request', (request, response) => {
      this.#route(request, response).catch((error: unknown) => {
        this.#listener({ kind: 'broken', reason: String(error) });
        response.destroy();
      });
    });
  }

  static async listen(listener: ChannelListener): Promise<RuntimeApi> {
    const server = createServer({ keepAliveTimeout: 0, requestTimeout: 0 });
    server.timeout = 0;
    const api = new RuntimeApi(server, listener);
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(0, '127.0.0.1', resolve);
    });
    return api;
  }

  /** The value of `AWS_LAMBDA_RUNTIME_API`. */
  get address(): string {
    return `127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  send(call: ChannelCall): void {
    this.#call = call;
    this.#isTaken = false;
    this.#handOut();
  }

  close(): void {
    this.#server.close();
    this.#server.closeAllConnections();
  }

  async #route(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const path = request.url ?? '';
    if (!path.startsWith(PREFIX)) return reply(response, 404, {});
    const [area, name, what] = path.slice(PREFIX.length).split('/');
    if (request.method === 'GET' && area === 'invocation' && name === 'next') return this.#next(response);
    if (request.method !== 'POST') return reply(response, 405, {});
    const body = await readBody(request);
    if (area === 'init' && name === 'error') {
      this.#listener({ kind: 'init-error', body: body ?? '{}' });
      return reply(response, 202, { status: 'OK' });
    }
    if (area === 'invocation' && (what === 'response' || what === 'error')) {
      return this.#answer(response, { requestId: name ?? '', kind: what, body });
    }
    return reply(response, 404, {});
  }

  #next(response: ServerResponse): void {
    this.#waiting = response;
    if (!this.#isReady) {
      this.#isReady = true;
      this.#listener({ kind: 'ready' });
    }
    this.#handOut();
  }

  #handOut(): void {
    const call = this.#call;
    const response = this.#waiting;
    if (call === undefined || this.#isTaken || response === undefined) return;
    this.#waiting = undefined;
    this.#isTaken = true;
    const clientContext =
      call.clientContext === undefined ? {} : { 'Lambda-Runtime-Client-Context': call.clientContext };
    response.writeHead(200, {
      'Content-Type': 'application/json',
      'Lambda-Runtime-Aws-Request-Id': call.requestId,
      'Lambda-Runtime-Deadline-Ms': String(call.deadlineMs),
      'Lambda-Runtime-Invoked-Function-Arn': call.functionArn,
      ...clientContext,
    });
    response.end(call.payloadText);
  }

  #answer(
    response: ServerResponse,
    answer: { requestId: string; kind: 'response' | 'error'; body: string | undefined },
  ): void {
    const call = this.#call;
    if (call === undefined || !this.#isTaken || call.requestId !== answer.requestId) {
      return reply(response, 400, { errorType: 'InvalidRequestID', errorMessage: 'Invalid request ID' });
    }
    this.#call = undefined;
    const facts = { id: call.id, peakKb: undefined };
    if (answer.body === undefined) {
      const errorMessage = `Response payload size exceeded maximum allowed payload size (${RESPONSE_SIZE_BYTES_MAX} bytes).`;
      const body = JSON.stringify({ errorType: 'Function.ResponseSizeTooLarge', errorMessage });
      this.#listener({ kind: 'error', body, ...facts });
      return reply(response, 413, { errorType: 'RequestEntityTooLarge', errorMessage });
    }
    this.#listener({ kind: answer.kind, body: answer.body === '' ? 'null' : answer.body, ...facts });
    return reply(response, 202, { status: 'OK' });
  }
}

function reply(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, { 'Content-Type': 'application/json' });
  response.end(JSON.stringify(body));
}

/** The body as text, or `undefined` when it is longer than an answer may be. */
async function readBody(request: IncomingMessage): Promise<string | undefined> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    // Read to the end all the same: the client is still writing and would not see the answer.
    if (size <= RESPONSE_SIZE_BYTES_MAX) chunks.push(chunk);
  }
  return size > RESPONSE_SIZE_BYTES_MAX ? undefined : Buffer.concat(chunks).toString();
}
