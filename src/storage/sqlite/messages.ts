/** What the threads of a SQLite store tell each other. */
import type { Key, Lease, Position } from '../store.ts';
import type { StoreFiles, Synchronous } from './database.ts';

export interface WriterOptions {
  readonly files: StoreFiles;
  readonly synchronous: Synchronous;
}

export type WriterCommand =
  /** The main thread has read the journal: from now on rows may leave it. */
  | { readonly kind: 'start' }
  /** Write this batch (`journal.ts`) as the commit at this position. One at a time. */
  | { readonly kind: 'commit'; readonly position: Position; readonly batch: Uint8Array<ArrayBuffer> }
  | { readonly kind: 'storeLease'; readonly id: number; readonly lease: Lease }
  /** Bring everything committed so far to the table. */
  | { readonly kind: 'settle'; readonly id: number }
  /** The WAL has grown too far: finish the checkpoint while nothing else is written. */
  | { readonly kind: 'resetWal' }
  | { readonly kind: 'close' };

export type WriterReport =
  | { readonly kind: 'opened'; readonly position: Position; readonly leases: readonly Lease[] }
  | { readonly kind: 'durable'; readonly position: Position }
  /** The table has everything up to here. */
  | { readonly kind: 'applied'; readonly position: Position }
  | { readonly kind: 'done'; readonly id: number }
  | { readonly kind: 'checkpointDue' };

export type HelperCommand =
  | { readonly kind: 'checkpoint'; readonly id: number }
  | { readonly kind: 'backup'; readonly id: number; readonly path: string }
  | { readonly kind: 'verify'; readonly id: number }
  | { readonly kind: 'scrub'; readonly id: number; readonly from: Key }
  | { readonly kind: 'close' };

export type HelperReport =
  | { readonly kind: 'done'; readonly id: number; readonly result: unknown }
  | { readonly kind: 'refused'; readonly id: number; readonly message: string }
  /** A checkpoint met an I/O error: what of the store is on disk is unknown from now on. */
  | { readonly kind: 'diskFailed'; readonly id: number; readonly message: string };
