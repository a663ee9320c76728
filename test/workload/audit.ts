/**
 * The end of a workload: with all faults gone, everything has to come to its end within a given time; then what is
 * there is compared with what the clients were told. Reads the region through its API alone.
 */
import { seededRandom } from '../../src/base/random.ts';
import {
  checkConservation,
  checkHistory,
  checkItem,
  checkQueue,
  type Finding,
  type HistoryEntry,
} from '../../src/testing/checkers.ts';
import { FIFO_QUEUES } from './fifo.ts';
import { queueUrl } from './names.ts';
import type { EventSeen, Recorder } from './recorder.ts';
import { type Client, LARGE, MACHINE_ARN, type QueueName, versionOf, type Workload } from './workload.ts';

export interface AuditOptions {
  /** Within this everything has to be done, by the region's clock. */
  readonly drainMs: number;
  /** What one unit of a timestamp is: on the wire they are seconds. */
  readonly timestampUnitMs: number;
}

/** Histories that are read at once. */
const READS_AT_ONCE = 16;

const DRAINED: readonly QueueName[] = ['orders', 'dead', 'events', 'large', 'outlet', 'told'];
/** Those whose messages are told apart from all others: dead letters belong to the orders. */
const CHECKED: readonly QueueName[] = ['orders', 'events', 'large', 'outlet'];

export class Auditor {
  readonly #workload: Workload;
  readonly #recorder: Recorder;
  readonly #options: AuditOptions;
  readonly #client: Client = { name: 'auditor', random: seededRandom(0) };
  /** Executions by the number in their input. */
  readonly #executions = new Map<number, string[]>();
  readonly #names = new Set<string>();
  /** Those that an earlier audit has checked: they have ended, and need not be read again. */
  readonly #checked = new Map<string, number>();

  constructor(workload: Workload, options: AuditOptions) {
    this.#workload = workload;
    this.#recorder = workload.recorder;
    this.#options = options;
  }

  get executionCount(): number {
    return this.#names.size;
  }

  /** Everything that is wrong. May be asked again after more rounds. */
  async findings(): Promise<Finding[]> {
    const stuck = await this.#settle();
    const malformed = await this.#readExecutions();
    return [
      ...stuck,
      ...malformed,
      ...this.#recorder.refusals.map((text): Finding => ({ kind: 'lost', subject: 'configuration', text })),
      ...this.#checkQueues(),
      ...this.#workload.fifo.findings(),
      ...this.#checkEvents(),
      ...this.#checkStarts(),
      ...(await this.#checkItems()),
    ];
  }

  /** Waits until no execution runs and every queue is empty, taking out what comes. */
  async #settle(): Promise<Finding[]> {
    const untilMs = this.#workload.now() + this.#options.drainMs;
    for (;;) {
      const rest: Finding[] = [];
      const running = await this.#running();
      if (running > 0) rest.push(stuck('executions', `${running} still run`));
      await Promise.all(DRAINED.map((queue) => this.#drain(queue)));
      await this.#workload.fifo.drain(this.#client);
      for (const queue of [...DRAINED, 'intake', ...FIFO_QUEUES]) {
        const count = await this.#count(queue);
        if (count > 0) rest.push(stuck(`queue ${queue}`, `${count} messages are still there`));
      }
      if (rest.length === 0 || this.#workload.now() > untilMs) return rest;
      await this.#workload.sleep(200);
    }
  }

  async #running(): Promise<number> {
    const input = { stateMachineArn: MACHINE_ARN, statusFilter: 'RUNNING', maxResults: 1000 };
    const { executions } = await this.#workload.must('states', 'ListExecutions', input);
    return (executions as unknown[]).length;
  }

  async #drain(queue: QueueName): Promise<void> {
    for (;;) {
      const messages = await this.#workload.receive(this.#client, queue, { MaxNumberOfMessages: 10 });
      if (messages.length === 0) return;
      await Promise.all(messages.map((message) => this.#workload.delete(this.#client, queue, message)));
    }
  }

  async #count(queue: string): Promise<number> {
    const input = { QueueUrl: queueUrl(queue), AttributeNames: ['All'] };
    const { Attributes } = await this.#workload.must('sqs', 'GetQueueAttributes', input);
    return Object.entries(Attributes as Record<string, string>)
      .filter(([name]) => name.startsWith('ApproximateNumberOfMessages'))
      .reduce((total, [, value]) => total + Number(value), 0);
  }

  async #readExecutions(): Promise<Finding[]> {
    const findings: Finding[] = [];
    this.#executions.clear();
    this.#names.clear();
    const listed = await this.#list();
    for (const { name } of listed) {
      if (this.#names.has(name)) findings.push({ kind: 'doubled', subject: name, text: 'is listed twice' });
      this.#names.add(name);
    }
    const unchecked = listed.filter(({ name }) => !this.#checked.has(name));
    for (let from = 0; from < unchecked.length; from += READS_AT_ONCE) {
      const some = unchecked.slice(from, from + READS_AT_ONCE);
      const checked = await Promise.all(some.map((execution) => this.#checkExecution(execution)));
      findings.push(...checked.flat());
    }
    for (const [name, number] of this.#checked) {
      this.#executions.set(number, [...(this.#executions.get(number) ?? []), name]);
    }
    for (const name of this.#checked.keys()) {
      if (!this.#names.has(name))
        findings.push({ kind: 'vanished', subject: name, text: 'is no longer listed' });
    }
    return findings;
  }

  async #checkExecution({ executionArn, name, status }: ListedExecution): Promise<Finding[]> {
    const events = await this.#history(executionArn);
    if (events === undefined) return [{ kind: 'torn', subject: name, text: 'is listed and not there' }];
    const number = numberOf(events);
    this.#checked.set(name, number);
    const entries = events.map((event) => this.#toEntry(event));
    const findings = checkHistory(name, entries, status);
    if (status !== 'SUCCEEDED') {
      const last = entries.at(-1);
      const text = `it is ${status}, and its last event is ${last?.type} at ${last?.timestampMs}`;
      return [...findings, { kind: 'malformed', subject: name, text }];
    }
    const output = events.at(-1)?.executionSucceededEventDetails?.output;
    if (output !== String(number)) {
      findings.push({ kind: 'malformed', subject: name, text: `its output is ${output}, not ${number}` });
    }
    return [...findings, ...checkWait(name, events, entries)];
  }

  #toEntry(event: WireEvent): HistoryEntry {
    const { id, previousEventId, type, timestamp } = event;
    const details = event.stateEnteredEventDetails ?? event.stateExitedEventDetails;
    const timestampMs = Math.round(timestamp * this.#options.timestampUnitMs);
    const entry = { id, previousEventId, type, timestampMs };
    return details === undefined ? entry : { ...entry, name: details.name };
  }

  async #list(): Promise<ListedExecution[]> {
    const found: ListedExecution[] = [];
    let nextToken: unknown;
    do {
      const input = { stateMachineArn: MACHINE_ARN, maxResults: 1000, ...(nextToken ? { nextToken } : {}) };
      const output = await this.#workload.must('states', 'ListExecutions', input);
      found.push(...(output['executions'] as ListedExecution[]));
      nextToken = output['nextToken'];
    } while (nextToken);
    return found;
  }

  async #history(executionArn: string): Promise<WireEvent[] | undefined> {
    const found: WireEvent[] = [];
    let nextToken: unknown;
    do {
      const input = { executionArn, maxResults: 1000, ...(nextToken ? { nextToken } : {}) };
      const output = await this.#workload.find('states', 'GetExecutionHistory', input);
      if (output === undefined) return undefined;
      found.push(...(output['events'] as WireEvent[]));
      nextToken = output['nextToken'];
    } while (nextToken);
    return found;
  }

  #checkQueues(): Finding[] {
    const { writes, crashes, events } = this.#recorder;
    const toSend = ({ number, outcome }: EventSeen) => ({ body: String(number), outcome });
    const sends: Readonly<Record<string, { body: string; outcome: EventSeen['outcome'] }[]>> = {
      orders: this.#recorder.queue('orders').sends,
      events: events.map(toSend),
      large: events.filter(({ size }) => size >= LARGE).map(toSend),
      outlet: this.#recorder.queue('intake').sends,
    };
    return CHECKED.flatMap((name) =>
      checkQueue({ ...this.#recorder.queue(name), sends: sends[name] ?? [], writes, crashes }).map(
        (finding) => ({ ...finding, subject: `${name}: ${finding.subject}` }),
      ),
    );
  }

  /** An event is everywhere it belongs or nowhere, and so are all events of its request. */
  #checkEvents(): Finding[] {
    const findings: Finding[] = [];
    const delivered = (queue: QueueName): string[] => [
      ...new Map(
        this.#recorder.queue(queue).receives.map(({ messageId, body }) => [messageId, body]),
      ).values(),
    ];
    const queued = delivered('events');
    const inQueue = new Set(queued);
    const { events } = this.#recorder;
    const isThere = ({ number, outcome }: EventSeen): boolean =>
      outcome === 'acknowledged' || inQueue.has(String(number)) || this.#executions.has(number);
    const matched = events.filter(isThere);
    const numbers = matched.map(({ number }) => String(number));
    const started = events.flatMap(({ number }) =>
      (this.#executions.get(number) ?? []).map(() => String(number)),
    );
    findings.push(
      ...checkConservation({ target: 'queue events', matched: numbers, delivered: queued }),
      ...checkConservation({ target: 'state machine flow', matched: numbers, delivered: started }),
      ...checkConservation({
        target: 'queue large',
        matched: matched.filter(({ size }) => size >= LARGE).map(({ number }) => String(number)),
        delivered: delivered('large'),
      }),
      // What a task sends is in one commit with the step behind it: every execution has told once.
      ...checkConservation({
        target: 'queue told',
        matched: [...this.#executions.keys()].map(String),
        delivered: delivered('told'),
      }),
    );
    for (const [request, group] of Map.groupBy(events, (event) => event.request)) {
      const there = group.filter(isThere).length;
      if (there === 0 || there === group.length) continue;
      findings.push({
        kind: 'torn',
        subject: `request ${request}`,
        text: `${there} of ${group.length} events`,
      });
    }
    return findings;
  }

  #checkStarts(): Finding[] {
    const findings: Finding[] = [];
    const expected = new Set(this.#recorder.events.map(({ number }) => number));
    for (const { name: subject, number, outcome } of this.#recorder.starts.values()) {
      expected.add(number);
      const count = (this.#executions.get(number) ?? []).length;
      if (count === 0 && outcome === 'acknowledged') {
        findings.push({ kind: 'lost', subject, text: 'was started and is not there' });
      }
      if (count > 1) findings.push({ kind: 'doubled', subject, text: `runs ${count} times` });
    }
    for (const [number, names] of this.#executions) {
      if (!expected.has(number)) {
        findings.push({ kind: 'invented', subject: names.join(', '), text: 'was not started by anybody' });
      }
    }
    return findings;
  }

  async #checkItems(): Promise<Finding[]> {
    const findings: Finding[] = [];
    for (const [key, { writes, seen }] of this.#recorder.items) {
      const input = { TableName: 'items', Key: { id: { S: key } }, ConsistentRead: true };
      const last = versionOf(await this.#workload.must('dynamodb', 'GetItem', input));
      findings.push(...checkItem({ key, writes, seen, last }));
    }
    return findings;
  }
}

interface ListedExecution {
  readonly executionArn: string;
  readonly name: string;
  readonly status: string;
}

interface WireEvent {
  readonly id: number;
  readonly previousEventId: number;
  readonly type: string;
  readonly timestamp: number;
  readonly stateEnteredEventDetails?: { readonly name: string };
  readonly stateExitedEventDetails?: { readonly name: string };
  readonly executionStartedEventDetails?: { readonly input: string };
  readonly executionSucceededEventDetails?: { readonly output: string };
}

interface FlowInput {
  readonly detail: { readonly number: number; readonly pause: number };
}

function inputOf(events: readonly WireEvent[]): FlowInput {
  const none = { detail: { number: -1, pause: 0 } };
  const input = events[0]?.executionStartedEventDetails?.input;
  return input === undefined ? none : (JSON.parse(input) as FlowInput);
}

function numberOf(events: readonly WireEvent[]): number {
  return inputOf(events).detail.number;
}

/** A wait is never cut short, whatever happens in between. */
function checkWait(
  subject: string,
  events: readonly WireEvent[],
  entries: readonly HistoryEntry[],
): Finding[] {
  const entered = entries.find(({ type }) => type === 'WaitStateEntered');
  const exited = entries.find(({ type }) => type === 'WaitStateExited');
  const { pause } = inputOf(events).detail;
  if (entered === undefined || exited === undefined) {
    return pause > 0 ? [{ kind: 'malformed', subject, text: 'did not wait' }] : [];
  }
  const waitedMs = exited.timestampMs - entered.timestampMs;
  if (waitedMs >= pause * 1000) return [];
  return [{ kind: 'early', subject, text: `waited ${waitedMs} ms of ${pause} s` }];
}

function stuck(subject: string, text: string): Finding {
  return { kind: 'stuck', subject, text };
}
