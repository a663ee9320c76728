/** The entries of an index that are filed under the values of one field, by kind of key. */
import type { Leaf } from './leaf.ts';
import { foldCase } from './operators/equals-ignore-case.ts';
import { canonicalIp } from './operators/ip.ts';
import type { Anchor } from './operators/operator.ts';

export class AnchorTable<Entry> {
  readonly #strings = new Buckets<string, Entry>();
  readonly #numbers = new Buckets<number, Entry>();
  /** `true`, `false`, `null`, and numbers that no double holds. */
  readonly #literals = new Buckets<string, Entry>();
  readonly #ips = new Buckets<string, Entry>();
  readonly #folded = new Buckets<string, Entry>();
  readonly #prefixes = new AffixBuckets<Entry>((text, length) => text.slice(0, length));
  readonly #suffixes = new AffixBuckets<Entry>((text, length) => text.slice(text.length - length));
  readonly #present = new Set<Entry>();

  add(anchor: Anchor, entry: Entry): void {
    if (anchor.kind === 'present') this.#present.add(entry);
    else if (anchor.kind === 'number') this.#numbers.add(anchor.value, entry);
    else this.#textBuckets(anchor.kind).add(anchor.text, entry);
  }

  delete(anchor: Anchor, entry: Entry): void {
    if (anchor.kind === 'present') this.#present.delete(entry);
    else if (anchor.kind === 'number') this.#numbers.delete(anchor.value, entry);
    else this.#textBuckets(anchor.kind).delete(anchor.text, entry);
  }

  /** How many entries share a key. */
  count(anchor: Anchor): number {
    if (anchor.kind === 'present') return this.#present.size;
    if (anchor.kind === 'number') return this.#numbers.count(anchor.value);
    return this.#textBuckets(anchor.kind).count(anchor.text);
  }

  get isEmpty(): boolean {
    return (
      this.#present.size === 0 &&
      this.#numbers.isEmpty &&
      TEXT_KINDS.every((kind) => this.#textBuckets(kind).isEmpty)
    );
  }

  /** Appends the entries that any value may satisfy. */
  findPresent(found: Entry[]): void {
    for (const entry of this.#present) found.push(entry);
  }

  /** Appends the entries that this very value may satisfy. */
  find(leaf: Leaf, found: Entry[]): void {
    if (leaf.kind === 'string') this.#findString(leaf.text, found);
    else {
      this.#literals.find(leaf.text, found);
      if (leaf.kind === 'number') this.#numbers.find(leaf.number, found);
    }
  }

  #findString(text: string, found: Entry[]): void {
    this.#strings.find(text, found);
    if (!this.#folded.isEmpty) this.#folded.find(foldCase(text), found);
    if (!this.#prefixes.isEmpty) this.#prefixes.find(text, found);
    if (!this.#suffixes.isEmpty) this.#suffixes.find(text, found);
    if (this.#ips.isEmpty) return;
    const ip = canonicalIp(text);
    if (ip !== undefined) this.#ips.find(ip, found);
  }

  #textBuckets(kind: (typeof TEXT_KINDS)[number]): Buckets<string, Entry> | AffixBuckets<Entry> {
    switch (kind) {
      case 'string':
        return this.#strings;
      case 'literal':
        return this.#literals;
      case 'ip':
        return this.#ips;
      case 'folded':
        return this.#folded;
      case 'prefix':
        return this.#prefixes;
      case 'suffix':
        return this.#suffixes;
    }
  }
}

const TEXT_KINDS = ['string', 'literal', 'ip', 'folded', 'prefix', 'suffix'] as const;

class Buckets<Key, Entry> {
  readonly #buckets = new Map<Key, Set<Entry>>();

  get isEmpty(): boolean {
    return this.#buckets.size === 0;
  }

  count(key: Key): number {
    return this.#buckets.get(key)?.size ?? 0;
  }

  add(key: Key, entry: Entry): void {
    const bucket = this.#buckets.get(key);
    if (bucket === undefined) this.#buckets.set(key, new Set([entry]));
    else bucket.add(entry);
  }

  delete(key: Key, entry: Entry): void {
    const bucket = this.#buckets.get(key);
    if (bucket?.delete(entry) === true && bucket.size === 0) this.#buckets.delete(key);
  }

  find(key: Key, found: Entry[]): void {
    const bucket = this.#buckets.get(key);
    if (bucket !== undefined) for (const entry of bucket) found.push(entry);
  }
}

/** Prefixes (or suffixes) by their length: a text looks up one cut of itself for each length that occurs. */
class AffixBuckets<Entry> {
  readonly #byLength = new Map<number, Buckets<string, Entry>>();
  readonly #cut: (text: string, length: number) => string;

  constructor(cut: (text: string, length: number) => string) {
    this.#cut = cut;
  }

  get isEmpty(): boolean {
    return this.#byLength.size === 0;
  }

  count(key: string): number {
    return this.#byLength.get(key.length)?.count(key) ?? 0;
  }

  add(key: string, entry: Entry): void {
    let buckets = this.#byLength.get(key.length);
    if (buckets === undefined) {
      buckets = new Buckets();
      this.#byLength.set(key.length, buckets);
    }
    buckets.add(key, entry);
  }

  delete(key: string, entry: Entry): void {
    const buckets = this.#byLength.get(key.length);
    buckets?.delete(key, entry);
    if (buckets?.isEmpty === true) this.#byLength.delete(key.length);
  }

  find(text: string, found: Entry[]): void {
    for (const [length, buckets] of this.#byLength) {
      if (length <= text.length) buckets.find(this.#cut(text, length), found);
    }
  }
}
