/**
 * Who owns what, and since which epoch: the rules of `Store.lease`, `renew` and `release`, and the check that a
 * batch comes from the present owner. Backends that one process owns alone decide here in memory and then store
 * what was decided.
 */
import { StaleEpochError } from './store.ts';
import type { Batch, Lease } from './store.ts';

export class LeaseTable {
  readonly #leases = new Map<string, Lease>();

  /**
   * With what an earlier process has left: it is gone, as the lock on the store proves, and so is everybody who held
   * something through it. Their leases are free at once; the epochs go on from theirs.
   */
  constructor(leases: Iterable<Lease> = []) {
    for (const lease of leases) this.#leases.set(lease.name, freed(lease));
  }

  /** The lease that `owner` gets now, or `undefined` while somebody else holds it. */
  take(
    name: string,
    owner: string,
    term: { readonly nowMs: number; readonly ttlMs: number },
  ): Lease | undefined {
    const held = this.#leases.get(name);
    const isOwn = held?.owner === owner;
    if (held !== undefined && !isOwn && held.expiresAtMs > term.nowMs) return undefined;
    const epoch = isOwn ? held.epoch : (held?.epoch ?? 0) + 1;
    return this.#keep({ name, owner, epoch, expiresAtMs: term.nowMs + term.ttlMs });
  }

  /** The lease with its new end. An expired one is renewed too, as long as nobody else has taken it. */
  renew(lease: Lease, term: { readonly nowMs: number; readonly ttlMs: number }): Lease | undefined {
    if (!this.#isHeld(lease)) return undefined;
    return this.#keep({ ...lease, expiresAtMs: term.nowMs + term.ttlMs });
  }

  /** The lease as it stays behind, free for anybody, so that its epoch goes on growing. */
  release(lease: Lease): Lease | undefined {
    return this.#isHeld(lease) ? this.#keep(freed(lease)) : undefined;
  }

  /** Throws `StaleEpochError` when a higher epoch has been handed out since the batch's committer got its own. */
  check(batch: Batch): void {
    if (batch.lease === undefined) return;
    const epoch = this.#leases.get(batch.lease.name)?.epoch ?? 0;
    if (batch.lease.epoch < epoch) throw new StaleEpochError(batch.lease, epoch);
  }

  #isHeld(lease: Lease): boolean {
    const held = this.#leases.get(lease.name);
    return held?.owner === lease.owner && held.epoch === lease.epoch;
  }

  #keep(lease: Lease): Lease {
    this.#leases.set(lease.name, lease);
    return lease;
  }
}

/** Nobody's, as an end in the past tells, and with its epoch. */
function freed(lease: Lease): Lease {
  return { ...lease, owner: '', expiresAtMs: 0 };
}
