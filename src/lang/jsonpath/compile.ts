/**
 * Compiles parsed paths to closures. A path that selects at most one node is a loop over its steps and fails with
 * Jayway's words when a step finds nothing; any other path collects what it finds and never fails.
 */
import type { Json } from '../../base/json.ts';
import { isExactNumber, isPlainObject } from '../../base/exact-json.ts';
import { JsonPathError } from './errors.ts';
import { Evaluation } from './evaluation.ts';
import type { PathReader } from './filter.ts';
import { compileFilter } from './filter.ts';
import { applyPathFunction } from './functions.ts';
import type { PathToken } from './tokens.ts';
import { isDefiniteToken } from './tokens.ts';

type Step = Exclude<PathToken, { kind: 'function' }>;
type Visitor = (node: Json, evaluation: Evaluation) => void;
type Emit = (node: Json) => void;
/** Calls `next` for each node that a token selects from a node. */
type Selector = (node: Json, evaluation: Evaluation, next: Visitor) => void;

export interface CompiledPath {
  /** Selects at most one node, so the result is that node and not a list. */
  readonly isDefinite: boolean;
  /** Throws `JsonPathError` when a definite path finds nothing. */
  readonly read: (document: Json) => Json;
}

export function compileTokens(tokens: readonly PathToken[]): CompiledPath {
  const isDefinite = tokens.every(isDefiniteToken);
  const last = tokens.at(-1);
  const steps = tokens.filter((token): token is Step => token.kind !== 'function');
  const read = isDefinite ? compileDefinite(steps) : compileIndefinite(steps);
  if (last?.kind !== 'function') return { isDefinite, read };
  return { isDefinite: true, read: (document) => applyPathFunction(last.name, read(document)) };
}

/** `$['a'][0]`: how Jayway writes a path in its messages. */
function normalisedPath(steps: readonly Step[]): string {
  return `$${steps.map(normalisedStep).join('')}`;
}

function normalisedStep(step: Step): string {
  if (step.kind === 'property') return `['${step.name}']`;
  if (step.kind === 'properties') return `[${step.names.map((name) => `'${name}'`).join(',')}]`;
  return step.kind === 'index' ? `[${step.index}]` : '[*]';
}

/** What Jayway calls the type of a value; it is part of what AWS shows. */
function javaTypeOf(value: Json): string {
  if (value === null) return 'com.fasterxml.jackson.databind.node.NullNode';
  if (typeof value === 'string') return 'com.fasterxml.jackson.databind.node.TextNode';
  if (isExactNumber(value)) return 'com.fasterxml.jackson.databind.node.BigIntegerNode';
  if (typeof value === 'boolean') return 'com.fasterxml.jackson.databind.node.BooleanNode';
  if (typeof value !== 'number') return 'com.fasterxml.jackson.databind.node.ArrayNode';
  return `com.fasterxml.jackson.databind.node.${Number.isInteger(value) ? 'IntNode' : 'DoubleNode'}`;
}

const JSON_PROVIDER = 'com.jayway.jsonpath.spi.json.JacksonJsonNodeJsonProvider';

function compileDefinite(steps: readonly Step[]): (document: Json) => Json {
  return (document) => {
    let node = document;
    for (const [position, step] of steps.entries()) {
      const next = definiteStep(node, step);
      if (next === undefined) throw notFound(steps, position, node);
      node = next;
    }
    return node;
  };
}

function definiteStep(node: Json, step: Step): Json | undefined {
  if (step.kind === 'property') {
    return isPlainObject(node) && Object.hasOwn(node, step.name) ? node[step.name] : undefined;
  }
  if (step.kind === 'index')
    return Array.isArray(node) ? (node.at(step.index) as Json | undefined) : undefined;
  return step.kind === 'properties' && isPlainObject(node) ? pick(node, step.names) : undefined;
}

function pick(node: { readonly [key: string]: Json }, names: readonly string[]): Json {
  return Object.fromEntries(
    names.filter((name) => Object.hasOwn(node, name)).map((name) => [name, node[name] as Json]),
  );
}

function notFound(steps: readonly Step[], position: number, node: Json): JsonPathError {
  const step = steps[position];
  const before = normalisedPath(steps.slice(0, position));
  if (step?.kind === 'index') {
    if (Array.isArray(node)) return new JsonPathError(`No results for path: ${normalisedPath(steps)}`);
    const found = JSON.stringify(node);
    return new JsonPathError(
      `Filter: [${step.index}] can only be applied to arrays. Current context is: ${found}`,
    );
  }
  if (!isPlainObject(node)) {
    return new JsonPathError(
      `Expected to find an object with property ${step === undefined ? '' : normalisedStep(step)} in path ` +
        `${before} but found '${javaTypeOf(node)}'. This is not a json object according to the JsonProvider: ` +
        `'${JSON_PROVIDER}'.`,
    );
  }
  const isLeaf = position === steps.length - 1;
  return isLeaf
    ? new JsonPathError(`No results for path: ${normalisedPath(steps)}`)
    : new JsonPathError(`Missing property in path ${normalisedPath(steps.slice(0, position + 1))}`);
}

function compileIndefinite(steps: readonly Step[]): (document: Json) => Json {
  const collect = compileCollector(steps);
  return (document) => {
    const found: Json[] = [];
    collect(document, new Evaluation(document), (node) => found.push(node));
    return found;
  };
}

/** Calls `emit` for each node that the steps select, in the order of the document. */
function compileCollector(steps: readonly Step[]): (node: Json, evaluation: Evaluation, emit: Emit) => void {
  const selectors: Selector[] = [];
  for (const [position, step] of steps.entries()) {
    if (step.kind === 'scan') continue;
    const select = compileSelector(step);
    selectors.push(steps[position - 1]?.kind === 'scan' ? scanning(select) : select);
  }
  return (node, evaluation, emit) => {
    const visit = (current: Json, position: number): void => {
      evaluation.visit();
      const select = selectors[position];
      if (select === undefined) emit(current);
      else select(current, evaluation, (selected) => visit(selected, position + 1));
    };
    visit(node, 0);
  };
}

/** Applies a selector to a node and to all below it, a parent before its children; without recursion. */
function scanning(select: Selector): Selector {
  return (node, evaluation, next) => {
    const pending: Json[] = [node];
    for (let current = pending.pop(); current !== undefined; current = pending.pop()) {
      evaluation.visit();
      select(current, evaluation, next);
      const children = childrenOf(current);
      for (let index = children.length - 1; index >= 0; index -= 1) pending.push(children[index] as Json);
    }
  };
}

function childrenOf(node: Json): readonly Json[] {
  if (Array.isArray(node)) return node;
  return isPlainObject(node) ? Object.values(node) : [];
}

function compileSelector(step: Exclude<Step, { kind: 'scan' }>): Selector {
  switch (step.kind) {
    case 'property':
    case 'properties':
    case 'index':
      return (node, evaluation, next) => {
        const selected = definiteStep(node, step);
        if (selected !== undefined) next(selected, evaluation);
      };
    case 'indices':
      return (node, evaluation, next) => {
        if (!Array.isArray(node)) return;
        for (const index of step.indices) {
          const selected = node.at(index) as Json | undefined;
          if (selected !== undefined) next(selected, evaluation);
        }
      };
    case 'slice':
      return (node, evaluation, next) => {
        if (!Array.isArray(node)) return;
        for (const selected of node.slice(step.from ?? 0, step.to)) next(selected as Json, evaluation);
      };
    case 'wildcard':
      return (node, evaluation, next) => {
        for (const child of childrenOf(node)) next(child, evaluation);
      };
    case 'filter': {
      const test = compileFilter(step.filter, compileReader);
      return (node, evaluation, next) => {
        const candidates = Array.isArray(node) ? (node as readonly Json[]) : [node];
        for (const candidate of candidates) {
          evaluation.visit();
          if (test(candidate, evaluation)) next(candidate, evaluation);
        }
      };
    }
  }
}

/** A path inside a filter: what it does not find is `undefined`, and a list that found nothing counts as nothing. */
function compileReader(tokens: readonly PathToken[]): PathReader {
  const last = tokens.at(-1);
  const steps = tokens.filter((token): token is Step => token.kind !== 'function');
  const isDefinite = steps.every(isDefiniteToken);
  const collect = compileCollector(steps);
  return (root, evaluation) => {
    const found: Json[] = [];
    collect(root, evaluation, (node) => found.push(node));
    if (found.length === 0) return undefined;
    const value = isDefinite ? (found[0] as Json) : found;
    return last?.kind === 'function' ? applyPathFunction(last.name, value) : value;
  };
}
