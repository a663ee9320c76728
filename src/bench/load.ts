/**
 * The load: a number of keep-alive connections that each send a request, wait for the whole answer and send the
 * next (a closed loop). An operation is one request, or several of which each takes what it needs from the answer
 * before. It speaks just enough HTTP/1.1 on `node:net` to cost a fraction of the server that it
 * measures (6 us a request, where an HTTP client of Node's takes 40), since both share the machine.
 *
 * It runs in a process of its own (`load-process.ts`), which is told everything as plain data.
 */
import { connect, type Socket } from 'node:net';

/** A request of which some places differ each time. */
export interface RequestTemplate {
  readonly path: string;
  /** Without Host and Content-Length. */
  readonly headers: Readonly<Record<string, string>>;
  /** Between each two of them stands the number of the operation, of fixed width, or what was captured. */
  readonly bodyParts: readonly string[];
  /** Places take what this one captured from the answer to the request before, and not the number. */
  readonly isFilledByCapture?: true;
  /** The name of the text in the answer, in JSON, that the next request needs. */
  readonly captures?: string;
  /** Numbers stay below it and come round again. */
  readonly numberCount?: number;
  /** The answer has to hold the number. */
  readonly isEchoed?: true;
}

export interface LoadPlan {
  /** Such as `http://127.0.0.1:4566`. */
  readonly endpoint: string;
  /** One operation: these one after the other, on one connection. */
  readonly requests: readonly RequestTemplate[];
  readonly connectionCount: number;
  readonly durationMs: number;
}

export interface LoadResult {
  /** Operations of which every answer had status 200 and what it had to hold. */
  readonly succeededCount: number;
  readonly failedCount: number;
  /** Status and body of the first answer that was not as it has to be. */
  readonly firstFailure?: string;
  /** From the first request to the last answer. */
  readonly durationMs: number;
  /** Of the operations that succeeded. */
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
  readonly steps: readonly Step[];
  readonly #plan: LoadPlan;
  readonly #latenciesMs: number[] = [];
  readonly #done = Promise.withResolvers<void>();
  #sequence = 0;
  #openConnections = 0;
  #failedCount = 0;
  #firstFailure: string | undefined;
  #endsAtMs = 0;

  constructor(plan: LoadPlan) {
    this.#plan = plan;
    this.steps = plan.requests.map((request) => new Step(plan.endpoint, request));
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

  /** The number of the next operation; `undefined` when the time is up. */
  next(nowMs: number): number | undefined {
    if (this.isOver(nowMs)) return undefined;
    this.#sequence += 1;
    return this.#sequence;
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

/** A request of an operation, ready to be filled. */
class Step {
  readonly #template: RequestTemplate;
  readonly #head: string;
  /** With a number in each place, which is nearly every request: then the head is complete, too. */
  readonly #numberedHead: string;

  constructor(endpoint: string, template: RequestTemplate) {
    this.#template = template;
    const lines = Object.entries(template.headers).map(([name, value]) => `${name}: ${value}\r\n`);
    const { host } = new URL(endpoint);
    this.#head = `POST ${template.path} HTTP/1.1\r\nhost: ${host}\r\n${lines.join('')}`;
    this.#numberedHead = this.#head + this.#lengthLine(SEQUENCE_DIGITS);
  }

  #lengthLine(placeLength: number): string {
    const { bodyParts } = this.#template;
    const fixed = bodyParts.reduce((total, part) => total + Buffer.byteLength(part), 0);
    return `content-length: ${fixed + (bodyParts.length - 1) * placeLength}\r\n\r\n`;
  }

  text(number: number, captured: string): string {
    const { bodyParts, isFilledByCapture } = this.#template;
    return isFilledByCapture === true
      ? this.#head + this.#lengthLine(captured.length) + bodyParts.join(captured)
      : this.#numberedHead + bodyParts.join(this.#digits(number));
  }

  #digits(number: number): string {
    return String(number % (this.#template.numberCount ?? Infinity)).padStart(SEQUENCE_DIGITS, '0');
  }

  /** What the next step takes from a good answer, '' when it needs nothing; `undefined` when the answer is not good. */
  read({ status }: Answer, text: string, number: number): string | undefined {
    const { captures, isEchoed } = this.#template;
    if (status !== 200) return undefined;
    if (isEchoed === true && !text.includes(this.#digits(number))) return undefined;
    return captures === undefined ? '' : textMember(text, captures);
  }
}

/** The member of that name, which has no characters that JSON escapes. */
function textMember(text: string, name: string): string | undefined {
  const before = `"${name}":"`;
  const start = text.indexOf(before);
  return start === -1
    ? undefined
    : text.slice(start + before.length, text.indexOf('"', start + before.length));
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
  #number = 0;
  /** Which request of the operation is under way, or is the next. */
  #stepIndex = 0;
  #captured = '';
  #begunAtMs = 0;
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
    if (this.#stepIndex === 0) {
      const nowMs = performance.now();
      const number = this.#load.next(nowMs);
      if (number === undefined) {
        this.#finish();
        return;
      }
      this.#number = number;
      this.#begunAtMs = nowMs;
    }
    this.#isWaiting = true;
    const text = this.#load.steps[this.#stepIndex]?.text(this.#number, this.#captured) ?? '';
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
    this.#answered(answer, received);
    // A connection that is not kept is opened again, with the next request.
    if (answer.isKeptAlive) this.#send();
    else this.#socket?.destroy();
  }

  #answered(answer: Answer, received: string): void {
    const { steps } = this.#load;
    const captured = steps[this.#stepIndex]?.read(answer, received, this.#number);
    const isLast = this.#stepIndex === steps.length - 1;
    this.#captured = captured ?? '';
    this.#stepIndex = captured === undefined || isLast ? 0 : this.#stepIndex + 1;
    if (captured === undefined) this.#load.failed(received);
    else if (isLast) this.#load.succeeded(performance.now() - this.#begunAtMs);
  }

  #closed(): void {
    if (this.#isFinished) return;
    if (this.#isWaiting) {
      this.#isWaiting = false;
      this.#stepIndex = 0;
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
