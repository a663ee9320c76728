/**
 * A node's right to write: a lease on a share of the partitions, with an epoch that every commit of the node's loop
 * carries (docs/adr/0004). The store refuses a commit with an older epoch than it has handed out, so a node that was
 * deposed without noticing changes nothing any more.
 *
 *     take -> held -> (renew, again and again) -> released
 *                \-> lost: renewal was refused, or did not come through in time
 *
 * Losing it ends the region: what its memory says may by now be wrong, and the next start recovers. `server.ts` takes
 * one for each region that it opens, and the region gives it back when it closes.
 */
import type { Clock, Timer } from '../../base/clock.ts';
import { errorMessage } from '../../base/errors.ts';
import type { Logger } from '../../base/log.ts';
import type { Lease, Store } from '../../storage/store.ts';
import type { Owner } from '../loop.ts';

/**
 * All 64 partitions. A store that a single process can open has no other share, since nobody is there to share with.
 */
const WHOLE_SHARE = 'partitions/0-63';

/**
 * The term where the directory's lock already proves that no other process writes. It has no end to renew: nothing is
 * written while a region is idle, and a process that was stopped for an hour, by a debugger or a closed lid, goes on.
 */
const NO_END_MS = 100 * 365 * 86_400_000;

/** Of the term: how often the lease is renewed, and after how much its holder no longer trusts it. */
const TICK = 0.3;
/** The rest is for clocks that do not run at the same rate. */
const TRUSTED_FOR = 0.9;

export interface OwnershipOptions {
  readonly store: Store;
  readonly clock: Clock;
  readonly log: Logger;
  /** No other process may ever have the same: a process that starts again is another owner. */
  readonly owner: string;
  /** How long the lease lasts unless renewed. Default: for ever, for a store that is this process's alone. */
  readonly termMs?: number;
}

/** The share is another node's. */
export class NotOwnerError extends Error {
  override readonly name = 'NotOwnerError';
}

/** Takes the share, or throws `NotOwnerError` while another owner holds it. */
export async function takeOwnership(options: OwnershipOptions): Promise<Ownership> {
  const { store, clock, owner, termMs = NO_END_MS } = options;
  // From before the question: the store's clock starts the term at some time after it.
  const askedMs = clock.monotonicMs();
  const lease = await store.lease(WHOLE_SHARE, owner, termMs);
  if (lease === undefined) throw new NotOwnerError(`${WHOLE_SHARE} is held by another node`);
  return new Ownership(options, lease, askedMs);
}

export class Ownership implements Owner {
  readonly #options: OwnershipOptions;
  readonly #termMs: number | undefined;
  #lease: Lease;
  /** By the monotonic clock; a wall clock that is set back would make a lease look longer than it is. */
  #trustedUntilMs: number;
  #timer: Timer | undefined;
  #isRenewing = false;
  #onLost: (error: Error) => void = () => undefined;
  #lost: Error | undefined;
  #isReleased = false;

  constructor(options: OwnershipOptions, lease: Lease, askedMs: number) {
    this.#options = options;
    this.#termMs = options.termMs;
    this.#lease = lease;
    this.#trustedUntilMs = this.#trustedUntil(askedMs);
    this.#scheduleTick();
  }

  /** What a commit carries. */
  get lease(): Pick<Lease, 'name' | 'epoch'> {
    return this.#lease;
  }

  /** Calls back once when the share is no longer this node's; at once if that has already happened. */
  whenLost(callback: (error: Error) => void): void {
    this.#onLost = callback;
    if (this.#lost !== undefined) callback(this.#lost);
  }

  /**
   * Throws once the lease may have ended: from then on another node may answer, so this one no longer does, even
   * where it would only read. A lease without end costs no look at the clock.
   */
  assertHeld(): void {
    if (this.#lost !== undefined) throw this.#lost;
    if (this.#termMs === undefined || this.#options.clock.monotonicMs() < this.#trustedUntilMs) return;
    this.#lose(lateRenewal(this.#lease));
    throw this.#lost;
  }

  /** Lets the next owner in at once. Nothing more may be committed. */
  async release(): Promise<void> {
    if (this.#isReleased) return;
    this.#stop();
    const { store, log } = this.#options;
    try {
      await store.release(this.#lease);
    } catch (error) {
      // The next owner waits until the term is over, or until the store is opened anew.
      log.warn({ error: errorMessage(error) }, 'a lease could not be released');
    }
  }

  #stop(): void {
    this.#isReleased = true;
    this.#timer?.cancel();
  }

  #trustedUntil(askedMs: number): number {
    return this.#termMs === undefined ? Infinity : askedMs + this.#termMs * TRUSTED_FOR;
  }

  #scheduleTick(): void {
    if (this.#termMs === undefined || this.#isReleased) return;
    const { clock } = this.#options;
    this.#timer = clock.callAt(clock.now() + Math.floor(this.#termMs * TICK), () => this.#tick());
  }

  /** Renews, and gives up a lease whose renewal hangs: also while nobody calls. */
  #tick(): void {
    if (this.#options.clock.monotonicMs() >= this.#trustedUntilMs) {
      this.#lose(lateRenewal(this.#lease));
      return;
    }
    if (!this.#isRenewing) void this.#renew();
    this.#scheduleTick();
  }

  async #renew(): Promise<void> {
    const { store, clock, log } = this.#options;
    const askedMs = clock.monotonicMs();
    this.#isRenewing = true;
    try {
      const renewed = await store.renew(this.#lease, this.#termMs ?? NO_END_MS);
      if (this.#isReleased) return;
      if (renewed === undefined) {
        this.#lose(new NotOwnerError(`the lease of ${this.#lease.name} has been taken by another node`));
        return;
      }
      this.#lease = renewed;
      this.#trustedUntilMs = this.#trustedUntil(askedMs);
    } catch (error) {
      // The store may come back before the term is over; if not, the lease is no longer trusted.
      log.error({ error: errorMessage(error) }, 'a lease could not be renewed');
    } finally {
      this.#isRenewing = false;
    }
  }

  #lose(error: Error): void {
    if (this.#lost !== undefined) return;
    this.#lost = error;
    this.#stop();
    this.#onLost(error);
  }
}

function lateRenewal({ name }: Lease): NotOwnerError {
  return new NotOwnerError(`the lease of ${name} was not renewed in time`);
}
