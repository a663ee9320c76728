/**
 * The names and values that a request gives beside its expressions, and which of them its expressions used. One
 * object serves all expressions of a request: `assertAllUsed` speaks once, at the end.
 */
import type { PathNode, ValueNode } from './ast.ts';
import type { AttributeValue, Item } from './attribute-value.ts';
import { expressionError, type ExpressionKind, validationError } from './errors.ts';
import { normalizeValue } from './normalize.ts';
import type { DocumentPath } from './path.ts';

export interface SubstitutionInput {
  readonly ExpressionAttributeNames?: { readonly [alias: string]: string } | undefined;
  readonly ExpressionAttributeValues?: Item | undefined;
}

const ALIAS = /^#[A-Za-z0-9_]+$/;
const VALUE_NAME = /^:[A-Za-z0-9_]+$/;

export class Substitutions {
  readonly #names: ReadonlyMap<string, string>;
  readonly #values: ReadonlyMap<string, AttributeValue>;
  readonly #used = new Set<string>();

  /** Checks what the request gave. Throws `ValidationException`. */
  constructor(input: SubstitutionInput) {
    this.#names = new Map(Object.entries(input.ExpressionAttributeNames ?? {}));
    this.#values = new Map(Object.entries(input.ExpressionAttributeValues ?? {}).map(normalizeEntry));
    if (input.ExpressionAttributeNames !== undefined) {
      checkKeys('ExpressionAttributeNames', this.#names, ALIAS);
    }
    if (input.ExpressionAttributeValues !== undefined) {
      checkKeys('ExpressionAttributeValues', this.#values, VALUE_NAME);
    }
  }

  path(kind: ExpressionKind, node: PathNode): DocumentPath {
    const path: (string | number)[] = [];
    for (const part of node.parts) {
      if (part.kind === 'index') path.push(part.index);
      else path.push(part.kind === 'name' ? part.name : this.#name(kind, part.alias));
    }
    return path as unknown as DocumentPath;
  }

  #name(kind: ExpressionKind, alias: string): string {
    const name = this.#names.get(alias);
    if (name === undefined) {
      throw expressionError(
        kind,
        `An expression attribute name used in the document path is not defined; attribute name: ${alias}`,
      );
    }
    this.#used.add(alias);
    return name;
  }

  value(kind: ExpressionKind, node: ValueNode): AttributeValue {
    const value = this.#values.get(node.name);
    if (value === undefined) {
      throw expressionError(
        kind,
        `An expression attribute value used in expression is not defined; attribute value: ${node.name}`,
      );
    }
    this.#used.add(node.name);
    return value;
  }

  /** Throws when a name or a value was given that no expression used. */
  assertAllUsed(): void {
    this.#assertUsed('ExpressionAttributeNames', this.#names);
    this.#assertUsed('ExpressionAttributeValues', this.#values);
  }

  #assertUsed(member: string, given: ReadonlyMap<string, unknown>): void {
    const unused = [...given.keys()].filter((key) => !this.#used.has(key));
    if (unused.length === 0) return;
    throw validationError(`Value provided in ${member} unused in expressions: keys: {${unused.join(', ')}}`);
  }
}

function normalizeEntry([name, value]: [string, AttributeValue]): [string, AttributeValue] {
  try {
    return [name, normalizeValue(value)];
  } catch (error) {
    throw validationError(
      `ExpressionAttributeValues contains invalid value: ${(error as Error).message} for key ${name}`,
    );
  }
}

function checkKeys(member: string, given: ReadonlyMap<string, unknown>, pattern: RegExp): void {
  if (given.size === 0) throw validationError(`${member} must not be empty`);
  for (const key of given.keys()) {
    if (!pattern.test(key))
      throw validationError(`${member} contains invalid key: Syntax error; key: "${key}"`);
  }
}
