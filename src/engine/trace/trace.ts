/**
 * Joins causes and effects: an event to the messages, executions and invocations that it brought about, those to
 * what they did in turn, and all of it back to the request where it began.
 *
 * Engines report what a turn does with `effect`, in that same turn, so a trace never tells of something that a
 * crash took back. Nothing is written for work without a cause. The bus keeps what its events did in its own log,
 * which is read as one more source (`trace-index.ts`).
 */
import type { Cause } from '../cause.ts';
import { KEYSPACE } from '../keyspace.ts';
import type { Loop, Turn } from '../loop.ts';
import { decodeHead, encodeRecord } from '../../storage/codec.ts';
import { key } from '../../storage/keys.ts';
import { type Chain, walkChain } from './chain.ts';
import { idsOf, TraceIndex, type TraceRetention, type TraceSource } from './trace-index.ts';
import type { DatedLink, FoundLink, TraceEffect, TraceLink } from './trace-link.ts';

/** The record under `traceEffect`: what one turn brought about. */
interface EffectRecord {
  readonly atMs: number;
  readonly links: readonly TraceLink[];
}

const effectSource: TraceSource = {
  keyspace: KEYSPACE.traceEffect,
  links: (value) => {
    const { atMs, links } = decodeHead<EffectRecord>(value);
    return links.map((link): DatedLink => ({ ...link, atMs }));
  },
};

/** Effects of one turn that share a record; a turn with more gets a further record, so that none is rewritten often. */
const EFFECTS_PER_RECORD_MAX = 16;

export interface TraceOptions {
  /** Further logs that name causes and effects. */
  readonly sources?: readonly TraceSource[];
  readonly retention?: TraceRetention;
}

export class Trace {
  readonly #index: TraceIndex;
  /** The record that the present turn has begun. */
  #begun: { readonly turn: Turn; readonly sequence: number; links: TraceLink[]; count: number } | undefined;

  constructor(loop: Loop, options: TraceOptions = {}) {
    this.#index = new TraceIndex(loop, [effectSource, ...(options.sources ?? [])], options.retention);
  }

  /** Recovers the index. Call it before the first turn of any engine that traces. */
  start(): void {
    this.#index.start();
  }

  close(): void {
    this.#index.close();
  }

  /** Records that `cause` brought `effect` about, durable with the turn. */
  effect(turn: Turn, cause: Cause, effect: TraceEffect): void {
    this.effects(turn, cause, [effect]);
  }

  /** Records several effects of one cause: cheaper than one call for each. */
  effects(turn: Turn, cause: Cause, effects: readonly TraceEffect[]): void {
    if (effects.length === 0) return;
    const link: TraceLink = { cause: { kind: cause.kind, id: cause.id }, effects };
    const begun = this.#begun;
    if (begun?.turn === turn && begun.count + effects.length <= EFFECTS_PER_RECORD_MAX) {
      begun.links.push(link);
      begun.count += effects.length;
      this.#index.extend(idsOf([link]), 0);
      turn.put(key(KEYSPACE.traceEffect, begun.sequence), encodeEffects(turn, begun.links));
      return;
    }
    const links = [link];
    const record = encodeEffects(turn, links);
    const sequence = this.#index.claim(turn, idsOf(links), record.length);
    this.#begun = { turn, sequence, links, count: effects.length };
    turn.put(key(KEYSPACE.traceEffect, sequence), record);
  }

  /** Takes the sequence under which another source puts a record of its own, naming `ids`, in this turn. */
  claim(turn: Turn, ids: readonly string[], sizeBytes: number): number {
    // The next effects of this turn belong to a record after the source's.
    this.#begun = undefined;
    return this.#index.claim(turn, ids, sizeBytes);
  }

  /** Drops what is past the retention, a bounded part of it at a time; a timer does so every ten minutes. */
  expire(turn: Turn): void {
    this.#index.expire(turn);
  }

  /** Every link that names the id, newest first. */
  find(id: string): Promise<FoundLink[]> {
    return this.#index.find(new Set([id]));
  }

  /** What led to the id and what came of it: everything that can be reached from it in either direction. */
  chain(id: string): Promise<Chain> {
    return walkChain(id, (ids) => this.#index.find(ids));
  }
}

function encodeEffects(turn: Turn, links: readonly TraceLink[]) {
  const record: EffectRecord = { atMs: turn.now, links };
  return encodeRecord(record);
}
