import type { CreateTableInput, CreateTableOutput } from '../../../api/dynamodb.ts';
import { notImplementedError } from '../../../base/errors.ts';
import type { TableConfig } from '../../../engine/table/table-record.ts';
import type { Handler } from '../../service.ts';
import * as errors from '../errors.ts';
import { TABLE_NAME_LENGTH_MAX, TABLE_NAME_LENGTH_MIN } from '../limits.ts';
import { checkDefinitionsUsed, parseIndexes } from '../indexes.ts';
import { KeyTypes, parseOnDemandMaximum, parseThroughput } from '../model.ts';
import { describeTable } from '../table-description.ts';
import type { DynamodbDependencies } from '../service.ts';
import { findTable, tableNameOf } from '../table-name.ts';
import { toTags } from '../tags.ts';

export function createTable({ tables }: DynamodbDependencies): Handler<CreateTableInput, CreateTableOutput> {
  return (input, call) => {
    const name = tableNameOf(input.TableName);
    requireName(name);
    const config = parseConfig(input);
    refuseUnbuilt(input);
    const definitions = input.AttributeDefinitions ?? [];
    const types = new KeyTypes(definitions);
    const keySchema = types.schema(input.KeySchema ?? []);
    const isProvisioned = config.provisionedThroughput !== undefined;
    const indexes = parseIndexes(input, { keySchema, types, isProvisioned });
    checkDefinitionsUsed(definitions, [keySchema, ...indexes.map((index) => index.keySchema)]);
    const tags = toTags(input.Tags ?? []);
    const existing = findTable(tables, call, name);
    if (existing !== undefined) {
      call.readAt(existing.position);
      throw errors.tableExists(name);
    }
    const created = { ...call.scope, name, keySchema, indexes, config, tags };
    const table = call.turn((turn) => tables.create(turn, created));
    return { TableDescription: describeTable(table, 'CREATING') };
  };
}

function requireName(name: string): void {
  if (name.length < TABLE_NAME_LENGTH_MIN || name.length > TABLE_NAME_LENGTH_MAX) {
    throw errors.tableNameLength();
  }
  if (!/^[A-Za-z0-9_.-]+$/.test(name)) throw errors.tableNamePattern(name);
}

function parseConfig(input: CreateTableInput): TableConfig {
  const { BillingMode: billingMode = 'PROVISIONED', ProvisionedThroughput: throughput } = input;
  if (billingMode === 'PROVISIONED' && throughput === undefined) {
    throw errors.invalidValues(
      'ReadCapacityUnits and WriteCapacityUnits must both be specified when BillingMode is PROVISIONED',
    );
  }
  if (billingMode === 'PAY_PER_REQUEST' && throughput !== undefined) {
    throw errors.invalidValues(
      'Neither ReadCapacityUnits nor WriteCapacityUnits can be specified when BillingMode is PAY_PER_REQUEST',
    );
  }
  return {
    isDeletionProtected: input.DeletionProtectionEnabled ?? false,
    ...(throughput === undefined ? {} : { provisionedThroughput: parseThroughput(throughput) }),
    ...(input.TableClass === undefined ? {} : { tableClass: input.TableClass }),
    ...(input.OnDemandThroughput === undefined
      ? {}
      : { onDemandMaximum: parseOnDemandMaximum(input.OnDemandThroughput) }),
  };
}

/** Says by name what a table would lack, rather than making one that behaves otherwise than asked. */
function refuseUnbuilt(input: CreateTableInput): void {
  const unbuilt: [string, boolean][] = [
    ['StreamSpecification.StreamEnabled', input.StreamSpecification?.StreamEnabled === true],
    ['SSESpecification.Enabled', input.SSESpecification?.Enabled === true],
    ['WarmThroughput', input.WarmThroughput !== undefined],
    ['ResourcePolicy', input.ResourcePolicy !== undefined],
    ['GlobalTableSourceArn', input.GlobalTableSourceArn !== undefined],
    ['GlobalTableSettingsReplicationMode', input.GlobalTableSettingsReplicationMode !== undefined],
  ];
  for (const [member, isAsked] of unbuilt) {
    if (isAsked) throw notImplementedError(`The parameter ${member} of CreateTable`);
  }
  if (input.StreamSpecification?.StreamViewType !== undefined) {
    throw errors.invalidValues(
      'Table is being created with a stream disabled, UpdateViewType should not be specified',
    );
  }
}
