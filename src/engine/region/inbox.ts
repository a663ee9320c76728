/**
 * Takes what peers send: a batch is one turn, which holds the new cursor too, and is answered once it is on disk. So a
 * parcel is applied once, however often its batch comes: what the cursor has passed is skipped.
 *
 * What a handler refused is kept beside the cursor until the sender has shown, by what it asks next, that it knows:
 * an answer can get lost, and the refusals with it.
 */
import { AwsError, errorMessage } from '../../base/errors.ts';
import { decodeHead, encodeRecord } from '../../storage/codec.ts';
import { key, keyParts, prefixRange } from '../../storage/keys.ts';
import type { Position } from '../../storage/store.ts';
import { KEYSPACE } from '../keyspace.ts';
import type { Loop, Turn } from '../loop.ts';
import {
  type Batch,
  type BatchAnswer,
  type Parcel,
  type ParcelHandler,
  parseBatch,
  type Refusal,
  type Sender,
} from './parcel.ts';

type NumberedRefusal = Refusal & { readonly number: number };

/** What is stored of a peer that sends. */
interface CursorRecord {
  readonly incarnation: number;
  readonly upTo: number;
  readonly refusals: readonly NumberedRefusal[];
}

interface Cursor extends CursorRecord {
  /** What makes it durable. */
  readonly position: Position;
}

export interface InboxOptions {
  readonly loop: Loop;
  /** By kind of parcel. */
  readonly handlers: ReadonlyMap<string, ParcelHandler>;
}

export class Inbox {
  readonly #loop: Loop;
  readonly #handlers: ReadonlyMap<string, ParcelHandler>;
  readonly #cursors = new Map<string, Cursor>();

  constructor({ loop, handlers }: InboxOptions) {
    this.#loop = loop;
    this.#handlers = handlers;
  }

  start(): void {
    const { store, quarantine } = this.#loop;
    const range = prefixRange(key(KEYSPACE.peerCursor));
    quarantine.each('configuration', store.range(...range), ({ key: recordKey, value }) => {
      const region = String(keyParts(recordKey, ['text', 'text'])[1]);
      this.#cursors.set(region, { ...decodeHead<CursorRecord>(value), position: store.durablePosition });
    });
  }

  /** Answers a batch of the peer `region` when all of it is on disk. `body` is what came over the wire. */
  async take(body: unknown, region: string): Promise<BatchAnswer> {
    const batch = parseBatch(body);
    if (batch === undefined) throw new AwsError('ValidationException', 'This is no batch of parcels.');
    const { store } = this.#loop;
    if (!store.acceptsWrites) throw unavailable('The disk is nearly full.');
    const known = this.#cursors.get(region);
    if (!canFollow(known, batch)) return { kind: 'unknown', incarnation: known?.incarnation ?? 0 };
    const { position, upTo, refusals } = this.#advance(batch, region, known);
    await store.whenDurable(position);
    return { kind: 'taken', upTo, refusals };
  }

  #advance(batch: Batch, region: string, known: Cursor | undefined): Cursor {
    const isNew = known?.incarnation !== batch.incarnation || known.upTo < batch.after;
    const before = isNew || known === undefined ? { upTo: batch.base, refusals: [] } : known;
    if (known !== undefined && !isNew && batch.upTo <= known.upTo) return known;
    const sender = { region, incarnation: batch.incarnation };
    return this.#loop.turn((turn) => {
      // The sender has heard of those before.
      const refusals = before.refusals.filter(({ number }) => number > batch.after);
      for (const parcel of batch.parcels) {
        if (parcel.number <= before.upTo) continue;
        const refusal = this.#apply(turn, parcel, sender);
        if (refusal !== undefined) refusals.push({ ...refusal, number: parcel.number });
      }
      const upTo = Math.max(before.upTo, batch.upTo);
      const record: CursorRecord = { incarnation: batch.incarnation, upTo, refusals };
      turn.put(key(KEYSPACE.peerCursor, region), encodeRecord(record));
      const cursor = { ...record, position: turn.position };
      this.#cursors.set(region, cursor);
      return cursor;
    });
  }

  /** One parcel that our own code cannot work on must not hold up those behind it. */
  #apply(turn: Turn, parcel: Parcel, sender: Sender): Refusal | undefined {
    const handler = this.#handlers.get(parcel.kind);
    if (handler === undefined) {
      return {
        code: 'INTERNAL_ERROR',
        message: `Nothing takes a ${parcel.kind} here.`,
        isRetryable: false,
      };
    }
    try {
      return handler.apply(turn, parcel, sender);
    } catch (error) {
      const message = errorMessage(error);
      const subject = `${parcel.kind} ${parcel.number} of ${sender.region}`;
      this.#loop.quarantine.add('delivery', subject, message);
      return { code: 'INTERNAL_ERROR', message, isRetryable: false };
    }
  }
}

/**
 * Whether a receiver at `known` can take the batch. Nothing may be missing between its cursor and the batch, but where
 * the sender says that its stream begins; and a stream that another has taken the place of is over, however late the
 * last of its batches come.
 */
function canFollow(known: Cursor | undefined, { incarnation, base, after }: Batch): boolean {
  if (known === undefined || incarnation > known.incarnation) return after === base;
  if (incarnation < known.incarnation) return false;
  return after <= known.upTo || after === base;
}

function unavailable(message: string): AwsError {
  return new AwsError('ServiceUnavailable', message, { httpStatus: 503, fault: 'server' });
}
