/**
 * A message, its two records and its receipt handles.
 *
 * The record of the message is written once, when it is sent. What changes with every receive is small and has a
 * record of its own, so that receiving never rewrites a body.
 */
import { crc32 } from 'node:zlib';
import type { Cause } from '../cause.ts';
import { KEYSPACE } from '../keyspace.ts';
import { decodeHead, decodeRecord, encodeRecord } from '../../storage/codec.ts';
import { key, keyParts } from '../../storage/keys.ts';
import type { Key, Position, Value } from '../../storage/store.ts';
import type { QueueRecord } from './queue-record.ts';

/** A message attribute as the API has it; binary values are base64 text. */
export interface MessageAttribute {
  readonly dataType: string;
  readonly stringValue?: string;
  readonly binaryValue?: string;
}

export type MessageAttributes = Readonly<Record<string, MessageAttribute>>;

/** What was sent: everything of a message that never changes. */
export interface MessageHead {
  readonly id: string;
  readonly sentAtMs: number;
  readonly visibleAtMs: number;
  readonly senderId: string;
  readonly bodyMd5: string;
  readonly attributes?: MessageAttributes;
  readonly attributesMd5?: string;
  readonly systemAttributes?: MessageAttributes;
  readonly systemAttributesMd5?: string;
  readonly cause?: Cause;
  /** ARN of the queue that gave this message up to a dead-letter queue. */
  readonly deadLetterSource?: string;
  /** Of messages of FIFO queues, and of no others. */
  readonly groupId?: string;
  readonly deduplicationId?: string;
}

/** What a receiver gets. */
export interface MessageContent {
  readonly head: MessageHead;
  readonly body: string;
}

/** What stays in memory of every message, a few hundred bytes. Attributes may be a megabyte. */
export function withoutAttributes(head: MessageHead): MessageHead {
  const { attributes: _, systemAttributes: __, ...rest } = head;
  return rest;
}

/** What receiving changes. */
export interface Visibility {
  readonly visibleAtMs: number;
  readonly receiveCount: number;
  readonly firstReceivedAtMs: number;
  /** Taken by a consumer inside the platform: a crash ends its hold at once. */
  readonly isHeld?: true;
  readonly attempt?: AttemptId;
}

/** Names a receive that its receiver may repeat: the id that it gave, and when it first did. */
export interface AttemptId {
  readonly id: string;
  readonly atMs: number;
}

export interface Message {
  /** Counts within the queue, and orders its groups; standard queues hand out in this order, too. */
  readonly sequence: number;
  /** Without its attributes when memory is short: `Queue.content` has all of it. */
  readonly head: MessageHead;
  /** Undefined when memory is short: then it is read from the store. */
  body: string | undefined;
  /** What the message takes of the memory for bodies and attributes; 0 when they are in the store alone. */
  readonly heldSizeBytes: number;
  visibleAtMs: number;
  receiveCount: number;
  firstReceivedAtMs: number | undefined;
  isHeld: boolean;
  /** The receive that it was handed out in, where that may be repeated. */
  attempt: AttemptId | undefined;
  /** `gone` messages may still stand in the queue's in-memory order, and are passed over there. */
  state: 'ready' | 'delayed' | 'in-flight' | 'gone';
  /** The last commit that changed it. */
  position: Position;
}

export function messageKey(queue: QueueRecord, sequence: number): Key {
  return key(KEYSPACE.message, queue.account, queue.region, queue.name, queue.generation, sequence);
}

export function visibilityKey(queue: QueueRecord, sequence: number): Key {
  return key(KEYSPACE.messageVisibility, queue.account, queue.region, queue.name, queue.generation, sequence);
}

/** The prefixes under which all messages of a queue lie, for recovery and for removing them at once. */
export function messagePrefixes(queue: QueueRecord): { readonly messages: Key; readonly visibilities: Key } {
  const parts = [queue.account, queue.region, queue.name, queue.generation] as const;
  return {
    messages: key(KEYSPACE.message, ...parts),
    visibilities: key(KEYSPACE.messageVisibility, ...parts),
  };
}

/** The sequence at the end of the key of a message, or of what else is kept of one. */
export function sequenceOfKey(messageKeyOrLike: Key): number {
  const parts = keyParts(messageKeyOrLike, ['text', 'text', 'text', 'text', 'number', 'number']);
  return Number(parts[5]);
}

export function encodeMessage(head: MessageHead, body: string): Value {
  return encodeRecord(head, body);
}

export function decodeMessage(value: Value): MessageContent {
  const { head, texts } = decodeRecord<MessageHead>(value);
  return { head, body: texts[0] ?? '' };
}

export function encodeVisibility(visibility: Visibility): Value {
  return encodeRecord(visibility);
}

export function decodeVisibility(value: Value): Visibility {
  return decodeHead<Visibility>(value);
}

// A receipt handle: generation (8) | sequence (8) | receive count (4) | CRC32 of the message's id (4) | CRC32 of all
// these and the queue's name (4).
const HANDLE_SIZE_BYTES = 28;
const CHECKSUM_AT = HANDLE_SIZE_BYTES - 4;

export interface Receipt {
  readonly sequence: number;
  readonly receiveCount: number;
  /**
   * Tells the message from one that got the same sequence later: the clock that sequences start from may have been
   * set back across a restart.
   */
  readonly idChecksum: number;
}

/** Names one receive of one message. It holds no secret and needs no record, so it survives a crash. */
export function receiptHandle(queue: QueueRecord, message: Message): string {
  const bytes = Buffer.allocUnsafe(HANDLE_SIZE_BYTES);
  bytes.writeDoubleBE(queue.generation, 0);
  bytes.writeDoubleBE(message.sequence, 8);
  bytes.writeUInt32BE(message.receiveCount, 16);
  bytes.writeUInt32BE(crc32(message.head.id), 20);
  bytes.writeUInt32BE(handleChecksum(queue, bytes), CHECKSUM_AT);
  return bytes.toString('base64');
}

/** What a handle of this queue names, or `undefined` when it is not one. */
export function parseReceiptHandle(queue: QueueRecord, handle: string): Receipt | undefined {
  const bytes = Buffer.from(handle, 'base64');
  if (bytes.length !== HANDLE_SIZE_BYTES) return undefined;
  if (bytes.readUInt32BE(CHECKSUM_AT) !== handleChecksum(queue, bytes)) return undefined;
  if (bytes.readDoubleBE(0) !== queue.generation) return undefined;
  return {
    sequence: bytes.readDoubleBE(8),
    receiveCount: bytes.readUInt32BE(16),
    idChecksum: bytes.readUInt32BE(20),
  };
}

/** Whether a receipt is of this message. */
export function isReceiptOf({ idChecksum }: Receipt, { head }: Message): boolean {
  return idChecksum === crc32(head.id);
}

/**
 * Whether the receive that a handle names still hides its message. A crash may have forgotten that receive: then the
 * handle knows of more receives than the message, and is as good as it was.
 */
export function isCurrentHandle(queue: QueueRecord, handle: string, message: Message, now: number): boolean {
  const receiveCount = parseReceiptHandle(queue, handle)?.receiveCount ?? 0;
  if (receiveCount !== message.receiveCount) return receiveCount > message.receiveCount;
  return message.state === 'in-flight' && message.visibleAtMs > now;
}

function handleChecksum(queue: QueueRecord, bytes: Buffer): number {
  return crc32(bytes.subarray(0, CHECKSUM_AT), crc32(`${queue.account}/${queue.region}/${queue.name}`));
}
