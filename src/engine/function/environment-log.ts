/** The log of one process of a function: its lines in the words of AWS, on their way to a log stream. */
import type { Clock } from '../../base/clock.ts';
import type { FunctionLogLine, FunctionLogSink, FunctionLogStream } from './ports.ts';
import type { FunctionSpec } from './spec.ts';

/** Of one event, as CloudWatch Logs takes it. */
const LINE_LENGTH_MAX = 256 * 1024;

/** What `LogType: Tail` answers: https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html */
const TAIL_SIZE_BYTES = 4096;

export class EnvironmentLog {
  readonly stream: FunctionLogStream;
  readonly #sink: FunctionLogSink;
  readonly #clock: Clock;
  /** What the process wrote without an end of line yet. */
  #partial = '';
  #tail: string | undefined;

  constructor(sink: FunctionLogSink, stream: FunctionLogStream, clock: Clock) {
    this.#sink = sink;
    this.stream = stream;
    this.#clock = clock;
  }

  /** Each text becomes one event. */
  write(texts: readonly string[]): void {
    const atMs = this.#clock.now();
    const lines: FunctionLogLine[] = texts.map((text) => ({ atMs, text: text.slice(0, LINE_LENGTH_MAX) }));
    this.#sink.append(this.stream, lines);
    if (this.#tail === undefined) return;
    for (const { text } of lines) this.#tail += text.endsWith('\n') ? text : `${text}\n`;
    // Characters are at least a byte each, so the last 4 KB are within; the rest is cut only now and then.
    if (this.#tail.length > 16 * TAIL_SIZE_BYTES) this.#tail = this.#tail.slice(-TAIL_SIZE_BYTES);
  }

  /** Bytes of stdout or stderr: each line becomes one event, an unfinished one waits for its end. */
  writeRaw(text: string): void {
    const whole = this.#partial + text;
    const end = whole.lastIndexOf('\n') + 1;
    this.#partial = whole.slice(end);
    if (end > 0) this.write(whole.slice(0, end - 1).split('\n'));
    if (this.#partial.length > LINE_LENGTH_MAX) this.flush();
  }

  flush(): void {
    if (this.#partial !== '') this.write([this.#partial]);
    this.#partial = '';
  }

  startTail(): void {
    this.#tail = '';
  }

  /** The last 4 KB since `startTail`, in base64. */
  takeTail(): string | undefined {
    if (this.#tail === undefined) return undefined;
    const bytes = Buffer.from(this.#tail);
    this.#tail = undefined;
    return bytes.subarray(Math.max(0, bytes.length - TAIL_SIZE_BYTES)).toString('base64');
  }
}

export interface Report {
  readonly requestId: string;
  readonly durationMs: number;
  readonly peakKb: number | undefined;
  /** Only for the first invocation of a process. */
  readonly initMs: number | undefined;
  readonly status: 'ok' | 'timeout' | 'error';
  readonly errorType?: string | undefined;
}

export function startLine(requestId: string, version: string): string {
  return `START RequestId: ${requestId} Version: ${version}\n`;
}

export function endLine(requestId: string): string {
  return `END RequestId: ${requestId}\n`;
}

export function reportLine(spec: FunctionSpec, report: Report): string {
  const { durationMs, peakKb, initMs, status, errorType } = report;
  const usedMb = peakKb === undefined ? spec.memorySizeMb : Math.ceil(peakKb / 1024);
  // Initialisation is billed since August 2025.
  const fields = [
    `REPORT RequestId: ${report.requestId}`,
    `Duration: ${durationMs.toFixed(2)} ms`,
    `Billed Duration: ${Math.ceil(durationMs + (initMs ?? 0))} ms`,
    `Memory Size: ${spec.memorySizeMb} MB`,
    `Max Memory Used: ${Math.min(usedMb, spec.memorySizeMb)} MB`,
  ];
  if (initMs !== undefined) fields.push(`Init Duration: ${initMs.toFixed(2)} ms`);
  if (status !== 'ok') fields.push(`Status: ${status}`);
  if (status === 'error' && errorType !== undefined) fields.push(`Error Type: ${errorType}`);
  return `${fields.join('\t')}\t\n`;
}
