/**
 * A region's side of the lease on its group: it asks the witness each second, knows until when it may act as the
 * holder, and stops by itself when it has not heard from the witness for three seconds of the monotonic clock,
 * whatever the wall clock says and however long the process was stopped meanwhile.
 *
 *     follower -> (granted) holder -> (refused, or 3 s without an answer) follower
 *                   \-> degraded: acknowledges alone; said at the witness before the first such answer
 *
 * Buses take events in every region, holder or not. The lease decides who alone may go on acknowledging for `sync`
 * buses when the regions cannot reach each other (`sync-gate.ts` asks `mayGoOnAlone`).
 */
import type { Clock, Timer } from '../../base/clock.ts';
import { errorMessage } from '../../base/errors.ts';
import type { Logger } from '../../base/log.ts';
import type { Acquire, GroupRecord, HolderClaim, WitnessAnswer } from './witness.ts';

/** The one group of an installation. */
const PRIMARY_GROUP = 'primary';
const RENEW_INTERVAL_MS = 1000;
/** A second less than the witness grants: clocks may differ by a third and nothing happens. */
const TRUSTED_MS = 3000;
/** How long an operator's word that the holder is gone stands: longer than the witness makes anybody wait. */
const FORCED_MS = 30_000;
/** A region that was away has to be well for so long before it gets its place back. */
const FAIL_BACK_AFTER_MS = 60_000;

/** How the witness is asked. Rejects when no answer came. */
export interface WitnessPort {
  acquire(asked: Acquire): Promise<WitnessAnswer>;
  setDegraded(claim: HolderClaim, isDegraded: boolean): Promise<WitnessAnswer>;
  release(claim: HolderClaim): Promise<WitnessAnswer>;
}

export interface LeaseKeeperOptions {
  readonly witness: WitnessPort;
  readonly region: string;
  /** Unique to this start of the process. */
  readonly incarnation: string;
  /** The region that is the holder as long as all is well. */
  readonly home: () => string;
  /** All regions of the group but this one. */
  readonly others: () => readonly string[];
  /** Whether a region can be reached and has all that this region has acknowledged. */
  readonly isCaughtUp: (region: string) => boolean;
  readonly clock: Clock;
  readonly log: Logger;
}

/** For `millrace region status`. */
export interface LeaseStatus {
  readonly holder: string | undefined;
  readonly epoch: number;
  readonly isDegraded: boolean;
  /** Whether this region may act as the holder now. */
  readonly isHeld: boolean;
  /** Why not, where it asked in vain. */
  readonly problem?: string;
}

export class LeaseKeeper {
  readonly #options: LeaseKeeperOptions;
  #record: GroupRecord | undefined;
  #trustedUntilMs = -Infinity;
  #problem: string | undefined;
  #timer: Timer | undefined;
  #isClosed = false;
  /**
   * The witness has said that this region acknowledges alone, and nothing has been said against it since. What an
   * answer to `acquire` says of it does not count: it may be older than the end that is under way.
   */
  #isAlone = false;
  #forcedUntilMs = -Infinity;
  /** Since when the home region could have its place back, by the monotonic clock. */
  #homeWellSinceMs: number | undefined;
  /** The last change of the mark of degradation: one at a time. */
  #changing: Promise<void> | undefined;

  constructor(options: LeaseKeeperOptions) {
    this.#options = options;
  }

  start(): void {
    void this.#tick();
  }

  close(): void {
    this.#isClosed = true;
    this.#timer?.cancel();
    const claim = this.#claim();
    // The next holder need not wait for the end of the grant; if nobody hears it, it waits.
    if (claim !== undefined) this.#options.witness.release(claim).catch(() => undefined);
    this.#trustedUntilMs = -Infinity;
  }

  /** True as long as no other region can be the holder. */
  get isHeld(): boolean {
    return this.#options.clock.monotonicMs() < this.#trustedUntilMs;
  }

  /** Acknowledges alone at present. */
  get isDegraded(): boolean {
    return this.isHeld && this.#isAlone;
  }

  /** Of the group, as far as it is known: what replicated records carry. */
  get epoch(): number {
    return this.#record?.epoch ?? 0;
  }

  get status(): LeaseStatus {
    const { holder, isDegraded = false } = this.#record ?? {};
    const known = { holder, epoch: this.epoch, isDegraded, isHeld: this.isHeld };
    return this.#problem === undefined ? known : { ...known, problem: this.#problem };
  }

  /** Whether this region may acknowledge what no other has; that it does is at the witness before this resolves. */
  async mayGoOnAlone(): Promise<boolean> {
    if (!this.isDegraded) await this.#setDegraded(true);
    return this.isDegraded;
  }

  /** Everything acknowledged is in the other regions again, and nothing more is acknowledged without them. */
  async endDegraded(): Promise<void> {
    if (this.#record?.isDegraded) await this.#setDegraded(false);
  }

  /** Takes the group from a degraded holder that does not come back, as soon as the witness lets anybody have it. */
  async takeByForce(): Promise<void> {
    this.#forcedUntilMs = this.#options.clock.monotonicMs() + FORCED_MS;
    await this.#acquire();
  }

  async #tick(): Promise<void> {
    await this.#acquire();
    if (this.#isClosed) return;
    const { others, isCaughtUp } = this.#options;
    if (this.isHeld && this.#record?.isDegraded && others().every(isCaughtUp)) await this.endDegraded();
    if (this.#isClosed) return;
    await this.#failBack();
    if (this.#isClosed) return;
    const { clock } = this.#options;
    this.#timer = clock.callAt(clock.now() + RENEW_INTERVAL_MS, () => void this.#tick());
  }

  async #acquire(): Promise<void> {
    const { witness, clock, region, home } = this.#options;
    // From before the question: the grant began at some time after it.
    const askedMs = clock.monotonicMs();
    const candidate = this.#candidate();
    try {
      const isForced = askedMs < this.#forcedUntilMs;
      const asked = { ...candidate, isPreferred: region === home(), isForced };
      this.#take(await witness.acquire(asked), askedMs);
    } catch (error) {
      this.#problem = `the witness does not answer: ${errorMessage(error)}`;
    }
  }

  /** What the witness says. An older answer that comes late says nothing new of the end, and nothing of the epoch. */
  #take(answer: WitnessAnswer, askedMs: number): void {
    if (this.#isClosed) return;
    if ((answer.record?.epoch ?? 0) < this.epoch) {
      this.#problem = 'the witness knows less than it has said before';
      return;
    }
    const wasHeld = this.isHeld;
    this.#record = answer.record;
    if (answer.kind === 'granted') {
      this.#trustedUntilMs = Math.max(this.#trustedUntilMs, askedMs + TRUSTED_MS);
      this.#forcedUntilMs = -Infinity;
      this.#problem = undefined;
    } else {
      this.#trustedUntilMs = -Infinity;
      this.#problem =
        answer.reason === 'degraded' ? 'the holder has acknowledged what is not here' : undefined;
    }
    if (wasHeld !== this.isHeld) this.#options.log.info({ ...this.status }, 'the lease has changed');
  }

  async #setDegraded(isDegraded: boolean): Promise<void> {
    await this.#changing;
    // Others that waited for the same change may have begun the next.
    this.#changing ??= this.#changeDegraded(isDegraded).finally(() => (this.#changing = undefined));
    await this.#changing;
  }

  async #changeDegraded(isDegraded: boolean): Promise<void> {
    const { witness, clock, log } = this.#options;
    const claim = this.#claim();
    if (claim === undefined) return;
    // Before the witness is told, and whatever becomes of that: it may have heard it without our knowing.
    this.#isAlone = false;
    const askedMs = clock.monotonicMs();
    try {
      const answer = await witness.setDegraded(claim, isDegraded);
      this.#take(answer, askedMs);
      if (answer.kind === 'refused') return;
      this.#isAlone = isDegraded;
      log.warn({ epoch: answer.record.epoch, isDegraded }, 'the mode of replication has changed');
    } catch (error) {
      this.#problem = `the witness does not answer: ${errorMessage(error)}`;
    }
  }

  /** Gives the group back to a home region that has been well for a minute and has everything. */
  async #failBack(): Promise<void> {
    const { region, home, isCaughtUp, clock, witness } = this.#options;
    const claim = this.#claim();
    if (claim === undefined || region === home() || this.#record?.isDegraded || !isCaughtUp(home())) {
      this.#homeWellSinceMs = undefined;
      return;
    }
    this.#homeWellSinceMs ??= clock.monotonicMs();
    if (clock.monotonicMs() < this.#homeWellSinceMs + FAIL_BACK_AFTER_MS) return;
    // Before it is said: from now on this region acts as a follower, whether or not the witness hears it.
    this.#trustedUntilMs = -Infinity;
    this.#homeWellSinceMs = undefined;
    await witness.release(claim).catch(() => undefined);
  }

  #candidate(): { group: string; region: string; incarnation: string } {
    const { region, incarnation } = this.#options;
    return { group: PRIMARY_GROUP, region, incarnation };
  }

  /** Undefined while this region is not the holder. */
  #claim(): HolderClaim | undefined {
    if (!this.isHeld || this.#record === undefined) return undefined;
    return { ...this.#candidate(), epoch: this.#record.epoch };
  }
}
