/**
 * The load: a number of keep-alive connections that each send a request, wait for the whole answer and send the
 * next (a closed loop). It speaks just enough HTTP/1.1 on `node:net` to cost a fraction of the server that it
 * measures (6 us a request, where an HTTP client of Node's takes 40), since both share the machine.
 *
 * It runs in a process of its own (`load-process.ts`), which is told everything as plain data.
 */
import { connect, type Socket } from 'node:net';

/** A request of which one place differs each time: a number of fixed width, so that the length never changes. */
export interface RequestTemplate {
  /** Without Host and Content-Length. */
  readonly headers: Readonly<Record<string, string>>;
  readonly bodyBefore: string;
  readonly bodyAfter: string;
}

export interface LoadPlan {
  /** Such as `http://127.0.0.1:4566`. */
  readonly endpoint: string;
  readonly request: RequestTemplate;
  readonly connectionCount: number;
  readonly durationMs: number;
}

export interface LoadResult {
  /** Answers with status 200. */
  readonly succeededCount: number;
  readonly failedCount: number;
  /** Status and body of the first answer that was none. */
  readonly firstFailure?: string;
  /** From the first request to the last answer. */
  readonly durationMs: number;
  /** Of the answers with status 200. */
  readonly p50Ms: number;
  readonly p99Ms: number;
  /** CPU time of the load itself. */
  readonly cpuMs: number;
}

const SEQUENCE_DIGITS = 10;
/** After the time is up, answers still count for this long; what is missing then has failed. */
const ANSWER_WAIT_MS = 30_000;
/** With so many failures and not one success the server is not there, or does not know the operation. */
const HOPELESS_FAILURES = 100;
const SHOWN_FAILURE_LENGTH = 300;

export function runLoad(plan: LoadPlan): Promise<LoadResult> {
  return new Load(plan).run();
}

class Load {
  readonly #plan: LoadPlan;
  readonly #head: string;
  readonly #latenciesMs: number[] = [];
  readonly #done = Promise.withResolvers<void>();
  #sequence = 0;
  #openConnections = 0;
  #failedCount = 0;
  #firstFailure: string | undefined;
  #endsAtMs = 0;

  constructor(plan: LoadPlan) {
    this.#plan = plan;
    this.#head = requestHead(plan);
  }

  async run(): Promise<LoadResult> {
    const { connectionCount, durationMs } = this.#plan;
    const cpuBefore = process.cpuUsage();
    const startedAtMs = performance.now();
    this.#endsAtMs = startedAtMs + durationMs;
    const connections = Array.from({ length: connectionCount }, () => new Connection(this.#plan, this));
    this.#openConnections = connectionCount;
    for (const connection of connections) connection.open();
    const timeout = setTimeout(() => {
      for (const connection of connections) connection.giveUp();
    }, durationMs + ANSWER_WAIT_MS);
    await this.#done.promise;
    clearTimeout(timeout);
    const cpu = process.cpuUsage(cpuBefore);
    const sorted = Float64Array.from(this.#latenciesMs).sort();
    return {
      succeededCount: sorted.length,
      failedCount: this.#failedCount,
      ...(this.#firstFailure === undefined ? {} : { firstFailure: this.#firstFailure }),
      durationMs: performance.now() - startedAtMs,
      p50Ms: percentile(sorted, 0.5),
      p99Ms: percentile(sorted, 0.99),
      cpuMs: (cpu.user + cpu.system) / 1000,
    };
  }

  isOver(nowMs: number): boolean {
    const isHopeless = this.#failedCount >= HOPELESS_FAILURES && this.#latenciesMs.length === 0;
    return nowMs >= this.#endsAtMs || isHopeless;
  }

  /** The text of the next request; `undefined` when the time is up. */
  next(nowMs: number): string | undefined {
    if (this.isOver(nowMs)) return undefined;
    this.#sequence += 1;
    const { bodyBefore, bodyAfter } = this.#plan.request;
    return this.#head + bodyBefore + String(this.#sequence).padStart(SEQUENCE_DIGITS, '0') + bodyAfter;
  }

  succeeded(latencyMs: number): void {
    this.#latenciesMs.push(latencyMs);
  }

  failed(text: string): void {
    this.#failedCount += 1;
    this.#firstFailure ??= text.slice(0, SHOWN_FAILURE_LENGTH);
  }

  closed(): void {
    this.#openConnections -= 1;
    if (this.#openConnections === 0) this.#done.resolve();
  }
}

function requestHead({ endpoint, request }: LoadPlan): string {
  const { headers, bodyBefore, bodyAfter } = request;
  const length = Buffer.byteLength(bodyBefore) + SEQUENCE_DIGITS + Buffer.byteLength(bodyAfter);
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
  return `POST / HTTP/1.1\r\nhost: ${new URL(endpoint).host}\r\n${lines.join('')}content-length: ${length}\r\n\r\n`;
}

/** The value below which `share` of the sorted ones lie; 0 without any. */
export function percentile(sorted: Float64Array, share: number): number {
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;
}

/** One connection with at most one request under way. It is opened again when the server closes it. */
class Connection {
  readonly #address: { readonly host: string; readonly port: number };
  readonly #load: Load;
  #socket: Socket | undefined;
  /** What has come of an answer that is not complete. */
  #received = '';
  #sentAtMs = 0;
  #isWaiting = false;
  #isFinished = false;

  constructor({ endpoint }: LoadPlan, load: Load) {
    const { hostname, port } = new URL(endpoint);
    this.#address = { host: hostname, port: Number(port || 80) };
    this.#load = load;
  }

  open(): void {
    const socket = connect({ ...this.#address, noDelay: true });
    this.#socket = socket;
    socket.setEncoding('latin1');
    socket.on('connect', () => this.#send());
    socket.on('data', (text: string) => this.#receive(text));
    // What it means is told by the 'close' that follows.
    socket.on('error', () => undefined);
    socket.on('close', () => this.#closed());
  }

  giveUp(): void {
    if (this.#isWaiting) this.#load.failed('no answer');
    this.#finish();
  }

  #send(): void {
    const nowMs = performance.now();
    const text = this.#load.next(nowMs);
    if (text === undefined) {
      this.#finish();
      return;
    }
    this.#isWaiting = true;
    this.#sentAtMs = nowMs;
    this.#socket?.write(text, 'latin1');
  }

  #receive(text: string): void {
    const received = this.#received === '' ? text : this.#received + text;
    const answer = parseAnswer(received);
    if (answer === undefined) {
      this.#received = received;
      return;
    }
    this.#received = '';
    this.#isWaiting = false;
    if (answer.status === 200) this.#load.succeeded(performance.now() - this.#sentAtMs);
    else this.#load.failed(received);
    // A connection that is not kept is opened again, with the next request.
    if (answer.isKeptAlive) this.#send();
    else this.#socket?.destroy();
  }

  #closed(): void {
    if (this.#isFinished) return;
    if (this.#isWaiting) {
      this.#isWaiting = false;
      this.#load.failed('the connection was closed before the answer was complete');
    }
    this.#received = '';
    if (this.#load.isOver(performance.now())) this.#finish();
    else this.open();
  }

  #finish(): void {
    if (this.#isFinished) return;
    this.#isFinished = true;
    this.#socket?.destroy();
    this.#load.closed();
  }
}

interface Answer {
  readonly status: number;
  readonly isKeptAlive: boolean;
}

const STATUS_OFFSET = 'HTTP/1.1 '.length;
const LAST_CHUNK = '0\r\n\r\n';

/** The answer in `text`; `undefined` while it is not complete. Characters are bytes. */
function parseAnswer(text: string): Answer | undefined {
  const headEnd = text.indexOf('\r\n\r\n');
  if (headEnd === -1) return undefined;
  const bodyLength = text.length - headEnd - 4;
  const announced = headerValue(text, headEnd, 'content-length');
  const isComplete = announced === undefined ? text.endsWith(LAST_CHUNK) : bodyLength >= Number(announced);
  if (!isComplete) return undefined;
  const isHttp11 = text.startsWith('HTTP/1.1');
  const connection = headerValue(text, headEnd, 'connection')?.toLowerCase();
  return {
    status: Number(text.slice(STATUS_OFFSET, STATUS_OFFSET + 3)),
    isKeptAlive: isHttp11 ? connection !== 'close' : connection === 'keep-alive',
  };
}

function headerValue(text: string, headEnd: number, name: string): string | undefined {
  for (let start = text.indexOf('\r\n') + 2; start < headEnd;) {
    const end = text.indexOf('\r\n', start);
    // Compared by length first: most headers are another one, and lower-casing each would cost more than the rest.
    if (text.charCodeAt(start + name.length) === 58 && isName(text, start, name))
      return text.slice(start + name.length + 1, end).trim();
    start = end + 2;
  }
  return undefined;
}

function isName(text: string, start: number, name: string): boolean {
  return text.slice(start, start + name.length).toLowerCase() === name;
}
