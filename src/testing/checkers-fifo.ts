/**
 * What must be true of a FIFO queue whatever happened to its region, over what clients saw from outside. On top of
 * what is true of every queue (`checkers.ts`):
 *
 * - a message that was sent several times with one deduplication id is there once, and each answer says the same;
 * - a message whose send was acknowledged before another of its group was sent has the smaller sequence number;
 * - a message is shown only when each before it in its group is shown with it or gone: somebody has asked for its
 *   deletion by then, and it never comes back.
 *
 * Crash tests and the simulator feed it; it knows nothing of how a region works.
 */
import {
  checkQueue,
  type DeleteSeen,
  type Finding,
  type Outcome,
  type ReceiveSeen,
  type SendSeen,
  type Span,
} from './checkers.ts';

/** One of the sends of a message. Sends of one body are the same message: they have one group and one id. */
export interface FifoSendSeen extends SendSeen, Span {
  readonly group: string;
  /** What the sender was told, where the queue that is checked is the one that was sent to. */
  readonly messageId?: string;
  readonly sequenceNumber?: string;
}

export interface FifoReceiveSeen extends ReceiveSeen {
  readonly sequenceNumber: string;
  /** Which receive showed it: those of one have the same, in the order in which it showed them. */
  readonly receive: number;
}

/**
 * What was seen of a FIFO queue without dead letters from its creation until it was drained; sends of one message
 * within the five minutes in which they are known to be the same.
 */
export interface FifoHistory {
  readonly sends: readonly FifoSendSeen[];
  readonly receives: readonly FifoReceiveSeen[];
  readonly deletes: readonly DeleteSeen[];
  readonly crashes?: readonly number[];
  readonly writes?: readonly Span[];
}

export function checkFifoQueue(history: FifoHistory): Finding[] {
  const sendsOfBody = Map.groupBy(history.sends, ({ body }) => body);
  const sends = Array.from(sendsOfBody, ([body, same]) => ({ body, outcome: outcomeOf(same) }));
  const findings = [...checkQueue({ ...history, sends }), ...checkAnswers(sendsOfBody)];
  const groupOfBody = new Map(history.sends.map(({ body, group }) => [body, group]));
  const receivesOfGroup = Map.groupBy(history.receives, ({ body }) => groupOfBody.get(body));
  for (const [group, receives] of receivesOfGroup) {
    // What nobody sent has been found already.
    if (group === undefined) continue;
    findings.push(...checkSequence(group, receives, sendsOfBody));
    findings.push(...checkShown(group, receives, history.deletes));
  }
  return findings;
}

/** A send that happened has happened, whatever became of those that repeat it. */
function outcomeOf(sends: readonly FifoSendSeen[]): Outcome {
  const outcomes = new Set(sends.map(({ outcome }) => outcome));
  if (outcomes.has('acknowledged')) return 'acknowledged';
  return outcomes.has('unknown') ? 'unknown' : 'refused';
}

function checkAnswers(sendsOfBody: ReadonlyMap<string, readonly FifoSendSeen[]>): Finding[] {
  const findings: Finding[] = [];
  for (const [subject, sends] of sendsOfBody) {
    const told = sends.filter(
      ({ outcome, messageId }) => outcome === 'acknowledged' && messageId !== undefined,
    );
    const answers = new Set(told.map(({ messageId, sequenceNumber }) => `${messageId} ${sequenceNumber}`));
    if (answers.size > 1) {
      findings.push({ kind: 'doubled', subject, text: `was acknowledged as ${[...answers].join(', ')}` });
    }
  }
  return findings;
}

/** By sequence number, no message may have been acknowledged before one in front of it was sent. */
function checkSequence(
  group: string,
  receives: readonly FifoReceiveSeen[],
  sendsOfBody: ReadonlyMap<string, readonly FifoSendSeen[]>,
): Finding[] {
  const findings: Finding[] = [];
  const sequenceOfBody = new Map(receives.map(({ body, sequenceNumber }) => [body, sequenceNumber]));
  const ordered = [...sequenceOfBody].toSorted(([, a], [, b]) => compare(a, b)).map(([body]) => body);
  let behind: { readonly body: string; readonly acknowledgedAt: number } | undefined;
  for (const body of ordered.toReversed()) {
    const sends = sendsOfBody.get(body) ?? [];
    const begunAt = Math.min(...sends.map((send) => send.begunAt));
    if (behind !== undefined && behind.acknowledgedAt < begunAt) {
      const text = `stands before ${behind.body} in the group ${group}, which was acknowledged before it was sent`;
      findings.push({ kind: 'reordered', subject: body, text });
    }
    const acknowledged = sends.filter(({ outcome }) => outcome === 'acknowledged');
    const acknowledgedAt = Math.min(...acknowledged.map(({ endedAt }) => endedAt));
    if (behind === undefined || acknowledgedAt < behind.acknowledgedAt) behind = { body, acknowledgedAt };
  }
  return findings;
}

/** A message of a group, by sequence. */
interface Standing {
  readonly messageId: string;
  readonly body: string;
  readonly sequenceNumber: string;
  /** Since when a later one has been shown without it: it has to be gone for good. */
  goneSince: number;
  passedBy: string;
}

function checkShown(
  group: string,
  receives: readonly FifoReceiveSeen[],
  deletes: readonly DeleteSeen[],
): Finding[] {
  const findings: Finding[] = [];
  const deletedFrom = firstDeletes(deletes);
  const standing = new Map<string, Standing>();
  for (const { messageId, body, sequenceNumber } of receives) {
    standing.set(messageId, { messageId, body, sequenceNumber, goneSince: Infinity, passedBy: '' });
  }
  let front = [...standing.values()].toSorted((a, b) => compare(a.sequenceNumber, b.sequenceNumber));
  const shown = [...Map.groupBy(receives, ({ receive }) => receive).values()];
  for (const together of shown.toSorted((a, b) => endOf(a) - endOf(b))) {
    findings.push(...checkTogether(group, together));
    const last = together.reduce((a, b) => (compare(a.sequenceNumber, b.sequenceNumber) < 0 ? b : a));
    const ids = new Set(together.map(({ messageId }) => messageId));
    const upTo = front.findIndex(({ messageId }) => messageId === last.messageId);
    const passed = front.slice(0, Math.max(upTo, 0)).filter(({ messageId }) => !ids.has(messageId));
    for (const message of passed) {
      message.goneSince = last.endedAt;
      message.passedBy = last.body;
      if ((deletedFrom.get(message.messageId) ?? Infinity) < last.endedAt) continue;
      const text = `was shown while ${message.body} stood before it in the group ${group}`;
      findings.push({ kind: 'reordered', subject: last.body, text });
    }
    // Each is passed once, so that all this takes as long as there are messages.
    if (passed.length > 0) front = front.filter(({ goneSince }) => goneSince === Infinity);
  }
  for (const { messageId, body: subject, begunAt } of receives) {
    const { goneSince = Infinity, passedBy } = standing.get(messageId) ?? {};
    if (begunAt <= goneSince) continue;
    const text = `came back after ${passedBy}, which stood behind it in the group ${group}, had been shown`;
    findings.push({ kind: 'reordered', subject, text });
  }
  return findings;
}

/** What one receive shows of a group is in the order of the group. */
function checkTogether(group: string, together: readonly FifoReceiveSeen[]): Finding[] {
  return together.flatMap(({ body: subject, sequenceNumber }, index): Finding[] => {
    const before = together[index - 1];
    if (before === undefined || compare(before.sequenceNumber, sequenceNumber) < 0) return [];
    const text = `was shown behind ${before.body} in one receive and stands before it in the group ${group}`;
    return [{ kind: 'reordered', subject, text }];
  });
}

/** When somebody first asked for the deletion of each message; one that was refused has deleted nothing. */
function firstDeletes(deletes: readonly DeleteSeen[]): Map<string, number> {
  const first = new Map<string, number>();
  for (const { messageId, begunAt, outcome } of deletes) {
    if (outcome !== 'refused') first.set(messageId, Math.min(first.get(messageId) ?? Infinity, begunAt));
  }
  return first;
}

function endOf(together: readonly FifoReceiveSeen[]): number {
  return together[0]?.endedAt ?? Infinity;
}

/** Sequence numbers compare as texts, being of one length. */
function compare(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}
