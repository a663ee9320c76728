/**
 * The first part of every key in the store, one per kind of record, so that recovery reads one kind as one range
 * and two engines can never write the same key. Account and region follow, then what the kind needs; only logs that
 * grow old by the hour (bus.log, trace.*) are keyed by their sequence alone, so that one range removes what is old.
 */
export const KEYSPACE = {
  probe: 'probe',
  /** Which region is home, once an operator has moved it. */
  home: 'home',
  quarantine: 'quarantine',
  queue: 'queue',
  message: 'queue.message',
  messageVisibility: 'queue.visibility',
  messageDeduplication: 'queue.deduplication',
  bus: 'bus',
  rule: 'bus.rule',
  ruleDue: 'bus.due',
  /** Global endpoints, and which of them have left their primary region for good. */
  endpoint: 'endpoint',
  endpointFailover: 'endpoint.failover',
  busLog: 'bus.log',
  delivery: 'bus.delivery',
  postponed: 'bus.postponed',
  pipe: 'pipe',
  pipeBatch: 'pipe.batch',
  function: 'function',
  functionCode: 'function.code',
  invocation: 'function.invocation',
  logGroup: 'log.group',
  logStream: 'log.stream',
  logEvents: 'log.events',
  stateMachine: 'workflow',
  stateMachineRevision: 'workflow.revision',
  /** Executions that run; a finished one moves to `executionEnded`, so that recovery reads what is live alone. */
  execution: 'workflow.execution',
  executionEnded: 'workflow.ended',
  /** By machine and start, newest first, for ListExecutions. */
  executionIndex: 'workflow.index',
  executionHistory: 'workflow.history',
  table: 'table',
  tableStats: 'table.stats',
  item: 'table.item',
  indexEntry: 'table.index',
  transactionToken: 'table.token',
  identity: 'identity',
  zone: 'dns.zone',
  recordSet: 'dns.record-set',
  dnsChange: 'dns.change',
  healthCheck: 'dns.health-check',
  /** Parcels that wait for a peer, how far each stream to one is, and how far each from one has been taken. */
  outbox: 'peer.outbox',
  peerStream: 'peer.stream',
  peerCursor: 'peer.cursor',
  /** Which snapshot a peer has sent, and which records came from it. */
  peerSnapshot: 'peer.snapshot',
  peerRecord: 'peer.record',
  /** Events that came from other regions, to take each once, and those among them that came late. */
  arrivedEvent: 'peer.arrived',
  lateEvent: 'peer.late',
  traceEffect: 'trace.effect',
  traceBlock: 'trace.block',
  traceIndex: 'trace.index',
} as const;
