/**
 * Deliveries that did not fit into the turn of their event. The event is kept once, with the names of the targets
 * that are still to be served; turn after turn serves as many as fit, each once the one before it is on disk, so that
 * memory never holds all of them for a slow one. A crash goes on where the last one stopped.
 */
import type { Scope } from '../../base/arn.ts';
import type { Timer } from '../../base/clock.ts';
import { uuid } from '../../base/ids.ts';
import { parseEvent } from '../../lang/pattern/event.ts';
import { decodeRecord, encodeRecord } from '../../storage/codec.ts';
import { key, prefixRange } from '../../storage/keys.ts';
import { scan } from '../../storage/scan.ts';
import type { Key } from '../../storage/store.ts';
import type { Cause } from '../cause.ts';
import { KEYSPACE } from '../keyspace.ts';
import type { Loop, Turn } from '../loop.ts';
import type { TraceEffect } from '../trace/trace-link.ts';
import type { Trace } from '../trace/trace.ts';
import type { BusCounts } from './bus-counts.ts';
import type { RuleRecord } from './bus-record.ts';
import type { Dispatcher, Subject } from './dispatcher.ts';
import type { Rule, RuleTarget } from './rule.ts';
import { runTimerTurn } from './timer-turn.ts';

/** A target by name: it is looked up again when its turn comes. */
interface TargetName extends Scope {
  readonly busName: string;
  readonly rule: string;
  readonly target: string;
}

/** The text of the record is the event. */
interface PostponedRecord {
  readonly eventId: string;
  readonly targets: readonly TargetName[];
}

export interface PostponedHost {
  readonly loop: Loop;
  readonly trace: Trace;
  readonly dispatcher: Dispatcher;
  readonly counts: BusCounts;
  /** The rule of this name as it is now. */
  rule(name: Pick<RuleRecord, 'account' | 'region' | 'busName' | 'name'>): Rule | undefined;
}

export class Postponed {
  readonly #host: PostponedHost;
  readonly #timers = new Map<Key, Timer>();

  constructor(host: PostponedHost) {
    this.#host = host;
  }

  start(): void {
    for (const entry of scan(this.#host.loop.store, prefixRange(key(KEYSPACE.postponed)))) {
      this.#wait(entry.key);
    }
  }

  close(): void {
    for (const timer of this.#timers.values()) timer.cancel();
  }

  /** Keeps the event for the targets that are left; answers what to record in the trace. */
  add(turn: Turn, subject: Subject, left: readonly { rule: Rule; target: RuleTarget }[]): TraceEffect {
    const targets = left.map(({ rule, target }): TargetName => {
      const { account, region, busName, name } = rule.record;
      return { account, region, busName, rule: name, target: target.definition.Id };
    });
    const id = uuid(turn.random);
    const record: PostponedRecord = { eventId: subject.id, targets };
    const recordKey = key(KEYSPACE.postponed, id);
    turn.put(recordKey, encodeRecord(record, subject.view.text));
    turn.afterCommit(() => this.#wait(recordKey));
    return {
      kind: 'delivery',
      id,
      detail: { message: `${targets.length} targets are served a little later.` },
    };
  }

  #wait(recordKey: Key): void {
    const { loop } = this.#host;
    const timer = loop.timers.at(loop.clock.now(), () => {
      this.#timers.delete(recordKey);
      runTimerTurn(loop, `postponed ${recordKey}`, (turn) => this.#continue(turn, recordKey));
    });
    this.#timers.set(recordKey, timer);
  }

  #continue(turn: Turn, recordKey: Key): void {
    const value = this.#host.loop.store.get(recordKey);
    if (value === undefined) return;
    const { head, texts } = decodeRecord<PostponedRecord>(value);
    const [eventText = ''] = texts;
    const subject: Subject = { id: head.eventId, view: parseEvent(eventText), event: undefined };
    const effects: TraceEffect[] = [];
    let served = 0;
    for (; served < head.targets.length && this.#host.dispatcher.hasRoom(turn); served += 1) {
      effects.push(this.#serve(turn, subject, head.targets[served] as TargetName));
    }
    const targets = head.targets.slice(served);
    if (targets.length === 0) {
      turn.delete(recordKey);
    } else {
      turn.put(recordKey, encodeRecord({ ...head, targets }, eventText));
      turn.afterCommit(() => this.#wait(recordKey));
    }
    const cause: Cause = { kind: 'event', id: head.eventId };
    this.#host.trace.effects(turn, cause, effects);
  }

  #serve(turn: Turn, subject: Subject, name: TargetName): TraceEffect {
    const rule = this.#host.rule({ ...name, name: name.rule });
    const target = rule?.targets.find(({ definition }) => definition.Id === name.target);
    if (rule !== undefined && target !== undefined)
      return this.#host.dispatcher.deliver(turn, subject, rule, target);
    this.#host.counts.dropped += 1;
    const message = `The target ${name.target} of the rule ${name.rule} was removed before its turn came.`;
    return { kind: 'dropped', id: subject.id, detail: { error: 'NO_RESOURCE', message } };
  }
}
