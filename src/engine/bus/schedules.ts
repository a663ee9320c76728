/**
 * Rules that fire by the clock. The next due time of each is on disk, so a restart neither forgets a rule nor fires
 * it twice; what fell due while nobody was running is made up for once.
 */
import type { Timer } from '../../base/clock.ts';
import { nextAfter } from '../../lang/schedule/schedule.ts';
import { decodeHead, encodeRecord } from '../../storage/codec.ts';
import { key } from '../../storage/keys.ts';
import type { Key } from '../../storage/store.ts';
import { KEYSPACE } from '../keyspace.ts';
import type { Loop, Turn } from '../loop.ts';
import type { NewEvent } from './bus-event.ts';
import type { RuleRecord } from './bus-record.ts';
import { isEnabled, type Rule } from './rule.ts';
import { runTimerTurn } from './timer-turn.ts';

interface DueRecord {
  readonly dueAtMs: number;
  /** A rate counts from here: the instant at which the rule got this schedule. */
  readonly anchorMs: number;
}

function dueKey(rule: RuleRecord): Key {
  return key(KEYSPACE.ruleDue, rule.account, rule.region, rule.busName, rule.name);
}

export interface ScheduleHost {
  readonly loop: Loop;
  /** Gives the event of a rule that fell due to the targets that it has now. */
  fire(turn: Turn, rule: Rule, event: NewEvent): void;
  /** The rule as it is now. */
  rule(record: RuleRecord): Rule | undefined;
}

export class Schedules {
  readonly #host: ScheduleHost;
  readonly #timers = new Map<string, Timer>();

  constructor(host: ScheduleHost) {
    this.#host = host;
  }

  close(): void {
    for (const timer of this.#timers.values()) timer.cancel();
  }

  /** Takes up the clock of a recovered rule. */
  restore(rule: Rule): void {
    const value = this.#host.loop.store.get(dueKey(rule.record));
    if (value !== undefined) this.#arm(rule, decodeHead<DueRecord>(value));
  }

  /** Follows a rule that was made or changed; a schedule that stays the same keeps its pace. */
  set(turn: Turn, rule: Rule, before: Rule | undefined): void {
    const schedule = isEnabled(rule) ? rule.schedule : undefined;
    if (schedule === undefined) {
      if (before?.schedule !== undefined) this.delete(turn, before);
      return;
    }
    const isSame = before !== undefined && isEnabled(before) && before.schedule?.text === schedule.text;
    if (!isSame) this.#next(turn, rule, turn.now);
  }

  delete(turn: Turn, rule: Rule): void {
    this.#timers.get(rule.arn)?.cancel();
    this.#timers.delete(rule.arn);
    turn.delete(dueKey(rule.record));
  }

  /** Writes down when the rule is due next, and waits for it; a schedule that is over has no next. */
  #next(turn: Turn, rule: Rule, anchorMs: number): void {
    const dueAtMs = rule.schedule === undefined ? undefined : nextAfter(rule.schedule, turn.now, anchorMs);
    if (dueAtMs === undefined) {
      this.delete(turn, rule);
      return;
    }
    const due: DueRecord = { dueAtMs, anchorMs };
    turn.put(dueKey(rule.record), encodeRecord(due));
    this.#arm(rule, due);
  }

  #arm(rule: Rule, due: DueRecord): void {
    this.#timers.get(rule.arn)?.cancel();
    const timer = this.#host.loop.timers.at(due.dueAtMs, () => {
      this.#timers.delete(rule.arn);
      runTimerTurn(this.#host.loop, rule.arn, (turn) => {
        const current = this.#host.rule(rule.record);
        if (current === undefined) return;
        this.#next(turn, current, due.anchorMs);
        this.#host.fire(turn, current, scheduledEvent(current, due.dueAtMs));
      });
    });
    this.#timers.set(rule.arn, timer);
  }
}

function scheduledEvent(rule: Rule, timeMs: number): NewEvent {
  const { account, region, busName } = rule.record;
  return {
    busName,
    scope: { account, region },
    source: 'aws.events',
    detailType: 'Scheduled Event',
    detailText: '{}',
    resources: [rule.arn],
    timeMs,
  };
}
