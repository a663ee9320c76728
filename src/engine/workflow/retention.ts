/**
 * Forgets executions some time after their end, with their history and their line in the index: 90 days at AWS.
 *
 * Once an hour the index is walked from each machine's oldest line on, in slices between which requests get in; what
 * a slice deletes is one commit. Nothing is remembered but where the walk is: an execution goes whole or not at all, so
 * a walk that a crash ended begins anew and finds what is left.
 */
import { invariant } from '../../base/assert.ts';
import { key, keyParts, prefixRange } from '../../storage/keys.ts';
import type { Entry, Key } from '../../storage/store.ts';
import { KEYSPACE } from '../keyspace.ts';
import type { Loop, Turn } from '../loop.ts';
import {
  decodeSummary,
  type ExecutionPlace,
  type ExecutionSummary,
  indexPrefix,
  placeKey,
} from './execution-record.ts';

// 30,000 executions of five records each, on 2 busy cores: 38 in a slice, 1,600 a second, and lone commits beside it
// took 0.17 ms (median) before and meanwhile.

/** The first walk leaves a start alone. */
const FIRST_SWEEP_MS = 60_000;
const SWEEP_INTERVAL_MS = 3_600_000;
const SLICE_INTERVAL_MS = 20;
/** Of each slice, whichever comes first: lines looked at, and time by the monotonic clock. */
const SLICE_LINES_MAX = 100;
const SLICE_MS_MAX = 2;

/**
 * Chunks of a history that are deleted by their keys. A longer history goes as one range: reading its keys would read
 * its payloads, too, whereas many ranges at once would slow down every read until they are applied.
 */
const CHUNKS_BY_KEY_MAX = 8;
const SLICE_RANGES_MAX = 4;

const [INDEX_START, INDEX_END] = prefixRange(key(KEYSPACE.executionIndex));

export class ExecutionRetention {
  readonly #loop: Loop;
  readonly #retentionMs: number;

  constructor(loop: Loop, retentionMs: number) {
    this.#loop = loop;
    this.#retentionMs = retentionMs;
  }

  start(): void {
    this.#after(FIRST_SWEEP_MS, () => this.#slice(INDEX_END));
  }

  #after(delayMs: number, callback: () => void): void {
    this.#loop.timers.at(this.#loop.clock.now() + delayMs, callback);
  }

  /** One slice of the walk, which goes backwards from `to`, and the timer for the next. */
  #slice(to: Key): void {
    this.#loop.turn((turn) => {
      const next = this.#deleteSlice(turn, to);
      // Not before this one is on disk: a slow one is not to be filled up with what nobody waits for.
      turn.afterCommit(() => {
        if (next === undefined) this.#after(SWEEP_INTERVAL_MS, () => this.#slice(INDEX_END));
        else this.#after(SLICE_INTERVAL_MS, () => this.#slice(next));
      });
    });
  }

  /** Where to go on from, or `undefined` at the end of the walk. */
  #deleteSlice(turn: Turn, to: Key): Key | undefined {
    const { store, clock } = this.#loop;
    const startedBeforeMs = turn.now - this.#retentionMs;
    const deadlineMs = clock.monotonicMs() + SLICE_MS_MAX;
    const lines = store.range(INDEX_START, to, { limit: SLICE_LINES_MAX, reverse: true });
    let rangeCount = 0;
    for (const line of lines) {
      const summary = this.#read(line);
      if (summary === undefined) continue;
      const { startedAtMs, status, stoppedAtMs = startedAtMs } = summary;
      const place = placeOfLine(line);
      // A machine's lines are in the order of their start, which comes before their end: the rest of them are younger.
      if (startedAtMs > startedBeforeMs) return indexPrefix(place, place.machine);
      if (status !== 'RUNNING' && stoppedAtMs <= startedBeforeMs) {
        rangeCount += this.#delete(turn, line.key, place);
      }
      if (rangeCount >= SLICE_RANGES_MAX || clock.monotonicMs() >= deadlineMs) return line.key;
    }
    return lines.length < SLICE_LINES_MAX ? undefined : lines.at(-1)?.key;
  }

  /** A line that cannot be read stays, and holds up none of the others. */
  #read(line: Entry): ExecutionSummary | undefined {
    let summary: ExecutionSummary | undefined;
    this.#loop.quarantine.guard('execution', line.key, () => {
      summary = decodeSummary(line.value);
    });
    return summary;
  }

  /** Answers how many ranges it took. */
  #delete(turn: Turn, lineKey: Key, place: ExecutionPlace): number {
    const chunks = prefixRange(placeKey(KEYSPACE.executionHistory, place));
    const keys = this.#loop.store.range(...chunks, { limit: CHUNKS_BY_KEY_MAX + 1 });
    const isLong = keys.length > CHUNKS_BY_KEY_MAX;
    if (isLong) turn.deleteRange(...chunks);
    else for (const chunk of keys) turn.delete(chunk.key);
    turn.delete(placeKey(KEYSPACE.executionEnded, place));
    turn.delete(lineKey);
    return isLong ? 1 : 0;
  }
}

function placeOfLine(line: Entry): ExecutionPlace {
  const parts = keyParts(line.key, ['text', 'text', 'text', 'text', 'number', 'text']);
  const [, account, region, machine, , name] = parts.map(String);
  invariant(
    account !== undefined && region !== undefined && machine !== undefined && name !== undefined,
    'a line of the index has six parts',
  );
  return { account, region, machine, name };
}
