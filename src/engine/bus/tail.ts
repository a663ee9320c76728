/** Live events: whoever follows a bus hears of each event once its commit is on disk. */
import type { Scope } from '../../base/arn.ts';
import type { Turn } from '../loop.ts';
import type { EventToLog, LoggedEvent } from './bus-log.ts';

export interface TailFilter extends Scope {
  /** Default: all buses of the account in the region. */
  readonly busName?: string;
}

export type TailSubscriber = (event: LoggedEvent) => void;

export class Tail {
  readonly #subscriptions = new Set<{ readonly filter: TailFilter; readonly subscriber: TailSubscriber }>();

  /** Calls back for each event from now on, in the order of the commits, until the answered function is called. */
  subscribe(filter: TailFilter, subscriber: TailSubscriber): () => void {
    const subscription = { filter, subscriber };
    this.#subscriptions.add(subscription);
    return () => this.#subscriptions.delete(subscription);
  }

  /** Costs nothing while nobody listens. */
  publish(turn: Turn, events: readonly EventToLog[]): void {
    if (this.#subscriptions.size === 0) return;
    const atMs = turn.now;
    turn.afterCommit(() => {
      for (const { filter, subscriber } of this.#subscriptions) {
        for (const event of events) if (isWanted(event, filter)) subscriber({ ...event, atMs });
      }
    });
  }
}

function isWanted(event: EventToLog, filter: TailFilter): boolean {
  return (
    event.account === filter.account &&
    event.region === filter.region &&
    (filter.busName === undefined || event.bus === filter.busName)
  );
}
