import type { ScanInput, ScanOutput } from '../../../api/dynamodb.ts';
import { AwsError } from '../../../base/errors.ts';
import { intersect, type KeyRange, segmentRange } from '../../../engine/table/item-key.ts';
import type { Key } from '../../../storage/store.ts';
import type { Handler } from '../../service.ts';
import * as errors from '../errors.ts';
import { compileAnyProjection, readSubstitutions, type Styles } from '../expressions.ts';
import { refuseNestedKeyPaths } from '../keys.ts';
import { indexProjection, type ItemSource, locateStartKey, requireSource } from '../source.ts';
import { checkSelect, compileAnyFilter, readPage } from '../page.ts';
import { afterStart } from '../query-range.ts';
import type { DynamodbDependencies } from '../service.ts';
import { requireTable } from '../table-name.ts';

const STYLES: Styles = {
  expressions: ['ProjectionExpression', 'FilterExpression'],
  legacy: ['AttributesToGet', 'ScanFilter', 'ConditionalOperator'],
};

export function scan({ tables }: DynamodbDependencies): Handler<ScanInput, ScanOutput> {
  return async (input, call) => {
    const substitutions = readSubstitutions(input, STYLES);
    const projection = compileAnyProjection(input, substitutions);
    checkSelect(input, projection, 'Scanning');
    checkSegment(input);
    const filter = compileAnyFilter({ ...input, filter: input.ScanFilter }, substitutions);
    substitutions.assertAllUsed();
    const table = requireTable(tables, call, input.TableName);
    const source = requireSource(table, input.IndexName);
    refuseNestedKeyPaths(table, [...(projection?.paths ?? []), ...(filter?.paths ?? [])]);
    const show = indexProjection(source, {
      select: input.Select,
      isConsistent: input.ConsistentRead,
      paths: projection?.paths,
    });
    const range = scanRange(source, input);
    const page = await readPage(source, input, {
      show,
      range,
      reverse: false,
      filter: filter?.holds,
      project: projection?.project,
    });
    // Items and gaps that were read may be younger than the request.
    call.readAt(table.position);
    return page;
  };
}

function checkSegment({ Segment: segment, TotalSegments: segmentCount }: ScanInput): void {
  if (segment !== undefined && segmentCount === undefined) {
    throw errors.validation(
      'The TotalSegments parameter is required but was not present in the request when Segment parameter is present',
    );
  }
  if (segment === undefined && segmentCount !== undefined) {
    throw errors.validation(
      'The Segment parameter is required but was not present in the request when parameter TotalSegments is present',
    );
  }
  if (segment !== undefined && segmentCount !== undefined && segment >= segmentCount) {
    throw errors.validation(
      'The Segment parameter is zero-based and must be less than parameter TotalSegments: ' +
        `Segment: ${segment} is not less than TotalSegments: ${segmentCount}`,
    );
  }
}

function scanRange(source: ItemSource, input: ScanInput): KeyRange | undefined {
  const range = segmentRange(source.prefix, input.Segment ?? 0, input.TotalSegments ?? 1);
  if (input.ExclusiveStartKey === undefined) return range;
  const startKey = requireStartKey(source, input.ExclusiveStartKey);
  if (startKey < range.from || startKey >= range.to) {
    throw errors.invalidStartKey(
      'The provided Exclusive start key does not map to the provided Segment and TotalSegments values.',
    );
  }
  return intersect(range, afterStart(startKey, false));
}

function requireStartKey(source: ItemSource, startKey: NonNullable<ScanInput['ExclusiveStartKey']>): Key {
  try {
    return locateStartKey(source, startKey);
  } catch (error) {
    throw error instanceof AwsError ? errors.invalidStartKey(error.message) : error;
  }
}
