/**
 * The first part of every key in the store, one per kind of record, so that recovery reads one kind as one range
 * and two engines can never write the same key. Account and region follow, then what the kind needs.
 */
export const KEYSPACE = {
  queue: 'queue',
  message: 'queue.message',
  messageVisibility: 'queue.visibility',
  bus: 'bus',
  rule: 'bus.rule',
  delivery: 'bus.delivery',
  pipe: 'pipe',
  pipeBatch: 'pipe.batch',
  function: 'function',
  functionCode: 'function.code',
  invocation: 'function.invocation',
  logGroup: 'log.group',
  logStream: 'log.stream',
  logEvents: 'log.events',
  stateMachine: 'workflow',
  execution: 'workflow.execution',
  executionHistory: 'workflow.history',
  table: 'table',
  item: 'table.item',
  identity: 'identity',
  traceEffect: 'trace.effect',
  traceCause: 'trace.cause',
} as const;
