/**
 * The witness: a small register of who may act for a group of regions, kept outside of all of them. It decides nothing
 * about regions; it only never lets two of them hold a group at the same time, and never forgets what it has granted.
 *
 * A grant lasts `LEASE_TTL_MS` unless it is asked for again. Its holder trusts it for less (`lease-keeper.ts`), and
 * the next one waits for longer, both by clocks that cannot be set, so that no two regions ever believe to be the
 * holder. Holder, epoch and the mark of degradation are on disk before they are told; the time that is left is not,
 * so after a restart of the witness each grant counts as fresh. Whoever has the bytes and the socket
 * (`src/witness.ts`) calls this.
 */

/** How long a grant lasts unless it is renewed. */
export const LEASE_TTL_MS = 4000;
/** For clocks that run at different rates and answers that were under way: a taker waits so much longer. */
export const TAKEOVER_MARGIN_MS = 1000;
/** A witness serves one installation; this bounds what a caller can make it remember. */
const GROUPS_MAX = 64;

/** What is known of a group for good. */
export interface GroupRecord {
  readonly group: string;
  /** The region that holds the group, or held it last. */
  readonly holder: string;
  /** New with each start of the holder's process: the process before it is another holder. */
  readonly incarnation: string;
  /** Grows with each change of what is said here. */
  readonly epoch: number;
  /** The holder acknowledges what no other region has: nobody may take over from it but by force. */
  readonly isDegraded: boolean;
}

export interface Candidate {
  readonly group: string;
  readonly region: string;
  readonly incarnation: string;
}

export interface Acquire extends Candidate {
  /** The region that is to hold a group that nobody has held yet; others wait for it as they wait for a holder. */
  readonly isPreferred: boolean;
  /** Takes over from a degraded holder too: what it alone acknowledged is then late, or lost with its disk. */
  readonly isForced?: boolean;
}

export interface HolderClaim extends Candidate {
  readonly epoch: number;
}

export type Refusal = 'held' | 'degraded' | 'not-holder' | 'full';

export type WitnessAnswer =
  | { readonly kind: 'granted'; readonly record: GroupRecord }
  | { readonly kind: 'refused'; readonly reason: Refusal; readonly record: GroupRecord | undefined };

export interface WitnessOptions {
  /** What was saved last. */
  readonly records: readonly GroupRecord[];
  /** Returns when the records are on disk; throws otherwise, and then nothing has been granted. */
  readonly save: (records: readonly GroupRecord[]) => void;
  /** Milliseconds that never go back. */
  readonly monotonicMs: () => number;
}

export class Witness {
  readonly #options: WitnessOptions;
  readonly #records = new Map<string, GroupRecord>();
  /** When the present grant of a group ends, or the wait for its first holder. */
  readonly #endsAtMs = new Map<string, number>();
  /** Groups whose holder has given them back. */
  readonly #released = new Set<string>();

  constructor(options: WitnessOptions) {
    this.#options = options;
    const endsAtMs = options.monotonicMs() + LEASE_TTL_MS;
    for (const record of options.records) {
      this.#records.set(record.group, record);
      this.#endsAtMs.set(record.group, endsAtMs);
    }
  }

  list(): readonly GroupRecord[] {
    return [...this.#records.values()];
  }

  /** Renews for the holder; grants to another region once the holder has been silent for long enough. */
  acquire(asked: Acquire): WitnessAnswer {
    const record = this.#records.get(asked.group);
    if (record !== undefined && isHolder(record, asked) && !this.#released.has(asked.group)) {
      // An end that has passed is no matter as long as nobody else has been granted the group since.
      this.#extend(asked.group);
      return { kind: 'granted', record };
    }
    // A region's data belongs to one process at a time, so the process before this one is gone.
    if (record?.holder === asked.region && record.incarnation !== asked.incarnation) {
      return this.#grant({ ...record, ...nextHolder(asked, record) });
    }
    const reason = this.#reasonToWait(asked, record);
    if (reason !== undefined) return { kind: 'refused', reason, record };
    return this.#grant({ ...nextHolder(asked, record), isDegraded: false });
  }

  /**
   * The holder is about to acknowledge what no other region has, or has stopped to. Each time that it is about to, the
   * epoch grows: an earlier claim that it had stopped, and that was under way for long, is then refused.
   */
  setDegraded(claim: HolderClaim, isDegraded: boolean): WitnessAnswer {
    const record = this.#records.get(claim.group);
    if (record === undefined || !isHolder(record, claim) || record.epoch !== claim.epoch) {
      return { kind: 'refused', reason: 'not-holder', record };
    }
    if (!isDegraded && !record.isDegraded) return { kind: 'granted', record };
    return this.#grant({ ...record, isDegraded, epoch: record.epoch + 1 });
  }

  /** A planned end: the preferred region gets the group at once, others when the grant would have ended. */
  release(claim: HolderClaim): WitnessAnswer {
    const record = this.#records.get(claim.group);
    if (record === undefined || !isHolder(record, claim) || record.epoch !== claim.epoch) {
      return { kind: 'refused', reason: 'not-holder', record };
    }
    this.#released.add(claim.group);
    return { kind: 'granted', record };
  }

  #reasonToWait(asked: Acquire, record: GroupRecord | undefined): Refusal | undefined {
    const now = this.#options.monotonicMs();
    if (record === undefined && !this.#endsAtMs.has(asked.group)) {
      if (this.#endsAtMs.size >= GROUPS_MAX) return 'full';
      if (asked.isPreferred) return undefined;
      this.#endsAtMs.set(asked.group, now + LEASE_TTL_MS);
      return 'held';
    }
    const isFree = record === undefined || (this.#released.has(asked.group) && !record.isDegraded);
    if (isFree && asked.isPreferred) return undefined;
    const endsAtMs = this.#endsAtMs.get(asked.group) ?? now;
    if (now < endsAtMs + TAKEOVER_MARGIN_MS) return 'held';
    return record?.isDegraded && !asked.isForced ? 'degraded' : undefined;
  }

  #grant(record: GroupRecord): WitnessAnswer {
    const others = this.list().filter(({ group }) => group !== record.group);
    this.#options.save([...others, record]);
    this.#records.set(record.group, record);
    this.#released.delete(record.group);
    this.#extend(record.group);
    return { kind: 'granted', record };
  }

  #extend(group: string): void {
    this.#endsAtMs.set(group, this.#options.monotonicMs() + LEASE_TTL_MS);
  }
}

function isHolder(record: GroupRecord, { region, incarnation }: Candidate): boolean {
  return record.holder === region && record.incarnation === incarnation;
}

function nextHolder(asked: Candidate, record: GroupRecord | undefined): Omit<GroupRecord, 'isDegraded'> {
  const { group, region: holder, incarnation } = asked;
  return { group, holder, incarnation, epoch: (record?.epoch ?? 0) + 1 };
}
