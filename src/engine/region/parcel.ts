/**
 * What goes over the stream to a peer, one by one and in order: an event for one of its buses, a record that it is to
 * hold. A parcel is stored in the sender's outbox until the peer has it, with the number that it got there.
 *
 * What a peer says is believed to be a peer's, but its form is checked: it may run another version.
 */
import { isJsonObject } from '../../base/json.ts';
import { decodeRecord, encodeRecord } from '../../storage/codec.ts';
import type { Value } from '../../storage/store.ts';
import type { Turn } from '../loop.ts';

export interface NewParcel {
  /** Names the handler, here and at the peer. */
  readonly kind: string;
  /** Plain data. */
  readonly head: object;
  /** Kept as they are. */
  readonly texts?: readonly string[];
  /** What the peer has not got by then is given back. Milliseconds since the epoch. */
  readonly deadlineMs?: number;
}

export interface Parcel {
  /** Grows by one with each parcel to the same peer. */
  readonly number: number;
  readonly kind: string;
  readonly head: unknown;
  readonly texts: readonly string[];
  /** When it was sent off, milliseconds since the epoch, by the sender's clock. */
  readonly atMs: number;
  readonly deadlineMs?: number;
}

/** Who sent a parcel. */
export interface Sender {
  readonly region: string;
  /** Of the sender's stream: another one means that the sender has lost its store, or goes on from an older copy. */
  readonly incarnation: number;
}

/** Why the peer does not take a parcel, in the words of its handler. Its sender hears of it. */
export interface Refusal {
  readonly code: string;
  readonly message: string;
  readonly isRetryable: boolean;
}

/** What became of a parcel that the peer did not take. */
export type Returned = { readonly kind: 'refused'; readonly refusal: Refusal } | { readonly kind: 'expired' };

/** What sends and takes one kind of parcel. */
export interface ParcelHandler {
  /** At the receiver. Answers a refusal before it has changed anything. It must not throw for what the parcel says. */
  apply(turn: Turn, parcel: Parcel, from: Sender): Refusal | undefined;
  /** At the sender: the peer has refused it, or its deadline has passed. Nothing more is sent of it. */
  takeBack?(turn: Turn, parcel: Parcel, why: Returned): void;
}

/** The sender's share of what is stored; the number is in the key. */
type ParcelHead = Omit<Parcel, 'number' | 'texts'>;

export function encodeParcel({ kind, head, texts = [], deadlineMs }: NewParcel, atMs: number): Value {
  const stored: ParcelHead = { kind, head, atMs, ...(deadlineMs === undefined ? {} : { deadlineMs }) };
  return encodeRecord(stored, ...texts);
}

export function decodeParcel(value: Value, number: number): Parcel {
  const { head, texts } = decodeRecord<ParcelHead>(value);
  return { ...head, number, texts };
}

/** What the receiver is asked to take: all that the sender has after one number and up to another. */
export interface Batch {
  readonly incarnation: number;
  /** Where the stream of this incarnation begins for a receiver that does not know it. */
  readonly base: number;
  /** The receiver has answered for everything up to here. */
  readonly after: number;
  /** The last number that this batch speaks of; what has expired is left out of it. */
  readonly upTo: number;
  readonly parcels: readonly Parcel[];
}

export type BatchAnswer =
  | {
      readonly kind: 'taken';
      /** The receiver has everything up to here, on disk. */
      readonly upTo: number;
      readonly refusals: readonly (Refusal & { readonly number: number })[];
    }
  /** The receiver cannot take it from there: it does not know the stream, or it is behind what it has answered for. */
  | { readonly kind: 'unknown'; readonly incarnation: number };

const isNumber = (value: unknown): value is number => Number.isSafeInteger(value) && Number(value) >= 0;

function isParcel(value: unknown): value is Parcel {
  if (!isJsonObject(value)) return false;
  const { number, kind, texts, atMs } = value;
  const isText = Array.isArray(texts) && texts.every((text) => typeof text === 'string');
  return isNumber(number) && typeof kind === 'string' && isText && isNumber(atMs);
}

/** Undefined for what is no batch. */
export function parseBatch(body: unknown): Batch | undefined {
  if (!isJsonObject(body)) return undefined;
  const { incarnation, base, after, upTo, parcels } = body;
  if (![incarnation, base, after, upTo].every(isNumber) || !Array.isArray(parcels)) return undefined;
  return parcels.every(isParcel) ? (body as unknown as Batch) : undefined;
}

/** Undefined for what is no answer to a batch. */
export function parseBatchAnswer(answer: unknown): BatchAnswer | undefined {
  if (!isJsonObject(answer)) return undefined;
  const { kind, upTo, refusals, incarnation } = answer;
  const isTaken = kind === 'taken' && isNumber(upTo) && Array.isArray(refusals);
  return isTaken || (kind === 'unknown' && isNumber(incarnation))
    ? (answer as unknown as BatchAnswer)
    : undefined;
}
