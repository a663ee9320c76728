/**
 * Updates: what an item becomes.
 *
 * All values are taken from the item as it was, so `SET a = b, b = a` swaps. The paths of an update do not overlap;
 * they are joined into a tree, and one walk makes new containers along it and leaves everything else shared with
 * the old item. Indices are those of the lists as they were; what is set past the end of a list is appended.
 */
import type { CallNode, OperandNode, SetValueNode, UpdateActionNode } from './ast.ts';
import {
  type AttributeType,
  type AttributeValue,
  attributeOf,
  bytesKey,
  type Item,
  itemOf,
  typeOf,
} from './attribute-value.ts';
import { addDecimals, decimalRangeError, formatDecimal, fromCanonical, negateDecimal } from './decimal.ts';
import { expressionError, validationError } from './errors.ts';
import { NESTING_LEVELS_MAX } from './normalize.ts';
import { parseUpdate } from './parse-update.ts';
import { type DocumentPath, pathClashError, valueAt } from './path.ts';
import { byIndex, createPathTree, type PathTree } from './path-tree.ts';
import type { Substitutions } from './substitutions.ts';

export interface CompiledUpdate {
  readonly paths: readonly DocumentPath[];
  /** The item after the update. Throws `ValidationException` when the item does not fit the update. */
  readonly apply: (item: Item) => Item;
}

/** What becomes of the value at a path: a new one, or `undefined` for none. */
type Change = (item: Item) => AttributeValue | undefined;

type Getter = (item: Item) => AttributeValue;

/** Throws `ValidationException` in AWS's words. */
export function compileUpdate(text: string, substitutions: Substitutions): CompiledUpdate {
  return compileActions(parseUpdate(text), substitutions);
}

/** The update that does the given actions. Throws `ValidationException`. */
export function compileActions(
  actions: readonly UpdateActionNode[],
  substitutions: Substitutions,
): CompiledUpdate {
  const compiler = new Compiler(substitutions);
  const changes = actions.map((action) => compiler.change(action));
  const paths = changes.map(([path]) => path);
  const clash = pathClashError(paths);
  if (clash !== undefined) throw updateError(clash);
  compiler.throwOperandError();
  return {
    paths,
    apply: (item) => {
      // Every change is decided before the first is made.
      const decided = changes.map(([path, change]) => [path, { value: change(item) }] as const);
      for (const [path, { value }] of decided) checkNesting(path, value);
      return changeMap(item, createPathTree(decided));
    },
  };
}

/** The names by which messages call the types of operands. */
const OPERAND_TYPES: Readonly<Record<AttributeType, string>> = {
  S: 'STRING',
  N: 'NUMBER',
  B: 'BINARY',
  BOOL: 'BOOLEAN',
  NULL: 'NULL',
  L: 'LIST',
  M: 'MAP',
  SS: 'STRING_SET',
  NS: 'NUMBER_SET',
  BS: 'BINARY_SET',
};

const SET_TYPES: ReadonlySet<AttributeType> = new Set(['SS', 'NS', 'BS']);

class Compiler {
  readonly #substitutions: Substitutions;
  // AWS reports clashing paths before operands of a wrong type, so those wait.
  #operandError: string | undefined;

  constructor(substitutions: Substitutions) {
    this.#substitutions = substitutions;
  }

  change(action: UpdateActionNode): [path: DocumentPath, change: Change] {
    const path = this.#substitutions.path('UpdateExpression', action.path);
    if (action.kind === 'remove') return [path, () => undefined];
    if (action.kind === 'set') return [path, this.#value(action.value)];
    const operand = this.#substitutions.value('UpdateExpression', action.value);
    const type = typeOf(operand);
    const operator = action.kind.toUpperCase();
    if (!SET_TYPES.has(type) && !(action.kind === 'add' && type === 'N')) {
      this.#operandError ??=
        'Incorrect operand type for operator or function; ' +
        `operator: ${operator}, operand type: ${OPERAND_TYPES[type]}, typeSet: ALLOWED_FOR_${operator}_OPERAND`;
    }
    const combine = action.kind === 'add' ? addTo : deleteFrom;
    return [path, (item) => combine(valueAt(item, path), operand)];
  }

  throwOperandError(): void {
    if (this.#operandError !== undefined) throw updateError(this.#operandError);
  }

  #value(node: SetValueNode): Getter {
    if (node.kind !== 'sum') return this.#operand(node);
    const [left, right] = [this.#operand(node.left), this.#operand(node.right)];
    this.#requireType(node.operator, [node.left, node.right], 'N');
    const negate = node.operator === '-';
    return (item) => {
      const [a, b] = [left(item), right(item)];
      if (a.N === undefined || b.N === undefined) throw wrongOperandType();
      return addNumbers(a.N, b.N, negate);
    };
  }

  #operand(node: OperandNode): Getter {
    if (node.kind === 'value') {
      const value = this.#substitutions.value('UpdateExpression', node);
      return () => value;
    }
    if (node.kind === 'call') return this.#call(node);
    const path = this.#substitutions.path('UpdateExpression', node);
    return (item) => {
      const value = valueAt(item, path);
      if (value === undefined) {
        throw validationError(
          'The provided expression refers to an attribute that does not exist in the item',
        );
      }
      return value;
    };
  }

  #call(node: CallNode): Getter {
    const [first, second] = node.args;
    if (first === undefined || second === undefined || node.args.length > 2) {
      throw updateError(
        'Incorrect number of operands for operator or function; ' +
          `operator or function: ${node.name}, number of operands: ${node.args.length}`,
      );
    }
    if (node.name === 'list_append') return this.#listAppend(first, second);
    if (first.kind !== 'path') {
      throw updateError('Operator or function requires a document path; operator or function: if_not_exists');
    }
    const path = this.#substitutions.path('UpdateExpression', first);
    const otherwise = this.#operand(second);
    return (item) => valueAt(item, path) ?? otherwise(item);
  }

  #listAppend(first: OperandNode, second: OperandNode): Getter {
    const [getHead, getTail] = [this.#operand(first), this.#operand(second)];
    this.#requireType('list_append', [first, second], 'L');
    return (item) => {
      const [head, tail] = [getHead(item), getTail(item)];
      if (head.L === undefined || tail.L === undefined) throw wrongOperandType();
      return { L: [...head.L, ...tail.L] };
    };
  }

  #requireType(name: string, operands: readonly OperandNode[], wanted: AttributeType): void {
    for (const operand of operands) {
      if (operand.kind !== 'value') continue;
      const type = typeOf(this.#substitutions.value('UpdateExpression', operand));
      if (type === wanted) continue;
      this.#operandError ??=
        'Incorrect operand type for operator or function; ' +
        `operator or function: ${name}, operand type: ${type}`;
    }
  }
}

function updateError(message: string) {
  return expressionError('UpdateExpression', message);
}

function wrongOperandType() {
  return validationError('An operand in the update expression has an incorrect data type');
}

function addNumbers(a: string, b: string, negate: boolean): AttributeValue {
  const other = fromCanonical(b);
  const sum = addDecimals(fromCanonical(a), negate ? negateDecimal(other) : other);
  const error = decimalRangeError(sum);
  if (error !== undefined) {
    // A sum that needs more than 38 digits is an "overflow" to DynamoDB, too.
    throw validationError(
      error.startsWith('Number underflow')
        ? error
        : 'Number overflow. Attempting to store a number with magnitude larger than supported range',
    );
  }
  return { N: formatDecimal(sum) };
}

function addTo(existing: AttributeValue | undefined, operand: AttributeValue): AttributeValue {
  if (existing === undefined) return operand;
  if (typeOf(existing) !== typeOf(operand)) throw wrongOperandType();
  if (existing.N !== undefined && operand.N !== undefined) return addNumbers(existing.N, operand.N, false);
  if (existing.SS !== undefined) return { SS: union(existing.SS, operand.SS ?? []) };
  if (existing.NS !== undefined) return { NS: union(existing.NS, operand.NS ?? []) };
  const members = existing.BS ?? [];
  const present = new Set(members.map(bytesKey));
  return { BS: [...members, ...(operand.BS ?? []).filter((bytes) => !present.has(bytesKey(bytes)))] };
}

function union(a: readonly string[], b: readonly string[]): string[] {
  return [...new Set([...a, ...b])];
}

/** What is left of a set; nothing is left of an empty one. */
function deleteFrom(
  existing: AttributeValue | undefined,
  operand: AttributeValue,
): AttributeValue | undefined {
  if (existing === undefined) return undefined;
  const type = typeOf(existing);
  if (type !== typeOf(operand)) throw wrongOperandType();
  if (type === 'BS') {
    const gone = new Set((operand.BS ?? []).map(bytesKey));
    const left = (existing.BS ?? []).filter((bytes) => !gone.has(bytesKey(bytes)));
    return left.length === 0 ? undefined : { BS: left };
  }
  const gone = new Set(operand.SS ?? operand.NS);
  const left = (existing.SS ?? existing.NS ?? []).filter((member) => !gone.has(member));
  if (left.length === 0) return undefined;
  return type === 'SS' ? { SS: left } : { NS: left };
}

/** Levels of lists and maps in a value. */
function depthOf(value: AttributeValue): number {
  if (value.L !== undefined) return 1 + value.L.reduce((max, element) => Math.max(max, depthOf(element)), 0);
  if (value.M === undefined) return 0;
  return 1 + Object.values(value.M).reduce((max, element) => Math.max(max, depthOf(element)), 0);
}

function checkNesting(path: DocumentPath, value: AttributeValue | undefined): void {
  if (value === undefined || path.length - 1 + depthOf(value) <= NESTING_LEVELS_MAX) return;
  throw validationError('Nesting Levels have exceeded supported limits');
}

type ChangeTree = PathTree<{ readonly value: AttributeValue | undefined }>;

function changeMap(item: Item, node: ChangeTree): Item {
  const entries = new Map(Object.entries(item));
  for (const [part, child] of node.children) {
    const name = String(part);
    const value = changeValue(attributeOf(item, name), child);
    if (value === undefined) entries.delete(name);
    else entries.set(name, value);
  }
  return itemOf(entries);
}

function changeValue(value: AttributeValue | undefined, node: ChangeTree): AttributeValue | undefined {
  if (node.leaf !== undefined) return node.leaf.value;
  const indexed = byIndex(node);
  if (indexed.length === 0 && value?.M !== undefined) return { M: changeMap(value.M, node) };
  if (indexed.length > 0 && value?.L !== undefined) return { L: changeList(value.L, indexed) };
  throw validationError('The document path provided in the update expression is invalid for update');
}

function changeList(
  list: readonly AttributeValue[],
  indexed: readonly [index: number, child: ChangeTree][],
): AttributeValue[] {
  const changed: (AttributeValue | undefined)[] = [...list];
  const appended: AttributeValue[] = [];
  for (const [index, child] of indexed) {
    const value = changeValue(list[index], child);
    if (index < list.length) changed[index] = value;
    else if (value !== undefined) appended.push(value);
  }
  return [...changed.filter((value) => value !== undefined), ...appended];
}
