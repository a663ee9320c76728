/**
 * Reference paths (ResultPath): paths made of names and indices only, that say where a value is put. Missing
 * objects on the way are made; the document itself is never changed.
 */
import type { Json } from '../../base/json.ts';
import { isPlainObject } from '../../base/exact-json.ts';
import { JsonPathError, JsonPathSyntaxError } from './errors.ts';
import { compileJsonPath } from './jsonpath.ts';

type ReferenceStep = string | number;

export interface ReferencePath {
  readonly text: string;
  /** True for `$`: the value replaces the document. */
  readonly isRoot: boolean;
  /** A copy of `document` that holds `value` at this path. Throws `JsonPathError` where it cannot be put. */
  put(document: Json, value: Json): Json;
}

/** Throws `JsonPathSyntaxError` when the text is no reference path. */
export function compileReferencePath(text: string): ReferencePath {
  const steps = compileJsonPath(text).tokens.map((token): ReferenceStep => {
    if (token.kind === 'property') return token.name;
    if (token.kind === 'index' && token.index >= 0) return token.index;
    throw new JsonPathSyntaxError(`'${text}' is no reference path`);
  });
  return {
    text,
    isRoot: steps.length === 0,
    put: (document, value) => {
      const changed = putAt(document, steps, value);
      if (changed === undefined) {
        throw new JsonPathError(`Unable to apply ReferencePath ${text} to input ${JSON.stringify(document)}`);
      }
      return changed;
    },
  };
}

/** The document with `value` at `steps`, built from the inside out; `undefined` where a step meets the wrong type. */
function putAt(document: Json, steps: readonly ReferenceStep[], value: Json): Json | undefined {
  const parents: Json[] = [];
  let node: Json = document;
  for (const step of steps) {
    parents.push(node);
    const child = childAt(node, step);
    if (child === undefined) return undefined;
    node = child;
  }
  let changed = value;
  for (let position = steps.length - 1; position >= 0; position -= 1) {
    changed = withChild(parents[position] as Json, steps[position] as ReferenceStep, changed);
  }
  return changed;
}

/** The child to go on from: an empty object where a name is missing, `undefined` where the step cannot apply. */
function childAt(node: Json, step: ReferenceStep): Json | undefined {
  if (typeof step === 'number') return Array.isArray(node) ? (node[step] as Json | undefined) : undefined;
  if (!isPlainObject(node)) return undefined;
  return Object.hasOwn(node, step) ? node[step] : {};
}

function withChild(parent: Json, step: ReferenceStep, child: Json): Json {
  if (typeof step === 'number') return (parent as readonly Json[]).with(step, child);
  // A computed key of an object literal makes an own member even of `__proto__`.
  return { ...(parent as { readonly [key: string]: Json }), [step]: child };
}
