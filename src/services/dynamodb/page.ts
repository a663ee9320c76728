/** A page of a Query or a Scan: what is read, counted, filtered and answered. */
import type { ReturnConsumedCapacity, Select } from '../../api/dynamodb.ts';
import type { KeyRange } from '../../engine/table/item-key.ts';
import type { Item } from '../../lang/expression/attribute-value.ts';
import { type CompiledCondition, compileCondition, type Predicate } from '../../lang/expression/condition.ts';
import { compileLegacyFilter, type LegacyCondition } from '../../lang/expression/legacy.ts';
import { parseCondition } from '../../lang/expression/parse-condition.ts';
import type { CompiledProjection } from '../../lang/expression/projection.ts';
import { itemSizeBytes } from '../../lang/expression/size.ts';
import type { Substitutions } from '../../lang/expression/substitutions.ts';
import { CapacityMeter, readUnits } from './capacity.ts';
import * as errors from './errors.ts';
import { PAGE_SIZE_BYTES_MAX } from './limits.ts';
import { type ItemSource, startKeyOf } from './source.ts';

export interface PageOptions {
  readonly range: KeyRange | undefined;
  readonly reverse: boolean;
  /** What an index shows of each item, before anything else sees it. */
  readonly show: ((item: Item) => Item) | undefined;
  readonly filter: Predicate | undefined;
  readonly project: ((item: Item) => Item) | undefined;
}

export interface PageInput {
  readonly ConsistentRead?: boolean | undefined;
  readonly Limit?: number | undefined;
  readonly ReturnConsumedCapacity?: ReturnConsumedCapacity | undefined;
  readonly Select?: Select | undefined;
}

/**
 * Reads on until the limit is reached or 1 MB is: the item that reaches it is the last of the page. Limit and size
 * count items before the filter, and a page that stopped there ends with a key even when nothing follows.
 */
export async function readPage(source: ItemSource, input: PageInput, options: PageOptions) {
  const { table, index } = source;
  const { range, reverse, show, filter, project } = options;
  const countMax = input.Limit ?? Number.POSITIVE_INFINITY;
  const items: Item[] = [];
  let scannedCount = 0;
  let sizeBytes = 0;
  let last: Item | undefined;
  if (range !== undefined) {
    await table.walk(range, reverse, (stored) => {
      const item = show === undefined ? stored.item : show(stored.item);
      scannedCount += 1;
      sizeBytes += show === undefined ? stored.sizeBytes : itemSizeBytes(item);
      if (filter === undefined || filter(item)) items.push(item);
      const isFull = scannedCount >= countMax || sizeBytes >= PAGE_SIZE_BYTES_MAX;
      if (isFull) last = stored.item;
      return !isFull;
    });
  }
  const meter = new CapacityMeter(input.ReturnConsumedCapacity, table);
  meter.read(readUnits(sizeBytes, input.ConsistentRead), index?.record);
  return {
    Count: items.length,
    ScannedCount: scannedCount,
    ...(input.Select === 'COUNT' ? {} : { Items: project === undefined ? items : items.map(project) }),
    ...(last === undefined ? {} : { LastEvaluatedKey: startKeyOf(source, last) }),
    ConsumedCapacity: meter.consumed(),
  };
}

export interface SelectInput {
  readonly Select?: Select | undefined;
  readonly IndexName?: string | undefined;
}

/** What Select may say beside a projection, in the service's words. */
export function checkSelect(
  { Select: select, IndexName: indexName }: SelectInput,
  projection: CompiledProjection | undefined,
  verb: 'Querying' | 'Scanning',
): void {
  if (select === 'SPECIFIC_ATTRIBUTES' && projection === undefined) {
    throw errors.validation(
      'Must specify the AttributesToGet or ProjectionExpression when choosing to get SPECIFIC_ATTRIBUTES',
    );
  }
  if (select === 'ALL_PROJECTED_ATTRIBUTES' && indexName === undefined) {
    throw errors.invalidValues(`ALL_PROJECTED_ATTRIBUTES can be used only when ${verb} using an IndexName`);
  }
  if (projection !== undefined && select !== undefined && select !== 'SPECIFIC_ATTRIBUTES') {
    const wanted = select === 'COUNT' ? 'only the Count' : select;
    throw errors.validation(`Cannot specify the AttributesToGet when choosing to get ${wanted}`);
  }
}

export interface FilterInput {
  readonly FilterExpression?: string | undefined;
  readonly filter: { readonly [name: string]: LegacyCondition } | undefined;
  readonly ConditionalOperator?: string | undefined;
}

export function compileAnyFilter(
  input: FilterInput,
  substitutions: Substitutions,
): CompiledCondition | undefined {
  if (input.FilterExpression !== undefined) {
    const node = parseCondition('FilterExpression', input.FilterExpression);
    return compileCondition('FilterExpression', node, substitutions);
  }
  if (input.filter === undefined || Object.keys(input.filter).length === 0) {
    if (input.ConditionalOperator === undefined) return undefined;
    throw errors.validation('ConditionalOperator cannot be used without Filter or Expected');
  }
  return compileLegacyFilter(input.filter, input.ConditionalOperator);
}
