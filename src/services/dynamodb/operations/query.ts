import type { QueryInput, QueryOutput } from '../../../api/dynamodb.ts';
import type { Handler } from '../../service.ts';
import * as errors from '../errors.ts';
import { compileAnyProjection, readSubstitutions, type Styles } from '../expressions.ts';
import { refuseNestedKeyPaths } from '../keys.ts';
import { indexProjection, type ItemSource, requireSource } from '../source.ts';
import type { DocumentPath } from '../../../lang/expression/path.ts';
import { compileKeyCondition, type KeyTests } from '../../../lang/expression/key-condition.ts';
import { compileKeyConditions } from '../../../lang/expression/legacy.ts';
import type { Substitutions } from '../../../lang/expression/substitutions.ts';
import { schemaAttributes } from '../../../engine/table/table-index.ts';
import { checkSelect, compileAnyFilter, readPage } from '../page.ts';
import { queryRange } from '../query-range.ts';
import type { DynamodbDependencies } from '../service.ts';
import { requireTable } from '../table-name.ts';

export function query({ tables }: DynamodbDependencies): Handler<QueryInput, QueryOutput> {
  return async (input, call) => {
    const substitutions = readSubstitutions(input, stylesOf(input));
    const projection = compileAnyProjection(input, substitutions);
    checkSelect(input, projection, 'Querying');
    const tests = compileAnyKeyCondition(input, substitutions);
    const filter = compileAnyFilter({ ...input, filter: input.QueryFilter }, substitutions);
    substitutions.assertAllUsed();
    const table = requireTable(tables, call, input.TableName);
    const source = requireSource(table, input.IndexName);
    const reverse = input.ScanIndexForward === false;
    const range = queryRange(source, tests, { startKey: input.ExclusiveStartKey, reverse });
    refuseNestedKeyPaths(table, projection?.paths ?? []);
    refuseKeysInFilter(source, input, filter?.paths ?? []);
    const show = indexProjection(source, {
      select: input.Select,
      isConsistent: input.ConsistentRead,
      paths: projection?.paths,
    });
    const page = await readPage(source, input, {
      range,
      reverse,
      filter: filter?.holds,
      project: projection?.project,
      show,
    });
    // Items and gaps that were read may be younger than the request.
    call.readAt(table.position);
    return page;
  };
}

/** KeyConditions go together with the other expressions, as long as there is no KeyConditionExpression. */
function stylesOf(input: QueryInput): Styles {
  const legacy = ['AttributesToGet', 'QueryFilter', 'ConditionalOperator'];
  return {
    expressions: ['ProjectionExpression', 'FilterExpression', 'KeyConditionExpression'],
    legacy: input.KeyConditionExpression === undefined ? legacy : [...legacy, 'KeyConditions'],
  };
}

function compileAnyKeyCondition(input: QueryInput, substitutions: Substitutions): KeyTests {
  if (input.KeyConditionExpression !== undefined) {
    return compileKeyCondition(input.KeyConditionExpression, substitutions);
  }
  if (input.KeyConditions !== undefined) return compileKeyConditions(input.KeyConditions);
  throw errors.validation(
    'Either the KeyConditions or KeyConditionExpression parameter must be specified in the request.',
  );
}

/** What a Query says of keys belongs into its key condition, where it saves reading. */
function refuseKeysInFilter(
  { keySchema }: ItemSource,
  input: QueryInput,
  paths: readonly DocumentPath[],
): void {
  for (const { name } of schemaAttributes(keySchema)) {
    if (!paths.some(([head]) => head === name)) continue;
    const what = input.QueryFilter === undefined ? 'Filter Expression' : 'QueryFilter';
    throw errors.validation(
      `${what} can only contain non-primary key attributes: Primary key attribute: ${name}`,
    );
  }
}
