/**
 * The health checkers of this region, and what those of the other regions say. Each live region looks at each
 * endpoint by itself and tells the others what it saw; each works out for itself what that makes of a check, so that
 * the answer is there when it is the only one left.
 *
 * A vote counts for two intervals. When a region cannot be reached any more its votes count for nothing at once, and
 * every endpoint is looked at right away: the region that died had perhaps the last good word for what died with it.
 * None of this is on disk: a start looks anew.
 */
import type { Clock, Timer } from '../../base/clock.ts';
import { errorMessage } from '../../base/errors.ts';
import type { Logger } from '../../base/log.ts';
import { type Random, randomBelow } from '../../base/random.ts';
import {
  type HealthCheckRecord,
  type HealthObservation,
  type HealthView,
  probeIntervalMs,
} from '../dns/health-check-record.ts';
import type { Installation } from '../region/ports.ts';
import { type CheckerState, isCheckHealthy, NEW_CHECKER, observe } from './evaluate.ts';
import { FAILURE_THRESHOLD_DEFAULT, isProbed } from './probe-times.ts';
import type { ProbeResult } from './probe.ts';

/** Where the checks are kept; every region has all of them. */
export interface CheckSource {
  find(id: string): HealthCheckRecord | undefined;
  all(): Iterable<HealthCheckRecord>;
  /** Calls back with the id of each check that was made, changed or deleted. Answers the unsubscribe function. */
  onChange(subscriber: (id: string) => void): () => void;
}

export interface CheckersOptions {
  readonly source: CheckSource;
  readonly installation: Installation;
  readonly probe: (check: HealthCheckRecord) => Promise<ProbeResult>;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Logger;
}

/** One look at an endpoint. */
interface Look {
  /** `Success: HTTP Status Code 200, OK` */
  readonly status: string;
  /** Milliseconds since the epoch, by the clock of the region that looked. */
  readonly checkedAtMs: number;
}

/** What a checker has to say; it goes to the other regions as it stands. */
interface Ballot {
  readonly id: string;
  readonly version: number;
  readonly isHealthy: boolean;
  readonly last: Look;
  readonly lastFailure?: Look | undefined;
}

interface CountedBallot extends Ballot {
  /** By this region's monotonic clock. */
  readonly endsAtMs: number;
}

interface Checker {
  check: HealthCheckRecord;
  state: CheckerState;
  ballot: Ballot | undefined;
  timer: Timer | undefined;
  isProbing: boolean;
  /** Look again as soon as the present look is over. */
  isUrgent: boolean;
}

/** Looks at a time; further ones wait for their turn. AWS allows an account 200 checks. */
const PROBES_AT_ONCE = 64;
/** New checks, and all of them after a start, are spread over so long. */
const SPREAD_MS = 500;
/** Votes are told together that come about within so long. */
const GATHER_MS = 20;
const VOTES_PER_CALL_MAX = 500;
const VOTE_CALL_TIMEOUT_MS = 2000;
const VOTE_INTERVALS = 2;
/** A fast check takes up to an interval and a half for one look. */
const VOTE_GRACE_MS = 500;

export class Checkers implements HealthView {
  readonly #options: CheckersOptions;
  readonly #checkers = new Map<string, Checker>();
  /** By region, then by check. */
  readonly #ballots = new Map<string, Map<string, CountedBallot>>();
  readonly #waiting: Checker[] = [];
  readonly #untold = new Map<string, Ballot>();
  readonly #subscribers = new Set<(id: string) => void>();
  readonly #unsubscribe: (() => void)[] = [];
  #probing = 0;
  #telling: Timer | undefined;
  #isClosed = false;

  constructor(options: CheckersOptions) {
    this.#options = options;
  }

  start(): void {
    const { source, installation } = this.#options;
    installation.handle('votes', (body, from) => this.#hear(body, from));
    this.#unsubscribe.push(
      source.onChange((id) => this.#follow(id)),
      installation.onStatus((region, status) => {
        if (status === 'down') this.#lose(region);
        else this.#tellAll();
      }),
    );
    for (const { id } of source.all()) this.#follow(id);
  }

  close(): void {
    this.#isClosed = true;
    for (const unsubscribe of this.#unsubscribe) unsubscribe();
    for (const { timer } of this.#checkers.values()) timer?.cancel();
    this.#telling?.cancel();
  }

  /** As the check's status is for whatever depends on it: thresholds, votes, children and inversion counted in. */
  isHealthy(id: string): boolean {
    const { source } = this.#options;
    return isCheckHealthy(
      { find: (wanted) => source.find(wanted), votes: (check) => this.#votes(check) },
      id,
    );
  }

  /** The last look of each region's checker; empty for checks that look at nothing. */
  observations(id: string): readonly HealthObservation[] {
    return this.#ballotsOf(id).map(({ region, ballot }) => this.#observation(region, ballot.last));
  }

  /** The last look of each region's checker that failed. */
  lastFailures(id: string): readonly HealthObservation[] {
    return this.#ballotsOf(id).flatMap(({ region, ballot }) =>
      ballot.lastFailure === undefined ? [] : [this.#observation(region, ballot.lastFailure)],
    );
  }

  checkerRanges(): readonly string[] {
    const { own, peers } = this.#options.installation;
    return [own, ...peers].map(({ address }) => `${address}/${address.includes(':') ? 128 : 32}`);
  }

  /** What each region's checker makes of it, its threshold counted in. */
  verdicts(id: string): ReadonlyMap<string, boolean> {
    return new Map(this.#ballotsOf(id).map(({ region, ballot }) => [region, ballot.isHealthy]));
  }

  /** Calls back with the id of each check about which a checker has changed its mind. */
  onVerdict(subscriber: (id: string) => void): () => void {
    this.#subscribers.add(subscriber);
    return () => this.#subscribers.delete(subscriber);
  }

  #observation(region: string, look: Look): HealthObservation {
    const { own, peers } = this.#options.installation;
    const checker = peers.find((peer) => peer.region === region) ?? own;
    return { region, ipAddress: checker.address, ...look };
  }

  #votes(check: HealthCheckRecord): readonly Ballot[] {
    return this.#ballotsOf(check.id)
      .map(({ ballot }) => ballot)
      .filter(({ version }) => version === check.version);
  }

  #ballotsOf(id: string): { region: string; ballot: Ballot }[] {
    const { installation, clock } = this.#options;
    const own = this.#checkers.get(id)?.ballot;
    const found = own === undefined ? [] : [{ region: installation.own.region, ballot: own }];
    const now = clock.monotonicMs();
    for (const [region, ballots] of this.#ballots) {
      const ballot = ballots.get(id);
      if (ballot !== undefined && now < ballot.endsAtMs) found.push({ region, ballot });
    }
    return found;
  }

  /** Takes up what has become of a check: new, changed, switched off or gone. */
  #follow(id: string): void {
    const check = this.#options.source.find(id);
    const known = this.#checkers.get(id);
    if (check === undefined || !isProbed(check)) {
      known?.timer?.cancel();
      this.#checkers.delete(id);
      for (const ballots of this.#ballots.values()) ballots.delete(id);
      this.#announce(id);
      return;
    }
    if (known?.check.version === check.version) {
      // Such as another tag: what was seen still holds.
      known.check = check;
      return;
    }
    known?.timer?.cancel();
    const checker: Checker = {
      check,
      state: NEW_CHECKER,
      ballot: undefined,
      timer: undefined,
      isProbing: false,
      isUrgent: false,
    };
    this.#checkers.set(id, checker);
    this.#schedule(checker, randomBelow(this.#options.random, SPREAD_MS));
  }

  #schedule(checker: Checker, delayMs: number): void {
    const { clock } = this.#options;
    checker.timer = clock.callAt(clock.now() + delayMs, () => this.#look(checker));
  }

  #look(checker: Checker): void {
    if (this.#isClosed || this.#checkers.get(checker.check.id) !== checker) return;
    if (checker.isProbing) checker.isUrgent = true;
    else if (this.#probing >= PROBES_AT_ONCE) this.#waiting.push(checker);
    else void this.#probe(checker);
  }

  /** Those that were changed or deleted while they waited take no place. */
  #lookNext(): void {
    while (this.#probing < PROBES_AT_ONCE) {
      const next = this.#waiting.shift();
      if (next === undefined) return;
      this.#look(next);
    }
  }

  async #probe(checker: Checker): Promise<void> {
    const { probe, clock, log } = this.#options;
    checker.isProbing = true;
    checker.timer?.cancel();
    this.#probing += 1;
    const startedMs = clock.monotonicMs();
    const result = await probe(checker.check).catch((error: unknown): ProbeResult => {
      log.error({ error: errorMessage(error) }, 'a health checker failed');
      return { hasSucceeded: false, text: 'Failure: The health checker failed.' };
    });
    this.#probing -= 1;
    checker.isProbing = false;
    this.#lookNext();
    // The check may have been changed or deleted meanwhile.
    if (this.#isClosed || this.#checkers.get(checker.check.id) !== checker) return;
    this.#count(checker, result);
    const elapsedMs = clock.monotonicMs() - startedMs;
    this.#schedule(checker, checker.isUrgent ? 0 : Math.max(0, probeIntervalMs(checker.check) - elapsedMs));
    checker.isUrgent = false;
  }

  #count(checker: Checker, { hasSucceeded, text: status }: ProbeResult): void {
    const { check, ballot: before } = checker;
    const { id, version, settings } = check;
    checker.state = observe(
      checker.state,
      hasSucceeded,
      settings.failureThreshold ?? FAILURE_THRESHOLD_DEFAULT,
    );
    const last: Look = { status, checkedAtMs: this.#options.clock.now() };
    const { isHealthy } = checker.state;
    const lastFailure = hasSucceeded ? before?.lastFailure : last;
    checker.ballot = { id, version, isHealthy, last, lastFailure };
    if ((before?.isHealthy ?? true) !== isHealthy) {
      this.#options.log.info({ healthCheck: id, isHealthy, status }, 'a health checker has changed its mind');
      this.#announce(id);
    }
    this.#tell(checker.ballot);
  }

  #announce(id: string): void {
    for (const subscriber of this.#subscribers) subscriber(id);
  }

  /** A region is gone: its votes are, too, and what it spoke for is looked at at once. */
  #lose(region: string): void {
    this.#ballots.delete(region);
    for (const checker of this.#checkers.values()) {
      checker.timer?.cancel();
      this.#look(checker);
    }
  }

  /** Somebody new listens. */
  #tellAll(): void {
    for (const { ballot } of this.#checkers.values()) if (ballot !== undefined) this.#tell(ballot);
  }

  #tell(ballot: Ballot): void {
    if (this.#options.installation.peers.length === 0) return;
    this.#untold.set(ballot.id, ballot);
    const { clock } = this.#options;
    this.#telling ??= clock.callAt(clock.now() + GATHER_MS, () => {
      this.#telling = undefined;
      const ballots = [...this.#untold.values()];
      this.#untold.clear();
      for (let from = 0; from < ballots.length; from += VOTES_PER_CALL_MAX) {
        this.#send(ballots.slice(from, from + VOTES_PER_CALL_MAX));
      }
    });
  }

  #send(ballots: readonly Ballot[]): void {
    const { installation } = this.#options;
    for (const { region } of installation.peers) {
      // A vote that is lost is followed by the next one.
      installation
        .call(region, 'votes', { ballots }, { timeoutMs: VOTE_CALL_TIMEOUT_MS })
        .catch(() => undefined);
    }
  }

  #hear(body: unknown, from: string): unknown {
    const { source, clock } = this.#options;
    let ballots = this.#ballots.get(from);
    if (ballots === undefined) this.#ballots.set(from, (ballots = new Map<string, CountedBallot>()));
    for (const ballot of readBallots(body)) {
      const check = source.find(ballot.id);
      // This region may not know of the check yet, or of its update: there will be another vote.
      if (check?.version !== ballot.version) continue;
      const lifeMs = VOTE_INTERVALS * probeIntervalMs(check) + VOTE_GRACE_MS;
      const before = ballots.get(ballot.id);
      ballots.set(ballot.id, { ...ballot, endsAtMs: clock.monotonicMs() + lifeMs });
      if (before?.isHealthy !== ballot.isHealthy) this.#announce(ballot.id);
    }
    return {};
  }
}

/** A peer is trusted, and may be of another version: what has another form is left out. */
function readBallots(body: unknown): readonly Ballot[] {
  const { ballots } = body as { readonly ballots?: unknown };
  return Array.isArray(ballots) ? ballots.filter(isBallot) : [];
}

function isBallot(value: unknown): value is Ballot {
  const { id, version, isHealthy, last } = (value ?? {}) as Partial<Ballot>;
  return (
    typeof id === 'string' &&
    typeof version === 'number' &&
    typeof isHealthy === 'boolean' &&
    typeof last?.status === 'string' &&
    typeof last.checkedAtMs === 'number'
  );
}
