/**
 * Compiles an event pattern: JSON text -> the alternatives (`$or` multiplied out), each a set of clauses, one per
 * field, that all have to hold. Called where a rule, an archive or a filter is stored; `matcher.ts` runs the result.
 * Adding an operator = one file in `operators/` and one line in `OPERATORS`.
 *
 * Faults are told in the words of AWS's own parser, with the place that it would have reached (`reader.ts`).
 */
import { isTooDeep, JSON_DEPTH_MAX } from '../../base/json.ts';
import { Clause } from './clause.ts';
import { parseAnythingBut } from './operators/anything-but.ts';
import { parseCidr } from './operators/cidr.ts';
import { parseEqualsIgnoreCase } from './operators/equals-ignore-case.ts';
import { exactLiteral, exactNumber, exactString, parseExactly } from './operators/exact.ts';
import { parseExists } from './operators/exists.ts';
import { parseNumeric } from './operators/numeric.ts';
import type { Operator, OperatorParser } from './operators/operator.ts';
import { parsePrefix } from './operators/prefix.ts';
import { parseSuffix } from './operators/suffix.ts';
import { WILDCARD_COMPLEXITY_MAX, wildcardComplexity } from './operators/wildcard-complexity.ts';
import { parseWildcard } from './operators/wildcard.ts';
import { patternError, PatternFault, PatternReader } from './reader.ts';

/** Combinations that the `$or`s of one pattern may make. https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-create-pattern-operators.html */
const OR_COMBINATIONS_MAX = 1000;

const OPERATORS = new Map<string, OperatorParser>([
  ['exactly', parseExactly],
  ['prefix', parsePrefix],
  ['suffix', parseSuffix],
  ['equals-ignore-case', parseEqualsIgnoreCase],
  ['wildcard', parseWildcard],
  ['anything-but', parseAnythingBut],
  ['numeric', parseNumeric],
  ['cidr', parseCidr],
  ['exists', parseExists],
]);

/** Clauses that all have to hold, ordered by path. */
export type Alternative = readonly Clause[];

export interface CompiledPattern {
  /** The pattern's own text. */
  readonly text: string;
  /** Any of these makes a match. */
  readonly alternatives: readonly Alternative[];
}

/** The clauses of one combination by dotted path; a later clause for a path replaces an earlier one. */
type Combination = Map<string, Clause>;

/** Compiles an event pattern. Throws `InvalidEventPatternException` in AWS's words. */
export function compilePattern(text: string): CompiledPattern {
  if (isTooDeep(text))
    throw patternError(`Document nesting depth exceeds the maximum allowed (${JSON_DEPTH_MAX})`);
  try {
    return { text, alternatives: compileCombinations(text) };
  } catch (error) {
    if (error instanceof PatternFault) throw patternError(error.message);
    throw error;
  }
}

function compileCombinations(text: string): Alternative[] {
  let combinations: Combination[];
  try {
    combinations = new PatternParser(text, true).parse();
  } catch (error) {
    // Before AWS had `$or`, a field could have that name: such patterns still compile, as they did then.
    const asField = error instanceof PatternFault && text.includes('$or') ? parseWithoutOr(text) : undefined;
    if (asField === undefined) throw error;
    combinations = asField;
  }
  return combinations.map((combination) => [...combination.values()].sort(Clause.compare));
}

function parseWithoutOr(text: string): Combination[] | undefined {
  try {
    return new PatternParser(text, false).parse();
  } catch (error) {
    if (error instanceof PatternFault) return undefined;
    throw error;
  }
}

class PatternParser {
  readonly #reader: PatternReader;
  readonly #withOr: boolean;
  readonly #path: string[] = [];
  #combinations: Combination[] = [new Map()];

  constructor(text: string, withOr: boolean) {
    this.#reader = new PatternReader(text);
    this.#withOr = withOr;
  }

  parse(): Combination[] {
    if (this.#reader.next() !== 'object') this.#reader.fail('Filter is not an object');
    this.#parseObject(false);
    return this.#combinations;
  }

  /** Reads the fields of an object whose brace was read. Depth is bounded by `JSON_DEPTH_MAX`. */
  #parseObject(insideOr: boolean): void {
    const reader = this.#reader;
    let fieldCount = 0;
    while (reader.next() !== 'object-end') {
      fieldCount += 1;
      const key = reader.key;
      const isOr = this.#withOr && key === '$or';
      if (insideOr && !isOr && isReserved(key)) {
        reader.fail(`${key} is Ruler reserved fieldName which cannot be used inside $or.`);
      }
      this.#parseField(key, isOr);
    }
    if (fieldCount === 0) reader.fail('Empty objects are not allowed');
  }

  #parseField(key: string, isOr: boolean): void {
    const token = this.#reader.next();
    if (token === 'array' && isOr) {
      this.#parseOr();
    } else if (token === 'array') {
      this.#parseClause(key);
    } else if (token === 'object' && !isOr) {
      this.#path.push(key);
      this.#parseObject(false);
      this.#path.pop();
    } else {
      this.#reader.fail(`"${key}" must be an object or an array`);
    }
  }

  /** Every combination so far goes on with each object of the list. */
  #parseOr(): void {
    const reader = this.#reader;
    const before = this.#combinations;
    const after: Combination[] = [];
    let count = 0;
    for (let token = reader.next(); token !== 'array-end'; token = reader.next()) {
      count += 1;
      if (token !== 'object') reader.fail('Only JSON object is allowed in array of $or relationship.');
      this.#combinations = before.map((combination) => new Map(combination));
      this.#parseObject(true);
      if (after.length + this.#combinations.length > OR_COMBINATIONS_MAX) {
        reader.fail(`The $or combinations of the pattern exceed the limit of ${OR_COMBINATIONS_MAX}`);
      }
      after.push(...this.#combinations);
    }
    if (count < 2) reader.fail('There must have at least 2 Objects in $or relationship.');
    this.#combinations = after;
  }

  #parseClause(key: string): void {
    const start = this.#reader.valueStart;
    const operators: Operator[] = [];
    for (let token = this.#reader.next(); token !== 'array-end'; token = this.#reader.next()) {
      operators.push(this.#parseOperator());
    }
    if (operators.length === 0) this.#reader.fail('Empty arrays are not allowed');
    const wildcards = operators.flatMap((operator) => operator.wildcards ?? []);
    if (wildcards.length > 0 && wildcardComplexity(wildcards) > WILDCARD_COMPLEXITY_MAX) {
      throw new PatternFault(
        'Rule is too complex - try using fewer wildcard characters or fewer repeating character sequences after a wildcard character',
      );
    }
    const path = [...this.#path, key].join('.');
    const clause = new Clause(path, operators, this.#reader.source.slice(start, this.#reader.position));
    for (const combination of this.#combinations) combination.set(path, clause);
  }

  #parseOperator(): Operator {
    const reader = this.#reader;
    switch (reader.token) {
      case 'string':
        return exactString(reader.text());
      case 'number':
        return exactNumber(reader.text());
      case 'true':
      case 'false':
      case 'null':
        return exactLiteral(reader.token);
      case 'object': {
        if (reader.next() !== 'key') reader.fail('Match expression name not found');
        const parse = OPERATORS.get(reader.key);
        return parse === undefined ? reader.fail(`Unrecognized match type ${reader.key}`) : parse(reader);
      }
      default:
        return reader.fail('Match value must be String, number, true, false, or null');
    }
  }
}

/** Names that cannot be a field directly inside `$or`, because a match expression was probably meant. */
function isReserved(key: string): boolean {
  return OPERATORS.has(key) || ['<', '<=', '=', '>', '>='].includes(key);
}
