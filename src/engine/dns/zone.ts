/** One hosted zone in memory: its record sets by name, and which names exist because something lies below them. */
import { parentOf, sortKeyOf } from './domain-name.ts';
import { identityOf, type RecordSet, type ZoneRecord } from './record-set.ts';

export class Zone {
  /** Undefined while a copy has record sets of a zone whose own record has not come yet. */
  record: ZoneRecord | undefined;
  readonly #sets = new Map<string, RecordSet>();
  readonly #byName = new Map<string, readonly RecordSet[]>();
  /** How many record sets are at a name or below it. */
  readonly #existing = new Map<string, number>();
  #sorted: readonly RecordSet[] | undefined;

  get size(): number {
    return this.#sets.size;
  }

  get(identity: string): RecordSet | undefined {
    return this.#sets.get(identity);
  }

  has(set: RecordSet): boolean {
    return this.#sets.has(identityOf(set));
  }

  at(name: string): readonly RecordSet[] {
    return this.#byName.get(name) ?? [];
  }

  /** Whether the name has record sets, or names below it have. */
  exists(name: string): boolean {
    return this.#existing.has(name);
  }

  /** By name from the right, then type, then identifier: the order of ListResourceRecordSets. */
  sorted(): readonly RecordSet[] {
    this.#sorted ??= [...this.#sets.values()]
      .map((set) => ({ set, sortKey: listKeyOf(set.name, set.type, set.setIdentifier) }))
      .toSorted((a, b) => (a.sortKey < b.sortKey ? -1 : 1))
      .map(({ set }) => set);
    return this.#sorted;
  }

  put(set: RecordSet): void {
    this.delete(set);
    this.#sets.set(identityOf(set), set);
    this.#byName.set(set.name, [...this.at(set.name), set]);
    this.#count(set.name, 1);
    this.#sorted = undefined;
  }

  delete(set: RecordSet): void {
    const identity = identityOf(set);
    if (!this.#sets.delete(identity)) return;
    const left = this.at(set.name).filter((other) => identityOf(other) !== identity);
    if (left.length === 0) this.#byName.delete(set.name);
    else this.#byName.set(set.name, left);
    this.#count(set.name, -1);
    this.#sorted = undefined;
  }

  #count(name: string, change: number): void {
    for (let at: string | undefined = name; at !== undefined; at = parentOf(at)) {
      const count = (this.#existing.get(at) ?? 0) + change;
      if (count === 0) this.#existing.delete(at);
      else this.#existing.set(at, count);
    }
  }
}

/** Sorts as ListResourceRecordSets does. */
export function listKeyOf(name: string, type = '', setIdentifier = ''): string {
  return `${sortKeyOf(name)}\u0000\u0000${type}\u0000${setIdentifier}`;
}
