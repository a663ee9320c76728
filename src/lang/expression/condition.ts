/**
 * Conditions: compiled to closures that say of an item whether it holds. Used for condition and filter
 * expressions; `key-condition.ts` reads the same trees.
 *
 * Types that cannot be compared are not an error: the comparison is false. What is an error is an operand given
 * in the request whose type the operator can never use.
 */
import type { CallNode, Comparator, ConditionNode, OperandNode } from './ast.ts';
import {
  type AttributeType,
  type AttributeValue,
  bytesKey,
  compareValues,
  type Item,
  typeOf,
  valuesEqual,
} from './attribute-value.ts';
import { expressionError, type ExpressionKind } from './errors.ts';
import { type DocumentPath, formatPath, pathsEqual, valueAt } from './path.ts';
import type { Substitutions } from './substitutions.ts';

export type Predicate = (item: Item) => boolean;

type Getter = (item: Item) => AttributeValue | undefined;

/** An operand with its names and values put in. */
type Operand =
  | { readonly kind: 'path'; readonly path: DocumentPath; readonly get: Getter }
  | { readonly kind: 'value'; readonly value: AttributeValue; readonly get: Getter }
  | { readonly kind: 'size'; readonly get: Getter };

export interface CompiledCondition {
  readonly holds: Predicate;
  /** Every path that the condition reads. */
  readonly paths: readonly DocumentPath[];
}

/** Puts names and values into a condition. Throws `ValidationException` in AWS's words. */
export function compileCondition(
  kind: ExpressionKind,
  node: ConditionNode,
  substitutions: Substitutions,
): CompiledCondition {
  const compiler = new Compiler(kind, substitutions);
  return { holds: compiler.condition(node), paths: compiler.paths };
}

const SCALARS: ReadonlySet<AttributeType> = new Set(['S', 'N', 'B']);
const TYPE_NAMES: ReadonlySet<string> = new Set(['S', 'N', 'B', 'BOOL', 'NULL', 'L', 'M', 'SS', 'NS', 'BS']);

const ARGUMENT_COUNTS: Readonly<Record<string, number>> = {
  attribute_exists: 1,
  attribute_not_exists: 1,
  attribute_type: 2,
  begins_with: 2,
  contains: 2,
  size: 1,
};

const ORDERINGS: Readonly<Record<Exclude<Comparator, '=' | '<>'>, (order: number) => boolean>> = {
  '<': (order) => order < 0,
  '<=': (order) => order <= 0,
  '>': (order) => order > 0,
  '>=': (order) => order >= 0,
};

class Compiler {
  readonly paths: DocumentPath[] = [];
  readonly #kind: ExpressionKind;
  readonly #substitutions: Substitutions;

  constructor(kind: ExpressionKind, substitutions: Substitutions) {
    this.#kind = kind;
    this.#substitutions = substitutions;
  }

  condition(node: ConditionNode): Predicate {
    switch (node.kind) {
      case 'and': {
        const conditions = node.conditions.map((part) => this.condition(part));
        return (item) => conditions.every((holds) => holds(item));
      }
      case 'or': {
        const conditions = node.conditions.map((part) => this.condition(part));
        return (item) => conditions.some((holds) => holds(item));
      }
      case 'not': {
        const holds = this.condition(node.condition);
        return (item) => !holds(item);
      }
      case 'compare':
        return this.#comparison(node.operator, this.#operand(node.left), this.#operand(node.right));
      case 'between':
        return this.#between(this.#operand(node.operand), this.#operand(node.low), this.#operand(node.high));
      case 'in':
        return this.#membership(
          this.#operand(node.operand),
          node.choices.map((choice) => this.#operand(choice)),
        );
      case 'call':
        return this.#call(node);
    }
  }

  #operand(node: OperandNode): Operand {
    if (node.kind === 'path') {
      const path = this.#substitutions.path(this.#kind, node);
      this.paths.push(path);
      return { kind: 'path', path, get: (item) => valueAt(item, path) };
    }
    if (node.kind === 'value') {
      const value = this.#substitutions.value(this.#kind, node);
      return { kind: 'value', value, get: () => value };
    }
    return this.#size(node);
  }

  #size(node: CallNode): Operand {
    const [operand] = this.#arguments(node);
    this.#refuseTypes('size', operand, (type) => type !== 'N' && type !== 'BOOL' && type !== 'NULL');
    const get = operand?.get;
    return {
      kind: 'size',
      get: (item) => {
        const value = get?.(item);
        const size = value === undefined ? undefined : sizeOf(value);
        return size === undefined ? undefined : { N: String(size) };
      },
    };
  }

  #comparison(operator: Comparator, left: Operand, right: Operand): Predicate {
    this.#requireDistinct(operator, left, right);
    const [getLeft, getRight] = [left.get, right.get];
    if (operator === '=' || operator === '<>') {
      const wanted = operator === '=';
      // An attribute that is not there equals nothing, so `<>` holds.
      return (item) => {
        const a = getLeft(item);
        const b = getRight(item);
        return (a !== undefined && b !== undefined && valuesEqual(a, b)) === wanted;
      };
    }
    for (const operand of [left, right]) this.#refuseTypes(operator, operand, (type) => SCALARS.has(type));
    const test = ORDERINGS[operator];
    return (item) => {
      const order = orderOf(getLeft(item), getRight(item));
      return order !== undefined && test(order);
    };
  }

  #between(operand: Operand, low: Operand, high: Operand): Predicate {
    for (const part of [operand, low, high]) {
      this.#refuseTypes('BETWEEN', part, (type) => SCALARS.has(type));
    }
    if (low.kind === 'value' && high.kind === 'value') this.#checkBounds(low.value, high.value);
    const [get, getLow, getHigh] = [operand.get, low.get, high.get];
    return (item) => {
      const value = get(item);
      const aboveLow = orderOf(value, getLow(item));
      const aboveHigh = orderOf(value, getHigh(item));
      return aboveLow !== undefined && aboveHigh !== undefined && aboveLow >= 0 && aboveHigh <= 0;
    };
  }

  #checkBounds(low: AttributeValue, high: AttributeValue): void {
    const order = compareValues(low, high);
    if (order !== undefined && order <= 0) return;
    const requirement =
      order === undefined
        ? 'same data type for lower and upper bounds'
        : 'upper bound to be greater than or equal to lower bound';
    throw this.#error(
      `The BETWEEN operator requires ${requirement}; ` +
        `lower bound operand: AttributeValue: ${formatScalar(low)}, ` +
        `upper bound operand: AttributeValue: ${formatScalar(high)}`,
    );
  }

  #membership(operand: Operand, choices: readonly Operand[]): Predicate {
    const getters = choices.map((choice) => choice.get);
    return (item) => {
      const value = operand.get(item);
      if (value === undefined) return false;
      return getters.some((get) => {
        const choice = get(item);
        return choice !== undefined && valuesEqual(value, choice);
      });
    };
  }

  #call(node: CallNode): Predicate {
    const [first, second] = this.#arguments(node);
    if (first === undefined) return () => false;
    const get = first.get;
    switch (node.name) {
      case 'attribute_exists':
        this.#requirePath(node.name, first);
        return (item) => get(item) !== undefined;
      case 'attribute_not_exists':
        this.#requirePath(node.name, first);
        return (item) => get(item) === undefined;
      case 'attribute_type':
        return this.#typeTest(first, second);
      default:
        return this.#textTest(node.name, first, second as Operand);
    }
  }

  #textTest(name: string, first: Operand, second: Operand): Predicate {
    const [get, getOther] = [first.get, second.get];
    const test = name === 'contains' ? containsValue : beginsWith;
    if (name === 'begins_with') {
      for (const operand of [first, second]) {
        this.#refuseTypes(name, operand, (type) => type === 'S' || type === 'B');
      }
    }
    return (item) => {
      const value = get(item);
      const other = getOther(item);
      return value !== undefined && other !== undefined && test(value, other);
    };
  }

  #typeTest(operand: Operand, type: Operand | undefined): Predicate {
    if (type?.kind !== 'value' || type.value.S === undefined) {
      const actual = type?.kind === 'value' ? typeOf(type.value) : '{NS,SS,L,BS,N,M,B,BOOL,NULL,S}';
      throw this.#typeError('attribute_type', actual);
    }
    const name = type.value.S;
    if (!TYPE_NAMES.has(name)) {
      throw this.#error(
        `Invalid attribute type name found; type: ${name}, valid types: {B,NULL,SS,BOOL,L,BS,N,NS,S,M}`,
      );
    }
    return (item) => {
      const value = operand.get(item);
      return value !== undefined && typeOf(value) === name;
    };
  }

  #arguments(node: CallNode): Operand[] {
    const operands = node.args.map((arg) => this.#operand(arg));
    if (operands.length !== ARGUMENT_COUNTS[node.name]) {
      throw this.#error(
        'Incorrect number of operands for operator or function; ' +
          `operator or function: ${node.name}, number of operands: ${operands.length}`,
      );
    }
    const [first, second] = operands;
    if (first !== undefined && second !== undefined) this.#requireDistinct(node.name, first, second);
    return operands;
  }

  #requireDistinct(operator: string, first: Operand, second: Operand): void {
    if (first.kind !== 'path' || second.kind !== 'path' || !pathsEqual(first.path, second.path)) return;
    throw this.#error(
      'The first operand must be distinct from the remaining operands for this operator or function; ' +
        `operator: ${operator}, first operand: ${formatPath(first.path)}`,
    );
  }

  #requirePath(name: string, operand: Operand): void {
    if (operand.kind === 'path') return;
    throw this.#error(`Operator or function requires a document path; operator or function: ${name}`);
  }

  #refuseTypes(name: string, operand: Operand | undefined, accepts: (type: AttributeType) => boolean): void {
    if (operand === undefined || operand.kind === 'path') return;
    const type = operand.kind === 'size' ? 'N' : typeOf(operand.value);
    if (!accepts(type)) throw this.#typeError(name, type);
  }

  #typeError(name: string, type: string) {
    return this.#error(
      'Incorrect operand type for operator or function; ' +
        `operator or function: ${name}, operand type: ${type}`,
    );
  }

  #error(message: string) {
    return expressionError(this.#kind, message);
  }
}

function orderOf(a: AttributeValue | undefined, b: AttributeValue | undefined): number | undefined {
  return a === undefined || b === undefined ? undefined : compareValues(a, b);
}

/** `{N:5}`, as messages show a bound. */
function formatScalar(value: AttributeValue): string {
  const text = value.S ?? value.N ?? Buffer.from(value.B ?? []).toString('base64');
  return `{${typeOf(value)}:${text}}`;
}

/** Characters of a text, bytes of a binary, elements of anything that has them. */
function sizeOf(value: AttributeValue): number | undefined {
  if (value.S !== undefined) return value.S.length;
  if (value.B !== undefined) return value.B.byteLength;
  if (value.M !== undefined) return Object.keys(value.M).length;
  return (value.L ?? value.SS ?? value.NS ?? value.BS)?.length;
}

function beginsWith(value: AttributeValue, prefix: AttributeValue): boolean {
  if (value.S !== undefined) return prefix.S !== undefined && value.S.startsWith(prefix.S);
  if (value.B === undefined || prefix.B === undefined) return false;
  return Buffer.compare(value.B.subarray(0, prefix.B.byteLength), prefix.B) === 0;
}

function containsValue(value: AttributeValue, part: AttributeValue): boolean {
  if (value.L !== undefined) return value.L.some((element) => valuesEqual(element, part));
  if (part.S !== undefined) return value.S?.includes(part.S) ?? value.SS?.includes(part.S) ?? false;
  if (part.N !== undefined) return value.NS?.includes(part.N) ?? false;
  const { B: bytes } = part;
  if (bytes === undefined) return false;
  if (value.B !== undefined) return Buffer.from(value.B).includes(Buffer.from(bytes));
  return value.BS?.some((member) => bytesKey(member) === bytesKey(bytes)) ?? false;
}
