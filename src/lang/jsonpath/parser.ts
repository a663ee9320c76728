/**
 * Parses the JSONPath dialect of Step Functions, which is Jayway's. A path starts with `$` (the document) or, in a
 * filter, `@` (the node under test). Called by jsonpath.ts for whole texts and by filter-parser.ts for operands.
 */
import { parseFilter } from './filter-parser.ts';
import { isPathFunction } from './functions.ts';
import { FILTER_DEPTH_MAX, PATH_TOKENS_MAX } from './limits.ts';
import type { Scanner } from './scanner.ts';
import type { PathToken } from './tokens.ts';

/**
 * Tokens of the path after its root sign. `isEnd` tells where a path inside a larger text ends; `filterDepth` counts
 * the filters around it. Throws `JsonPathSyntaxError`.
 */
export function parseTokens(
  scanner: Scanner,
  isEnd: (character: string) => boolean,
  filterDepth: number,
): readonly PathToken[] {
  if (filterDepth > FILTER_DEPTH_MAX) scanner.fail('filters are nested too deep');
  const tokens: PathToken[] = [];
  while (!scanner.isAtEnd && !isEnd(scanner.peek())) {
    if (tokens.length >= PATH_TOKENS_MAX) scanner.fail('the path has too many steps');
    if (tokens.at(-1)?.kind === 'function') scanner.fail('nothing may follow a function');
    if (scanner.accept('..')) {
      tokens.push({ kind: 'scan' });
      tokens.push(scanner.peek() === '[' ? parseBrackets(scanner, filterDepth) : parseName(scanner, isEnd));
    } else if (scanner.accept('.')) {
      tokens.push(scanner.peek() === '[' ? parseBrackets(scanner, filterDepth) : parseName(scanner, isEnd));
    } else if (scanner.peek() === '[') {
      tokens.push(parseBrackets(scanner, filterDepth));
    } else {
      scanner.fail(`unexpected '${scanner.peek()}'`);
    }
  }
  return tokens;
}

function parseName(scanner: Scanner, isEnd: (character: string) => boolean): PathToken {
  if (scanner.accept('*')) return { kind: 'wildcard' };
  const name = scanner.readUntil(
    (character) => character === '.' || character === '[' || character === '(' || isEnd(character),
  );
  if (name === '') scanner.fail('expected a name');
  if (name.includes(' ')) scanner.fail(`use ['${name}'] for a name with blanks`);
  if (!scanner.accept('(')) return { kind: 'property', name };
  scanner.skipBlanks();
  scanner.expect(')');
  if (!isPathFunction(name)) scanner.fail(`unknown function '${name}'`);
  return { kind: 'function', name };
}

function parseBrackets(scanner: Scanner, filterDepth: number): PathToken {
  scanner.expect('[');
  scanner.skipBlanks();
  const token = parseSelection(scanner, filterDepth);
  scanner.skipBlanks();
  scanner.expect(']');
  return token;
}

function parseSelection(scanner: Scanner, filterDepth: number): PathToken {
  if (scanner.accept('*')) return { kind: 'wildcard' };
  if (scanner.accept('?')) {
    scanner.skipBlanks();
    scanner.expect('(');
    const filter = parseFilter(scanner, filterDepth + 1, parseTokens);
    scanner.expect(')');
    return { kind: 'filter', filter };
  }
  if (scanner.peek() === "'" || scanner.peek() === '"') return parseProperties(scanner);
  return parseIndices(scanner);
}

function parseProperties(scanner: Scanner): PathToken {
  const names: string[] = [];
  do {
    scanner.skipBlanks();
    if (scanner.peek() !== "'" && scanner.peek() !== '"') scanner.fail('expected a quoted name');
    names.push(scanner.readQuoted());
    scanner.skipBlanks();
  } while (scanner.accept(','));
  const [name] = names;
  return name !== undefined && names.length === 1
    ? { kind: 'property', name }
    : { kind: 'properties', names };
}

function parseIndices(scanner: Scanner): PathToken {
  const first = scanner.readInteger();
  scanner.skipBlanks();
  if (scanner.accept(':')) {
    scanner.skipBlanks();
    return { kind: 'slice', from: first, to: scanner.readInteger() };
  }
  if (first === undefined) return scanner.fail('expected an index, a slice, a name, * or a filter');
  const indices = [first];
  while (scanner.accept(',')) {
    scanner.skipBlanks();
    indices.push(scanner.readInteger() ?? scanner.fail('expected an index'));
    scanner.skipBlanks();
  }
  return indices.length === 1 ? { kind: 'index', index: first } : { kind: 'indices', indices };
}
