/**
 * What must be true of a region whatever happened to it, as pure checks over what clients saw from outside. Crash
 * tests and the simulator feed them; none of them knows how a region works.
 *
 * An operation has one of three outcomes. *Acknowledged*: it happened, and for ever. *Refused*: it did not happen.
 * *Unknown* (no answer, or a 5xx): it happened as a whole or not at all, and either is right. Every check returns
 * what it found; an empty list means that all is well.
 */

/** When an operation began and when its answer came, as counts of one clock; `Infinity` when none came. */
export interface Span {
  readonly begunAt: number;
  readonly endedAt: number;
}

export type Outcome = 'acknowledged' | 'refused' | 'unknown';

export type FindingKind =
  /** Acknowledged and not there. */
  | 'lost'
  /** Happened twice. */
  | 'doubled'
  /** There, though nobody asked for it. */
  | 'invented'
  /** Shown to somebody, and then not there any more. */
  | 'vanished'
  /** Deleted, and then there again. */
  | 'returned'
  /** Shown again while it was hidden. */
  | 'early'
  /** Shown before one that stood in front of it was gone. */
  | 'reordered'
  /** Of the effects of one commit some happened and some did not. */
  | 'torn'
  /** Did not come to its end, though nothing was in its way any more. */
  | 'stuck'
  /** Breaks the rules of its own form. */
  | 'malformed';

export interface Finding {
  readonly kind: FindingKind;
  /** What it was found of: a body, an event, an execution. */
  readonly subject: string;
  readonly text: string;
}

export interface SendSeen {
  /** Told apart by this: no two sends of a history have the same. */
  readonly body: string;
  readonly outcome: Outcome;
}

export interface ReceiveSeen extends Span {
  readonly body: string;
  readonly messageId: string;
  /** Not shown to others before this instant, and when it was shown, in milliseconds; unknown to who does not care. */
  readonly hiddenUntilMs?: number;
  readonly shownAtMs?: number;
}

export interface DeleteSeen extends Span {
  readonly messageId: string;
  readonly outcome: Outcome;
}

/** What was seen of a queue from its creation until it was drained: received and deleted until nothing was left. */
export interface QueueHistory {
  readonly sends: readonly SendSeen[];
  readonly receives: readonly ReceiveSeen[];
  readonly deletes: readonly DeleteSeen[];
  /** When the process died. */
  readonly crashes?: readonly number[];
  /** Acknowledged writes of any kind: what was decided before one of them began is on disk when it ends. */
  readonly writes?: readonly Span[];
}

export function checkQueue(history: QueueHistory): Finding[] {
  const findings: Finding[] = [];
  const idsOfBody = new Map<string, Set<string>>();
  const receivesOfId = new Map<string, ReceiveSeen[]>();
  for (const received of history.receives) {
    entry(idsOfBody, received.body, () => new Set<string>()).add(received.messageId);
    entry(receivesOfId, received.messageId, () => []).push(received);
  }
  const outcomes = new Map(history.sends.map(({ body, outcome }) => [body, outcome]));
  for (const [body, outcome] of outcomes) {
    if (outcome === 'acknowledged' && !idsOfBody.has(body)) {
      findings.push({ kind: 'lost', subject: body, text: 'was acknowledged and never received' });
    }
  }
  for (const [body, ids] of idsOfBody) {
    const outcome = outcomes.get(body);
    if (outcome === undefined || outcome === 'refused') {
      findings.push({ kind: 'invented', subject: body, text: 'was received and never sent' });
    } else if (ids.size > 1) {
      findings.push({ kind: 'doubled', subject: body, text: `has the message ids ${[...ids].join(', ')}` });
    }
  }
  return [...findings, ...checkReceives(history, receivesOfId)];
}

function checkReceives(
  history: QueueHistory,
  receivesOfId: ReadonlyMap<string, readonly ReceiveSeen[]>,
): Finding[] {
  const findings: Finding[] = [];
  const deletesOfId = Map.groupBy(history.deletes, ({ messageId }) => messageId);
  for (const [messageId, receives] of receivesOfId) {
    const subject = receives[0]?.body ?? messageId;
    const deletes = deletesOfId.get(messageId) ?? [];
    if (deletes.length === 0) {
      findings.push({
        kind: 'vanished',
        subject,
        text: 'was received, not deleted, and not there at the end',
      });
    }
    const deletedAt = Math.min(
      ...deletes.filter(({ outcome }) => outcome === 'acknowledged').map(({ endedAt }) => endedAt),
    );
    if (receives.some(({ begunAt }) => begunAt > deletedAt)) {
      findings.push({ kind: 'returned', subject, text: 'was received after its deletion was acknowledged' });
    }
    const ordered = receives.toSorted((a, b) => a.begunAt - b.begunAt);
    for (const [index, again] of ordered.entries()) {
      const before = ordered[index - 1];
      if (before !== undefined && isEarly(history, before, again)) {
        findings.push({
          kind: 'early',
          subject,
          text: `was shown at ${again.shownAtMs} and hidden until ${before.hiddenUntilMs}`,
        });
      }
    }
  }
  return findings;
}

/** A crash may take back that a message was hidden, as long as nothing decided between the two was acknowledged. */
function isEarly(history: QueueHistory, before: ReceiveSeen, again: ReceiveSeen): boolean {
  const { hiddenUntilMs = -Infinity } = before;
  const { shownAtMs = Infinity } = again;
  if (shownAtMs >= hiddenUntilMs || before.endedAt === Infinity) return false;
  const isWithin = (at: number): boolean => at > before.begunAt && at < again.endedAt;
  const crashedAt = Math.min(...(history.crashes ?? []).filter(isWithin));
  if (crashedAt === Infinity) return true;
  return (history.writes ?? []).some(
    ({ begunAt, endedAt }) => begunAt > before.endedAt && endedAt < crashedAt,
  );
}

/** One key of a store of items, written by one client, one write after the other, with growing versions. */
export interface ItemHistory {
  readonly key: string;
  readonly writes: readonly { readonly version: number; readonly outcome: Outcome }[];
  /** Versions that readers have seen; 0 when there was none. */
  readonly seen: readonly number[];
  /** The version at the end; 0 when there is none. */
  readonly last: number;
}

export function checkItem({ key: subject, writes, seen, last }: ItemHistory): Finding[] {
  const findings: Finding[] = [];
  const acknowledged = writes.filter(({ outcome }) => outcome === 'acknowledged');
  const required = Math.max(0, ...acknowledged.map(({ version }) => version));
  if (last < required) {
    findings.push({ kind: 'lost', subject, text: `is at ${last}; ${required} was acknowledged` });
  }
  const shown = Math.max(0, ...seen);
  if (last < shown) findings.push({ kind: 'vanished', subject, text: `is at ${last}; ${shown} was read` });
  const possible = writes.some(({ version, outcome }) => version === last && outcome !== 'refused');
  if (last !== 0 && !possible) {
    findings.push({ kind: 'invented', subject, text: `is at ${last}, which nobody wrote` });
  }
  return findings;
}

/** An event of an execution's history, as GetExecutionHistory answers it. */
export interface HistoryEntry {
  readonly id: number;
  readonly previousEventId: number;
  readonly type: string;
  readonly timestampMs: number;
  /** The name of the state in events that enter or leave one. */
  readonly name?: string;
}

const TERMINAL_EVENT_OF_STATUS: ReadonlyMap<string, string> = new Map([
  ['SUCCEEDED', 'ExecutionSucceeded'],
  ['FAILED', 'ExecutionFailed'],
  ['ABORTED', 'ExecutionAborted'],
  ['TIMED_OUT', 'ExecutionTimedOut'],
]);
const TERMINAL_EVENTS: ReadonlySet<string> = new Set(TERMINAL_EVENT_OF_STATUS.values());

/** The grammar of a history: numbers without gaps, one end that is the last event, states left as they were entered. */
export function checkHistory(subject: string, events: readonly HistoryEntry[], status: string): Finding[] {
  const texts: string[] = [];
  for (const [index, event] of events.entries()) {
    const before = events[index - 1];
    if (event.id !== index + 1) texts.push(`event ${index + 1} has the id ${event.id}`);
    if (event.previousEventId < 0 || event.previousEventId >= event.id) {
      texts.push(`event ${event.id} comes after event ${event.previousEventId}`);
    }
    if (before !== undefined && event.timestampMs < before.timestampMs) {
      texts.push(`event ${event.id} is older than the event before it`);
    }
    if ((event.type === 'ExecutionStarted') !== (index === 0)) {
      texts.push(`event ${event.id} is ${event.type}`);
    }
  }
  if (events.length === 0) texts.push('it has no events');
  texts.push(...checkEnd(events, status), ...checkNesting(events, status));
  return texts.map((text) => ({ kind: 'malformed', subject, text }));
}

function checkEnd(events: readonly HistoryEntry[], status: string): string[] {
  const ends = events.filter(({ type }) => TERMINAL_EVENTS.has(type));
  const expected = TERMINAL_EVENT_OF_STATUS.get(status);
  if (expected === undefined) return ends.map(({ type }) => `it is ${status} and has the event ${type}`);
  const texts: string[] = [];
  if (ends.length !== 1) texts.push(`it has ${ends.length} terminal events`);
  const last = events.at(-1)?.type;
  if (last !== expected) texts.push(`it is ${status} and its last event is ${last}`);
  return texts;
}

const ENTERED = 'StateEntered';
const EXITED = 'StateExited';
/** Branches that were cut short leave states that nobody left. */
const CUT_SHORT = /^(?:Parallel|Map|MapIteration)\w*(?:Failed|Aborted)$/;

function checkNesting(events: readonly HistoryEntry[], status: string): string[] {
  const texts: string[] = [];
  const byId = new Map(events.map((event) => [event.id, event]));
  const left = new Set<number>();
  for (const event of events) {
    if (!event.type.endsWith(EXITED)) continue;
    const entered = findEntered(byId, event);
    const label = `${event.type} ${event.name} (event ${event.id})`;
    if (entered === undefined || entered.name !== event.name || kindOf(entered) !== kindOf(event)) {
      texts.push(`${label} leaves a state that was not entered`);
    } else if (left.has(entered.id)) texts.push(`${label} leaves a state that has been left`);
    else left.add(entered.id);
  }
  if (status !== 'SUCCEEDED' || events.some(({ type }) => CUT_SHORT.test(type))) return texts;
  for (const { type, id, name } of events) {
    if (type.endsWith(ENTERED) && !left.has(id)) texts.push(`${type} ${name} (event ${id}) was never left`);
  }
  return texts;
}

/** Goes back along the chain of an event that leaves a state, past the states within it, to where it was entered. */
function findEntered(
  byId: ReadonlyMap<number, HistoryEntry>,
  exited: HistoryEntry,
): HistoryEntry | undefined {
  let depth = 0;
  let event = byId.get(exited.previousEventId);
  while (event !== undefined) {
    if (event.type.endsWith(EXITED)) depth += 1;
    else if (event.type.endsWith(ENTERED)) {
      if (depth === 0) return event;
      depth -= 1;
    }
    // An id that is not smaller is found elsewhere; following it could go round for ever.
    event = event.previousEventId < event.id ? byId.get(event.previousEventId) : undefined;
  }
  return undefined;
}

/** `Task` of `TaskStateEntered` and of `TaskStateExited`. */
function kindOf({ type }: HistoryEntry): string {
  return type.slice(0, type.lastIndexOf('State'));
}

/** What became of the events that a rule matched, for one of its targets, by the ids of the events. */
export interface TargetLedger {
  readonly target: string;
  readonly matched: readonly string[];
  readonly delivered: readonly string[];
  readonly waiting?: readonly string[];
  readonly deadLettered?: readonly string[];
}

/** matched = delivered + waiting + dead-lettered: each event in one place, and nothing else there. */
export function checkConservation(ledger: TargetLedger): Finding[] {
  const { target, matched, delivered, waiting = [], deadLettered = [] } = ledger;
  const places = new Map<string, string[]>(matched.map((id) => [id, []]));
  const findings: Finding[] = [];
  for (const [place, ids] of Object.entries({ delivered, waiting, deadLettered })) {
    for (const id of ids) {
      const of = places.get(id);
      if (of === undefined)
        findings.push({ kind: 'invented', subject: id, text: `is ${place} at ${target}` });
      else of.push(place);
    }
  }
  for (const [subject, of] of places) {
    if (of.length === 0) findings.push({ kind: 'lost', subject, text: `did not get to ${target}` });
    if (of.length > 1)
      findings.push({ kind: 'doubled', subject, text: `is ${of.join(' and ')} at ${target}` });
  }
  return findings;
}

function entry<Key, Value>(map: Map<Key, Value>, key: Key, create: () => Value): Value {
  let value = map.get(key);
  if (value === undefined) {
    value = create();
    map.set(key, value);
  }
  return value;
}
