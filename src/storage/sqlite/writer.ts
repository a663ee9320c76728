/**
 * The thread that writes. It owns the one connection that changes the database, and does one thing at a time:
 *
 *   recovering -> waiting <-> committing
 *                    ^  \
 *                    |   +-> applying (a slice of at most 2 ms)
 *                    +------/
 *
 * Recovering takes in the journal. Nothing is applied until the main thread has read it, too (`start`): a row that
 * left in the middle of that would leave the main thread with an overlay older than the table.
 *
 * Committing is an insert of one journal row in a transaction of its own, with an fsync, and the report that it is
 * durable. After it, and whenever the applier (`applier.ts`) says that something is due, the thread runs slices,
 * one per turn of its event loop: a command that arrived meanwhile goes first. While the applier is overfull, a
 * commit waits in `#held` and slices follow each other without a pause; as the main thread sends the next commit
 * only after this one, its callers wait, and that is the back-pressure.
 *
 * Any error ends the thread uncaught: what became of the commit under way is unknown, and a failed fsync must not be
 * tried again (the kernel may have dropped the pages). The store reports it and refuses everything from then on.
 */
import { parentPort, workerData } from 'node:worker_threads';
import type { DatabaseSync, StatementSync } from 'node:sqlite';
import { invariant } from '../../base/assert.ts';
import { systemClock } from '../../base/clock.ts';
import type { Timer } from '../../base/clock.ts';
import { isIntactBatch } from '../journal.ts';
import { StoreFailedError } from '../store.ts';
import type { Lease, Position } from '../store.ts';
import { Applier, UNAPPLIED_SIZE_BYTES_MAX } from './applier.ts';
import { assertComplete, openForWriting, sizeBytesOf } from './database.ts';
import { DurableMark } from './durable-mark.ts';
import type { StoreFiles } from './database.ts';
import type { WriterCommand, WriterOptions, WriterReport } from './messages.ts';

/** Bytes of journal after which a checkpoint is asked for. Applying writes about as much again. */
const CHECKPOINT_EVERY_BYTES = 4 * 2 ** 20;

type CommitCommand = WriterCommand & { readonly kind: 'commit' };

/** What tests put in the place of the thread's own. */
export interface WriterPace {
  /** Runs a slice in a later turn of the event loop. */
  readonly defer: (slice: () => void) => void;
  readonly unappliedSizeBytesMax: number;
}

const PACE: WriterPace = {
  defer: (slice) => setImmediate(slice),
  unappliedSizeBytesMax: UNAPPLIED_SIZE_BYTES_MAX,
};

export class Writer {
  readonly #pace: WriterPace;
  readonly #report: (report: WriterReport) => void;
  readonly #database: DatabaseSync;
  readonly #mark: DurableMark;
  readonly #applier: Applier;
  readonly #appendJournal: StatementSync;
  readonly #storeLease: StatementSync;
  readonly #settling: { readonly id: number; readonly position: Position }[] = [];
  /** A commit that waits until the applier has room again. */
  #held: CommitCommand | undefined;
  #position: Position = 0;
  #appliedPosition: Position = 0;
  #bytesSinceCheckpoint = 0;
  #isSliceScheduled = false;
  #isClosed = false;
  /** Physical pacing, not state: so it goes by the system's clock even where the region's is steered. */
  #timer: Timer | undefined;

  constructor(options: WriterOptions, report: (report: WriterReport) => void, pace: WriterPace = PACE) {
    this.#report = report;
    this.#pace = pace;
    const { files } = options;
    const isLeftByCrash = sizeBytesOf(files.wal) > 0;
    this.#database = openForWriting(files, options.synchronous);
    this.#appendJournal = this.#database.prepare('INSERT INTO journal VALUES (?, ?)');
    this.#storeLease = this.#database.prepare('INSERT OR REPLACE INTO lease VALUES (?, ?, ?, ?)');
    this.#applier = new Applier({
      database: this.#database,
      clock: systemClock,
      isSynchronous: options.synchronous === 'FULL',
      unappliedSizeBytesMax: pace.unappliedSizeBytesMax,
      onApplied: (position) => this.#applied(position),
    });
    this.#recover(files);
    if (isLeftByCrash) this.#keepRecovered();
    this.#mark = new DurableMark(files.mark);
    const leases = this.#database.prepare('SELECT name, owner, epoch, expiresAtMs FROM lease').all();
    this.#report({ kind: 'opened', position: this.#position, leases: leases as unknown as Lease[] });
  }

  /**
   * Takes in what the journal still holds. A row that does not fit its checksum is never the torn end of a write:
   * the frames of the WAL carry checksums of their own, so SQLite shows a transaction whole or not at all. It is
   * damage to a commit that may have been acknowledged, and later commits build on it. So there is no row, not
   * even the last, that could be left out without guessing: the store does not open.
   */
  #recover(files: StoreFiles): void {
    const dropped = this.#database.prepare('SELECT droppedPosition FROM progress').get();
    this.#position = Number(dropped?.['droppedPosition']);
    this.#appliedPosition = this.#position;
    for (const row of this.#database
      .prepare('SELECT position, batch FROM journal ORDER BY position')
      .iterate()) {
      const { position, batch } = row;
      invariant(batch instanceof Uint8Array, 'the journal holds bytes');
      if (position !== this.#position + 1 || !isIntactBatch(batch))
        throw new StoreFailedError(
          `the journal in ${files.directory} is damaged at commit ${this.#position + 1}`,
        );
      this.#position = position;
      this.#applier.add(position, batch);
    }
    assertComplete(files, this.#position);
  }

  /**
   * The last commits before a `kill -9` may have been written and never synced. From now on they are read, and what
   * is read counts as durable: so first all of it goes into the database, with an fsync. That empties the WAL, too,
   * which lives too short for a checkpoint of their own would let grow from start to start (354 MB after 40 kills).
   */
  #keepRecovered(): void {
    this.#database.exec('PRAGMA wal_checkpoint(TRUNCATE)');
  }

  perform(command: WriterCommand): void {
    switch (command.kind) {
      case 'start':
        break;
      case 'commit':
        if (this.#applier.isOverfull) this.#held = command;
        else this.#commit(command);
        break;
      case 'storeLease': {
        const { name, owner, epoch, expiresAtMs } = command.lease;
        this.#storeLease.run(name, owner, epoch, expiresAtMs);
        this.#report({ kind: 'done', id: command.id });
        break;
      }
      case 'settle':
        this.#settling.push({ id: command.id, position: this.#position });
        this.#applier.settle(this.#position);
        this.#answerSettled();
        break;
      case 'resetWal':
        // Nobody else writes meanwhile, so this one gets to the end, and the next commit starts the WAL anew.
        this.#database.exec('PRAGMA wal_checkpoint(PASSIVE)');
        break;
      case 'close':
        this.#close();
        return;
    }
    this.#schedule();
  }

  #close(): void {
    this.#isClosed = true;
    this.#timer?.cancel();
    this.#database.close();
    this.#mark.close();
    parentPort?.close();
  }

  #commit({ position, batch }: CommitCommand): void {
    this.#appendJournal.run(position, batch);
    this.#mark.write(position);
    this.#report({ kind: 'durable', position });
    this.#position = position;
    this.#applier.add(position, batch);
    this.#bytesSinceCheckpoint += batch.length;
    if (this.#bytesSinceCheckpoint > CHECKPOINT_EVERY_BYTES) {
      this.#bytesSinceCheckpoint = 0;
      this.#report({ kind: 'checkpointDue' });
    }
  }

  /** Sees to it that slices are run when they are due. */
  #schedule(): void {
    const dueInMs = this.#applier.dueInMs;
    if (dueInMs === undefined || this.#isSliceScheduled) return;
    if (dueInMs === 0) {
      this.#isSliceScheduled = true;
      this.#pace.defer(() => this.#slice());
    } else {
      this.#timer ??= systemClock.callAt(systemClock.now() + dueInMs, () => {
        this.#timer = undefined;
        this.#schedule();
      });
    }
  }

  #slice(): void {
    this.#isSliceScheduled = false;
    if (this.#isClosed) return;
    if (this.#applier.dueInMs !== 0) return this.#schedule();
    this.#applier.slice();
    if (this.#held !== undefined && !this.#applier.isOverfull) {
      const held = this.#held;
      this.#held = undefined;
      this.#commit(held);
    }
    this.#schedule();
  }

  #applied(position: Position): void {
    this.#appliedPosition = position;
    this.#report({ kind: 'applied', position });
    this.#answerSettled();
  }

  #answerSettled(): void {
    while (this.#settling[0] !== undefined && this.#settling[0].position <= this.#appliedPosition) {
      this.#report({ kind: 'done', id: this.#settling[0].id });
      this.#settling.shift();
    }
  }
}

if (parentPort !== null) {
  const port = parentPort;
  const writer = new Writer(workerData as WriterOptions, (report) => port.postMessage(report));
  port.on('message', (command: WriterCommand) => writer.perform(command));
}
