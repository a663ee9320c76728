/** From the key condition of a Query to the range of keys that it reads. */
import {
  intersect,
  keyAfter,
  keyAfterSort,
  type KeyRange,
  partitionRange,
  sortPrefixRange,
} from '../../engine/table/item-key.ts';
import type { KeyAttribute } from '../../engine/table/table-record.ts';
import type { AttributeValue, Item } from '../../lang/expression/attribute-value.ts';
import { encodeKeyValue } from '../../lang/expression/key-encoding.ts';
import type { KeyTest, KeyTests } from '../../lang/expression/key-condition.ts';
import { key } from '../../storage/keys.ts';
import type { Key } from '../../storage/store.ts';
import * as errors from './errors.ts';
import { checkKeyValue } from './keys.ts';
import { type ItemSource, locateStartKey } from './source.ts';

export interface QueryStart {
  /** ExclusiveStartKey. */
  readonly startKey: Item | undefined;
  readonly reverse: boolean;
}

/** The keys to read, or `undefined` when there can be none. Throws `ValidationException` in the service's words. */
export function queryRange(source: ItemSource, tests: KeyTests, start: QueryStart): KeyRange | undefined {
  const [partitionTest, sortTest] = matchSchema(source, tests);
  const partition = source.partition(encodedValue(partitionTest.values[0]));
  const all = partitionRange(partition);
  const range = sortTest === undefined ? all : sortRange(partition, sortTest);
  if (start.startKey === undefined) return intersect(all, range);
  const startKey = requireStartKey(source, start.startKey);
  if (!startKey.startsWith(partition)) {
    throw errors.validation(
      'The provided starting key is outside query boundaries based on provided conditions',
    );
  }
  if (startKey < range.from || startKey >= range.to) {
    throw errors.validation('The provided starting key does not match the range key predicate');
  }
  return intersect(range, afterStart(startKey, start.reverse));
}

/** All keys that come after the start in the order of reading. */
export function afterStart(startKey: Key, reverse: boolean): KeyRange {
  return reverse ? { from: '', to: startKey } : { from: keyAfter(startKey), to: '\u00ff\u00ff\u00ff' };
}

function requireStartKey(source: ItemSource, startKey: Item): Key {
  try {
    return locateStartKey(source, startKey);
  } catch {
    // A Query says no more than that; a Scan gives the reason.
    throw errors.invalidStartKey();
  }
}

function matchSchema(source: ItemSource, tests: KeyTests): [partition: KeyTest, sort: KeyTest | undefined] {
  const { partition, sort } = source.keySchema;
  if (tests.size !== 1 && tests.size !== 2) {
    throw errors.validation('Conditions can be of length 1 or 2 only');
  }
  if (sort === undefined && tests.size > 1) throw errors.validation('Query key condition not supported');
  const partitionTest = tests.get(partition.name);
  if (partitionTest === undefined) throw missedKey(partition);
  checkTest(source, partition, partitionTest);
  if (partitionTest.operator !== '=') throw errors.validation('Query key condition not supported');
  if (sort === undefined || tests.size === 1) return [partitionTest, undefined];
  const sortTest = tests.get(sort.name);
  if (sortTest === undefined) throw missedKey(sort);
  checkTest(source, sort, sortTest);
  return [partitionTest, sortTest];
}

function missedKey({ name }: KeyAttribute) {
  return errors.validation(`Query condition missed key schema element: ${name}`);
}

function checkTest(source: ItemSource, attribute: KeyAttribute, test: KeyTest): void {
  for (const value of test.values) {
    if (value[attribute.type] === undefined) {
      throw errors.invalidValues('Condition parameter type does not match schema type');
    }
    checkKeyValue(source, attribute, value);
  }
}

function encodedValue(value: AttributeValue | undefined): string {
  return (value === undefined ? undefined : encodeKeyValue(value)) ?? '';
}

function sortRange(partition: Key, { operator, values }: KeyTest): KeyRange {
  const [first, second] = values.map((value) => partition + key(encodedValue(value)));
  const { from, to } = partitionRange(partition);
  const low = first ?? from;
  switch (operator) {
    case '=':
      return { from: low, to: keyAfterSort(low) };
    case '<':
      return { from, to: low };
    case '<=':
      return { from, to: keyAfterSort(low) };
    case '>':
      return { from: keyAfterSort(low), to };
    case '>=':
      return { from: low, to };
    case 'between':
      return { from: low, to: keyAfterSort(second ?? low) };
    case 'begins_with':
      return sortPrefixRange(partition, encodedValue(values[0]));
  }
}
