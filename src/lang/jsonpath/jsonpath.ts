/**
 * JSONPath as Step Functions understands it: Jayway's dialect with Jayway's messages. Paths are compiled once and
 * cached by their text.
 *
 * Not supported, and refused as a syntax error: the regular expression operator `=~` of filters, because a user's
 * pattern can backtrack for ever.
 */
import type { Json } from '../../base/json.ts';
import type { CompiledPath } from './compile.ts';
import { compileTokens } from './compile.ts';
import { JsonPathSyntaxError } from './errors.ts';
import { PATH_LENGTH_MAX } from './limits.ts';
import { parseTokens } from './parser.ts';
import { Scanner } from './scanner.ts';
import type { PathToken } from './tokens.ts';

export interface JsonPath extends CompiledPath {
  readonly text: string;
  readonly tokens: readonly PathToken[];
}

/** Compiled paths kept; far above what one region's definitions use, so emptying it now and then costs nothing. */
const CACHED_PATHS_MAX = 10_000;

const cache = new Map<string, JsonPath>();

/** Compiles a path that starts with `$`. Throws `JsonPathSyntaxError`. */
export function compileJsonPath(text: string): JsonPath {
  const cached = cache.get(text);
  if (cached !== undefined) return cached;
  if (text.length > PATH_LENGTH_MAX) throw new JsonPathSyntaxError('the path is too long');
  const scanner = new Scanner(text);
  scanner.expect('$');
  const tokens = parseTokens(scanner, () => false, 0);
  const path: JsonPath = { text, tokens, ...compileTokens(tokens) };
  if (cache.size >= CACHED_PATHS_MAX) cache.clear();
  cache.set(text, path);
  return path;
}

/** Compiles and applies a path. Throws `JsonPathSyntaxError` or `JsonPathError`. */
export function readJsonPath(text: string, document: Json): Json {
  return compileJsonPath(text).read(document);
}
