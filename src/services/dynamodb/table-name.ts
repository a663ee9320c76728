/** How requests name a table: by its name, in the account and region of the request, or by its ARN. */
import { parseArn } from '../../base/arn.ts';
import type { Table } from '../../engine/table/table.ts';
import type { Tables } from '../../engine/table/tables.ts';
import type { Call } from '../service.ts';
import * as errors from './errors.ts';

const TABLE_RESOURCE = /^table\/([A-Za-z0-9_.-]{3,255})$/;

const TABLE_NAME = /^[A-Za-z0-9_.-]+$/;

/** The name in what may be an ARN. */
export function tableNameOf(nameOrArn: string): string {
  return TABLE_RESOURCE.exec(parseArn(nameOrArn)?.resource ?? '')?.[1] ?? nameOrArn;
}

export function findTable(tables: Tables, call: Call, nameOrArn: string): Table | undefined {
  return nameOrArn.startsWith('arn:') ? tables.find(nameOrArn) : tables.get(call.scope, nameOrArn);
}

/**
 * The table of an operation on items. Throws `ResourceNotFoundException`, which does not name the table there, or
 * `ValidationException` for what can be no name.
 */
export function requireTable(tables: Tables, call: Call, nameOrArn: string): Table {
  const table = findTable(tables, call, nameOrArn);
  if (table !== undefined) return table;
  throw nameOrArn.startsWith('arn:') || TABLE_NAME.test(nameOrArn)
    ? errors.resourceNotFound()
    : errors.tableNamePattern(nameOrArn);
}

/** The table of an operation on tables. Throws `ResourceNotFoundException`. */
export function requireNamedTable(tables: Tables, call: Call, nameOrArn: string): Table {
  const table = findTable(tables, call, nameOrArn);
  if (table === undefined) throw errors.tableNotFound(tableNameOf(nameOrArn));
  return table;
}

/** The table of an operation on tags. Throws `ResourceNotFoundException`. */
export function requireTableByArn(tables: Tables, arn: string): Table {
  if (parseArn(arn)?.service !== 'dynamodb') throw errors.invalidArn(arn);
  const table = tables.find(arn);
  if (table === undefined) throw errors.arnNotFound(arn);
  return table;
}
