/**
 * One pipe at work: it takes batches from its queue and brings each through filter, enrichment, transformation and
 * target. Woken by the queue, it polls nothing.
 *
 *     receive + filter --(nothing to call)--> transform + deliver + delete      all in one commit
 *            |
 *            +--(after the commit)--> enrich --> transform --> call --> delete what succeeded
 *
 * A message leaves the queue in the commit in which its target has it, or after the target answered. What failed
 * stays where it is and comes back when the queue's visibility timeout ends, until the queue's own redrive policy
 * gives it up. A crash in between brings the batch back at once, since its messages are held by this process.
 */
import type { Timer } from '../../base/clock.ts';
import { formatIsoMs } from '../../base/clock.ts';
import { AwsError, errorMessage } from '../../base/errors.ts';
import { uuid } from '../../base/ids.ts';
import type { PipeContext } from '../../lang/template/pipe-template.ts';
import type { Cause } from '../cause.ts';
import type { Loop, Turn } from '../loop.ts';
import type { Queue } from '../queue/queue.ts';
import {
  enrichedEvents,
  failedItems,
  filterReason,
  type PipeBatch,
  renderRecords,
  toArrayText,
} from './batch.ts';
import type { CompiledPipe } from './compile.ts';
import { type Delivery, deliverLocally, isLocalTarget } from './deliver.ts';
import { pipeArn, type PipeRecord } from './pipe-record.ts';
import type { PipePorts } from './ports.ts';
import { type SourceRecord, toSourceRecord } from './source-record.ts';

/** Batches of one pipe on their way at once. AWS starts with five for a standard queue and grows from there. */
const BATCHES_IN_FLIGHT_MAX = 5;

/**
 * A queue may have no visibility timeout at all. What its target refuses would then be there again in the same
 * instant, and a pipe that polls nothing would do nothing else any more.
 */
const HOLD_SECONDS_MIN = 1;

export interface PipeStats {
  received: number;
  filtered: number;
  delivered: number;
  failed: number;
}

export interface PipeWorkerOptions {
  readonly loop: Loop;
  readonly ports: PipePorts;
  readonly record: PipeRecord;
  readonly compiled: CompiledPipe;
  readonly queue: Queue;
}

export class PipeWorker {
  readonly stats: PipeStats = { received: 0, filtered: 0, delivered: 0, failed: 0 };
  readonly #loop: Loop;
  readonly #ports: PipePorts;
  readonly #record: PipeRecord;
  readonly #compiled: CompiledPipe;
  readonly #queue: Queue;
  readonly #unsubscribe: () => void;
  #inFlight = 0;
  #isStopped = false;
  #window: Timer | undefined;
  #onIdle: (() => void) | undefined;

  constructor(options: PipeWorkerOptions) {
    this.#loop = options.loop;
    this.#ports = options.ports;
    this.#record = options.record;
    this.#compiled = options.compiled;
    this.#queue = options.queue;
    this.#unsubscribe = this.#queue.subscribe(() => this.#wake());
  }

  /** Takes nothing more, and calls back once what is on its way has arrived or failed. */
  stop(onIdle: () => void): void {
    this.#isStopped = true;
    this.#unsubscribe();
    this.#window?.cancel();
    if (this.#inFlight === 0) onIdle();
    else this.#onIdle = onIdle;
  }

  #wake(): void {
    const { windowMs, batchSize } = this.#compiled;
    const now = this.#loop.clock.now();
    if (windowMs === 0 || this.#queue.counts(now).ready >= batchSize) {
      this.#window?.cancel();
      this.#window = undefined;
      this.#take();
    } else {
      this.#window ??= this.#loop.timers.at(now + windowMs, () => {
        this.#window = undefined;
        this.#take();
      });
    }
  }

  #take(): void {
    while (!this.#isStopped && this.#inFlight < BATCHES_IN_FLIGHT_MAX && this.#queue.hasReady()) {
      this.#loop.turn((turn) => this.#begin(turn));
    }
  }

  /** Receives and filters a batch; delivers it in the same commit where nothing outside has to be called. */
  #begin(turn: Turn): void {
    const messages = this.#queue.receive(turn, {
      countMax: this.#compiled.batchSize,
      visibilityTimeoutSeconds: Math.max(this.#queue.config.visibilityTimeoutSeconds, HOLD_SECONDS_MIN),
      isHeld: true,
      // The batches of a group go one after the other, those of several groups side by side.
      isOneGroup: true,
    });
    this.stats.received += messages.length;
    const passed: SourceRecord[] = [];
    for (const message of messages) {
      const record = toSourceRecord(this.#queue, message);
      const reason = filterReason(this.#compiled.filters, record);
      if (reason === undefined) passed.push(record);
      else this.#filterOut(turn, record, reason);
    }
    // Everything is counted until it is on disk: a long queue is taken at its pace, also by a filter that drops all.
    this.#inFlight += 1;
    if (passed.length === 0) {
      turn.afterCommit(() => this.#arrived());
      return;
    }
    const batch: PipeBatch = { id: uuid(turn.random), records: passed, invocations: [] };
    for (const { message } of passed) {
      this.#ports.trace.effect(turn, messageCause(message.head.id), {
        kind: 'pipe-batch',
        id: batch.id,
        detail: { pipe: pipeArn(this.#record) },
      });
    }
    if (this.#compiled.enrichment === undefined && isLocalTarget(this.#compiled.target)) {
      this.#deliverInTurn(turn, batch, passed);
      turn.afterCommit(() => this.#arrived());
    } else {
      turn.afterCommit(() => void this.#process(batch));
    }
  }

  #filterOut(turn: Turn, { message }: SourceRecord, reason: string): void {
    this.stats.filtered += 1;
    this.#ports.trace.effect(turn, messageCause(message.head.id), {
      kind: 'dropped',
      id: message.head.id,
      detail: { pipe: pipeArn(this.#record), reason },
    });
    this.#queue.delete(turn, message);
  }

  async #process(batch: PipeBatch): Promise<void> {
    try {
      const events = await this.#enrich(batch);
      if (events.length === 0) this.#loop.turn((turn) => this.#finish(turn, batch, new Set()));
      else if (isLocalTarget(this.#compiled.target)) {
        this.#loop.turn((turn) => this.#deliverInTurn(turn, batch, events));
      } else await this.#callFunction(batch, events);
    } catch (error) {
      // The next start takes up what a closed region had in hand.
      if (!this.#loop.isClosed) this.#loop.turn((turn) => this.#fail(turn, batch, error));
    } finally {
      this.#arrived();
    }
  }

  /** A batch is no longer on its way, be it delivered or failed: there is room for the next. */
  #arrived(): void {
    this.#inFlight -= 1;
    if (this.#loop.isClosed) return;
    if (this.#isStopped && this.#inFlight === 0) this.#onIdle?.();
    else if (!this.#isStopped && this.#queue.hasReady()) this.#wake();
  }

  /** The records that the target's template sees: the enrichment's answer, else the batch itself. */
  async #enrich(batch: PipeBatch): Promise<readonly TemplateInput[]> {
    const { enrichment } = this.#compiled;
    if (enrichment === undefined) return batch.records;
    const texts = renderRecords(batch.records, enrichment.template, this.#context());
    const payloadText = await this.#call(batch, enrichment.functionArn, toArrayText(texts));
    return enrichedEvents(payloadText).map((text) => ({ text, decodedText: text }));
  }

  async #callFunction(batch: PipeBatch, events: readonly TemplateInput[]): Promise<void> {
    const { texts } = this.#delivery(batch, events);
    const payloadText = await this.#call(batch, this.#compiled.target.arn, toArrayText(texts));
    this.#loop.turn((turn) => this.#finish(turn, batch, failedItems(payloadText, batch)));
  }

  async #call(batch: PipeBatch, functionArn: string, payloadText: string): Promise<string> {
    const requestId = uuid(this.#loop.random);
    const cause = batchCause(batch);
    const answer = await this.#ports.functions.invoke({ functionArn, payloadText, requestId, cause });
    const failed = answer.functionError !== undefined;
    batch.invocations.push({ id: requestId, functionArn, ...(failed ? { error: answer.payloadText } : {}) });
    if (failed) {
      throw new AwsError('FunctionError', `${functionArn} failed: ${answer.payloadText}`);
    }
    return answer.payloadText;
  }

  /** An `AwsError` here means that the target refused before anything changed; the batch stays in its queue. */
  #deliverInTurn(turn: Turn, batch: PipeBatch, events: readonly TemplateInput[]): void {
    try {
      deliverLocally(this.#ports, turn, this.#delivery(batch, events));
    } catch (error) {
      if (!(error instanceof AwsError)) throw error;
      this.#fail(turn, batch, error);
      return;
    }
    this.#finish(turn, batch, new Set());
  }

  #delivery(batch: PipeBatch, events: readonly TemplateInput[]): Delivery {
    const { target } = this.#compiled;
    return {
      pipe: this.#record,
      target,
      texts: renderRecords(events, target.template, this.#context()),
      sources: events.map(({ decodedText }) => decodedText),
      cause: batchCause(batch),
    };
  }

  /** Takes the batch from its queue but for the records that failed. */
  #finish(turn: Turn, batch: PipeBatch, failed: ReadonlySet<string>): void {
    this.#recordInvocations(turn, batch);
    for (const { message } of batch.records) {
      if (!failed.has(message.head.id)) this.#queue.delete(turn, message);
    }
    this.stats.failed += failed.size;
    this.stats.delivered += batch.records.length - failed.size;
    if (failed.size > 0)
      this.#recordFailure(turn, batch, { reason: `batchItemFailures: ${[...failed].join(', ')}` });
  }

  #fail(turn: Turn, batch: PipeBatch, error: unknown): void {
    this.#recordInvocations(turn, batch);
    this.stats.failed += batch.records.length;
    this.#recordFailure(turn, batch, { reason: errorMessage(error) });
    this.#loop.log.warn(
      { pipe: pipeArn(this.#record), batch: batch.id, error: errorMessage(error) },
      'a batch failed',
    );
  }

  #recordInvocations(turn: Turn, batch: PipeBatch): void {
    for (const { id, ...detail } of batch.invocations) {
      this.#ports.trace.effect(turn, batchCause(batch), { kind: 'invocation', id, detail });
    }
  }

  #recordFailure(turn: Turn, batch: PipeBatch, detail: Readonly<Record<string, string>>): void {
    this.#ports.trace.effect(turn, batchCause(batch), {
      kind: 'dropped',
      id: batch.id,
      detail,
    });
  }

  #context(): PipeContext {
    const { definition, name } = this.#record;
    return {
      pipeArn: pipeArn(this.#record),
      pipeName: name,
      sourceArn: definition.source,
      enrichmentArn: definition.enrichment ?? '',
      targetArn: definition.target,
      ingestionTime: formatIsoMs(this.#loop.clock.now()),
    };
  }
}

type TemplateInput = Pick<SourceRecord, 'text' | 'decodedText'>;

function messageCause(id: string): Cause {
  return { kind: 'message', id };
}

function batchCause({ id }: PipeBatch): Cause {
  return { kind: 'pipe-batch', id };
}
