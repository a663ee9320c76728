/**
 * UpdateTable, as far as a table is more than its items: billing, class, protection. What it does not do yet is
 * refused by name. Throughput is kept and described; nothing is throttled.
 */
import type { UpdateTableInput, UpdateTableOutput } from '../../../api/dynamodb.ts';
import { notImplementedError } from '../../../base/errors.ts';
import type { Turn } from '../../../engine/loop.ts';
import type { Table } from '../../../engine/table/table.ts';
import type { Tables } from '../../../engine/table/tables.ts';
import type { ProvisionedThroughput, TableConfig, TableRecord } from '../../../engine/table/table-record.ts';
import type { Handler } from '../../service.ts';
import * as errors from '../errors.ts';
import { type IndexChange, parseIndexChanges } from '../indexes.ts';
import { parseOnDemandMaximum, parseThroughput } from '../model.ts';
import { describeTable } from '../table-description.ts';
import type { DynamodbDependencies } from '../service.ts';
import { requireNamedTable } from '../table-name.ts';

export function updateTable({ tables }: DynamodbDependencies): Handler<UpdateTableInput, UpdateTableOutput> {
  return (input, call) => {
    refuseUnbuilt(input);
    requireChange(input);
    const table = requireNamedTable(tables, call, input.TableName);
    const billing = changeBilling(table.record, input);
    const indexChanges = parseIndexChanges(
      table,
      input.GlobalSecondaryIndexUpdates ?? [],
      input.AttributeDefinitions ?? [],
    );
    call.turn((turn) => {
      const config: TableConfig = {
        ...billing,
        ...(input.BillingMode === undefined ? {} : { billingChangedAtMs: turn.now }),
        ...(input.DeletionProtectionEnabled === undefined
          ? {}
          : { isDeletionProtected: input.DeletionProtectionEnabled }),
        ...(input.TableClass === undefined
          ? {}
          : { tableClass: input.TableClass, tableClassChangedAtMs: turn.now }),
        ...(input.OnDemandThroughput === undefined
          ? {}
          : { onDemandMaximum: parseOnDemandMaximum(input.OnDemandThroughput) }),
      };
      tables.update(turn, table, { config });
      for (const change of indexChanges) applyIndexChange(turn, tables, table, change);
    });
    return { TableDescription: describeTable(table, 'UPDATING') };
  };
}

function applyIndexChange(turn: Turn, tables: Tables, table: Table, change: IndexChange): void {
  if (change.kind === 'create') tables.addIndex(turn, table, change.index);
  else if (change.kind === 'delete') tables.removeIndex(turn, table, change.index);
  else {
    const provisionedThroughput = parseThroughput(change.throughput);
    const indexes = table.record.indexes.map((index) =>
      index.name === change.name ? { ...index, provisionedThroughput } : index,
    );
    tables.update(turn, table, { indexes });
  }
}

function refuseUnbuilt(input: UpdateTableInput): void {
  const unbuilt: [string, boolean][] = [
    ['StreamSpecification', input.StreamSpecification !== undefined],
    ['ReplicaUpdates', input.ReplicaUpdates !== undefined],
    ['SSESpecification.Enabled', input.SSESpecification?.Enabled === true],
    ['WarmThroughput', input.WarmThroughput !== undefined],
    ['MultiRegionConsistency', input.MultiRegionConsistency !== undefined],
    ['GlobalTableWitnessUpdates', input.GlobalTableWitnessUpdates !== undefined],
    ['GlobalTableSettingsReplicationMode', input.GlobalTableSettingsReplicationMode !== undefined],
  ];
  for (const [member, isAsked] of unbuilt) {
    if (isAsked) throw notImplementedError(`The parameter ${member} of UpdateTable`);
  }
}

function requireChange(input: UpdateTableInput): void {
  const changes = [
    input.ProvisionedThroughput,
    input.BillingMode,
    input.DeletionProtectionEnabled,
    input.TableClass,
    input.OnDemandThroughput,
    input.SSESpecification,
    input.GlobalSecondaryIndexUpdates,
  ];
  if (changes.some((change) => change !== undefined)) return;
  throw errors.validation(
    'At least one of ProvisionedThroughput, BillingMode, UpdateStreamEnabled, GlobalSecondaryIndexUpdates or ' +
      'SSESpecification or ReplicaUpdates is required',
  );
}

function changeBilling({ config }: TableRecord, input: UpdateTableInput): TableConfig {
  const { provisionedThroughput: before, ...rest } = config;
  const billingMode = input.BillingMode ?? (before === undefined ? 'PAY_PER_REQUEST' : 'PROVISIONED');
  if (billingMode === 'PAY_PER_REQUEST') {
    if (input.ProvisionedThroughput === undefined) return rest;
    throw errors.invalidValues(
      'Neither ReadCapacityUnits nor WriteCapacityUnits can be specified when BillingMode is PAY_PER_REQUEST',
    );
  }
  if (input.ProvisionedThroughput === undefined) {
    if (before !== undefined) return config;
    throw errors.invalidValues(
      'ReadCapacityUnits and WriteCapacityUnits must both be specified when BillingMode is PROVISIONED',
    );
  }
  const after = parseThroughput(input.ProvisionedThroughput);
  if (input.BillingMode === undefined) requireOtherThroughput(before, after);
  return { ...rest, provisionedThroughput: after };
}

function requireOtherThroughput(
  before: ProvisionedThroughput | undefined,
  after: ProvisionedThroughput,
): void {
  if (before?.readUnits !== after.readUnits || before.writeUnits !== after.writeUnits) return;
  throw errors.validation(
    'The provisioned throughput for the table will not change. The requested value equals the current value. ' +
      `Current ReadCapacityUnits provisioned for the table: ${before.readUnits}. ` +
      `Requested ReadCapacityUnits: ${after.readUnits}. ` +
      `Current WriteCapacityUnits provisioned for the table: ${before.writeUnits}. ` +
      `Requested WriteCapacityUnits: ${after.writeUnits}. ` +
      'Refer to the Amazon DynamoDB Developer Guide for current limits and how to request higher limits.',
  );
}
