/** What compiling and evaluating cost: `node src/lang/expression/expression.bench.ts`. */
import type { Item } from './attribute-value.ts';
import { compileCondition } from './condition.ts';
import { parseCondition } from './parse-condition.ts';
import { compileProjection } from './projection.ts';
import { itemSizeBytes } from './size.ts';
import { normalizeItem } from './normalize.ts';
import { Substitutions } from './substitutions.ts';
import { compileUpdate } from './update.ts';

const ROUNDS = 100_000;

const ITEM: Item = {
  id: { S: 'customer#4711' },
  version: { N: '41' },
  amount: { N: '129.95' },
  state: { S: 'open' },
  positions: {
    L: [
      { M: { sku: { S: 'a-1' }, quantity: { N: '2' } } },
      { M: { sku: { S: 'b-2' }, quantity: { N: '1' } } },
    ],
  },
  tags: { SS: ['new', 'gift'] },
};

const CONDITION = 'attribute_exists(id) AND version = :v AND (#s IN (:open, :paid) OR amount > :limit)';
const NAMES = { '#s': 'state' };
const VALUES: Item = {
  ':v': { N: '41' },
  ':open': { S: 'open' },
  ':paid': { S: 'paid' },
  ':limit': { N: '99.5' },
};
const UPDATE = 'SET version = version + :one, positions[0].quantity = :two ADD tags :tag';

function substitutions(): Substitutions {
  return new Substitutions({ ExpressionAttributeNames: NAMES, ExpressionAttributeValues: VALUES });
}

function updateSubstitutions(): Substitutions {
  return new Substitutions({
    ExpressionAttributeValues: { ':one': { N: '1' }, ':two': { N: '2' }, ':tag': { SS: ['seen'] } },
  });
}

function measure(what: string, run: () => unknown): void {
  for (let round = 0; round < ROUNDS / 10; round += 1) run();
  const start = performance.now();
  for (let round = 0; round < ROUNDS; round += 1) run();
  const microseconds = ((performance.now() - start) * 1000) / ROUNDS;
  process.stdout.write(`${what.padEnd(28)} ${microseconds.toFixed(2).padStart(6)} us\n`);
}

const tree = parseCondition('ConditionExpression', CONDITION);
const { holds } = compileCondition('ConditionExpression', tree, substitutions());
const { apply } = compileUpdate(UPDATE, updateSubstitutions());
const { project } = compileProjection('id, positions[0].sku', new Substitutions({}));

measure('condition: parse', () => parseCondition('ConditionExpression', CONDITION));
measure('condition: compile', () => compileCondition('ConditionExpression', tree, substitutions()));
measure('condition: evaluate', () => holds(ITEM));
measure('update: parse and compile', () => compileUpdate(UPDATE, updateSubstitutions()));
measure('update: apply', () => apply(ITEM));
measure('projection: apply', () => project(ITEM));
measure('item: normalize', () => normalizeItem(ITEM));
measure('item: size', () => itemSizeBytes(ITEM));
