/**
 * Which partition an entity belongs to. A region's entities are spread over a fixed number of partitions, so that
 * several nodes can share a region by owning some of them each (docs/adr/0004). One node owns all of them, and asks
 * nothing of this file on its way to a commit.
 *
 * The partition of an entity may never change while there are records of it: where it lies is decided here and
 * nowhere else, and a test pins it.
 */
import { crc32 } from 'node:zlib';
import { key, keyParts } from '../../storage/keys.ts';
import type { Key } from '../../storage/store.ts';
import { KEYSPACE } from '../keyspace.ts';

/** Fixed for good: it is part of what is stored. The most nodes that can share one region. */
export const PARTITION_COUNT = 64;

/** What is owned and moved as one: all records of an entity are changed by one node. */
export type EntityKind =
  | 'queue'
  | 'bus'
  | 'endpoint'
  | 'endpoint-failover'
  | 'delivery'
  | 'pipe'
  | 'function'
  | 'log-group'
  | 'state-machine'
  | 'execution'
  | 'table'
  | 'table-partition'
  | 'identity'
  | 'zone'
  | 'dns-change'
  | 'health-check'
  | 'transaction';

/**
 * The CRC-32 of the entity's key, which is the kind and what names it, encoded as a key of the store; its low six
 * bits. The parts are account, region and names, the account and region of a caller's own.
 */
export function partitionOf(kind: EntityKind, ...parts: readonly (string | number)[]): number {
  return crc32(Buffer.from(key(kind, ...parts), 'latin1')) % PARTITION_COUNT;
}

type PartKind = 'text' | 'number' | 'skipped-number';

/** How the entity of a record is read off its key: the parts after the kind of record. */
interface EntityShape {
  readonly kind: EntityKind;
  readonly parts: readonly PartKind[];
}

const named = (kind: EntityKind): EntityShape => ({ kind, parts: ['text', 'text', 'text'] });
const NAMED_TWICE: readonly PartKind[] = ['text', 'text', 'text', 'text'];

/**
 * Every kind of record and the entity that it belongs to. Those of `node` are written by a node about itself, in
 * whichever of its turns: each node has its own, and they move with nobody.
 */
const ENTITIES: { readonly [Name in keyof typeof KEYSPACE]: EntityShape | 'node' } = {
  probe: 'node',
  home: 'node',
  quarantine: 'node',
  queue: named('queue'),
  message: named('queue'),
  messageVisibility: named('queue'),
  messageDeduplication: named('queue'),
  bus: named('bus'),
  rule: named('bus'),
  ruleDue: named('bus'),
  // Of the region that writes it, whichever holds it.
  endpoint: { kind: 'endpoint', parts: NAMED_TWICE },
  endpointFailover: { kind: 'endpoint-failover', parts: ['text', 'text'] },
  busLog: 'node',
  delivery: named('delivery'),
  postponed: 'node',
  pipe: named('pipe'),
  pipeBatch: named('pipe'),
  function: named('function'),
  functionCode: named('function'),
  invocation: 'node',
  logGroup: named('log-group'),
  logStream: named('log-group'),
  logEvents: named('log-group'),
  stateMachine: named('state-machine'),
  stateMachineRevision: named('state-machine'),
  execution: { kind: 'execution', parts: NAMED_TWICE },
  executionEnded: { kind: 'execution', parts: NAMED_TWICE },
  // Written in the commits of the execution; listing a machine's executions reads them wherever they are.
  executionIndex: { kind: 'execution', parts: ['text', 'text', 'text', 'skipped-number', 'text'] },
  executionHistory: { kind: 'execution', parts: NAMED_TWICE },
  table: named('table'),
  tableStats: named('table'),
  // The table, which of its generations, and the hash of the item's partition key.
  item: { kind: 'table-partition', parts: ['text', 'text', 'text', 'number', 'number'] },
  // An entry of an index is written with its item and moves with the table, as long as one node has all of a table.
  indexEntry: named('table'),
  transactionToken: named('transaction'),
  identity: named('identity'),
  // Of the account, in every region.
  zone: { kind: 'zone', parts: ['text', 'text'] },
  recordSet: { kind: 'zone', parts: ['text', 'text'] },
  dnsChange: { kind: 'dns-change', parts: ['text', 'skipped-number', 'text'] },
  healthCheck: { kind: 'health-check', parts: ['text', 'text'] },
  outbox: 'node',
  peerStream: 'node',
  peerCursor: 'node',
  peerSnapshot: 'node',
  peerRecord: 'node',
  arrivedEvent: 'node',
  lateEvent: 'node',
  traceEffect: 'node',
  traceBlock: 'node',
  traceIndex: 'node',
};

const SHAPES: ReadonlyMap<string, EntityShape | 'node'> = new Map(
  Object.entries(ENTITIES).map(([name, shape]) => [KEYSPACE[name as keyof typeof KEYSPACE], shape]),
);

/** The partition of a record's entity; `undefined` for what a node writes about itself. Throws for no known kind. */
export function partitionOfRecord(recordKey: Key): number | undefined {
  const space = String(keyParts(recordKey, ['text'])[0]);
  const shape = SHAPES.get(space);
  if (shape === undefined) throw new TypeError(`no kind of record is called ${space}`);
  if (shape === 'node') return undefined;
  const kinds = shape.parts.map((part) => (part === 'skipped-number' ? 'number' : part));
  const parts = keyParts(recordKey, ['text', ...kinds]).slice(1);
  return partitionOf(shape.kind, ...parts.filter((_, index) => shape.parts[index] !== 'skipped-number'));
}
