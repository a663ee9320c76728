/**
 * Reads every record once a day and has its checksum looked at, so that damage is found while there is a backup to go
 * back to, and not when the record is needed. The reading is the store's, off the thread that serves requests, a slice
 * at a time; what it finds goes to the quarantine.
 */
import { errorMessage } from '../base/errors.ts';
import { CorruptRecordError, type Key } from '../storage/store.ts';
import type { Loop } from './loop.ts';

const FIRST_PASS_MS = 600_000;
const PASS_INTERVAL_MS = 86_400_000;
/** A slice has up to 1,000 records: a million of them take a quarter of an hour. */
const SLICE_INTERVAL_MS = 1000;

export class Scrub {
  readonly #loop: Loop;

  constructor(loop: Loop) {
    this.#loop = loop;
  }

  start(): void {
    this.#after(FIRST_PASS_MS, '');
  }

  #after(delayMs: number, from: Key): void {
    this.#loop.timers.at(this.#loop.clock.now() + delayMs, () => void this.#slice(from));
  }

  async #slice(from: Key): Promise<void> {
    const { store, quarantine, log } = this.#loop;
    let next: Key | undefined;
    try {
      const report = await store.scrub(from);
      if (this.#loop.isClosed) return;
      next = report.next;
      for (const recordKey of report.corruptKeys) this.#confirm(recordKey);
    } catch (error) {
      if (this.#loop.isClosed) return;
      // Pages of the table that cannot be read: how far that goes is unknown, so the pass ends here.
      log.error({ error: errorMessage(error) }, 'the table could not be read to its end');
      quarantine.add('record', from, `the table cannot be read from here on: ${errorMessage(error)}`);
    }
    this.#after(next === undefined ? PASS_INTERVAL_MS : SLICE_INTERVAL_MS, next ?? '');
  }

  /** It may have been written anew since it was read: a read tells, and reports it by itself. */
  #confirm(recordKey: Key): void {
    try {
      this.#loop.store.get(recordKey);
    } catch (error) {
      if (!(error instanceof CorruptRecordError)) throw error;
    }
  }
}
