/**
 * `{"equals-ignore-case": "x"}`, also inside prefix, suffix and anything-but.
 *
 * AWS accepts, for each character of the pattern, its lower-case or its upper-case form, which may be longer than
 * one character (ß or SS). That is no symmetric folding: K (Kelvin) does not match a pattern k.
 */
import type { PatternReader } from '../reader.ts';
import type { Operator } from './operator.ts';
import { requireOnlyKey, requireString } from './operator.ts';

interface CasePair {
  readonly lower: string;
  readonly upper: string;
}

export function parseEqualsIgnoreCase(reader: PatternReader): Operator {
  const operator = equalsIgnoreCase(requireString(reader, 'equals-ignore-case'));
  requireOnlyKey(reader);
  return operator;
}

export function equalsIgnoreCase(text: string): Operator {
  const pairs = casePairs(text);
  return {
    test: (leaf) => leaf.kind === 'string' && endOfMatch(pairs, leaf.text) === leaf.text.length,
    anchor: { kind: 'folded', text: foldCase(text) },
  };
}

export function casePairs(text: string): readonly CasePair[] {
  return Array.from(text, (character) => ({
    lower: character.toLowerCase(),
    upper: character.toUpperCase(),
  }));
}

/** Where the pattern ends in a text that begins with it; -1 for any other text. */
export function endOfMatch(pairs: readonly CasePair[], text: string): number {
  let end = 0;
  for (const { lower, upper } of pairs) {
    if (text.startsWith(lower, end)) end += lower.length;
    else if (text.startsWith(upper, end)) end += upper.length;
    else return -1;
  }
  return end;
}

/** True for a text that ends with the pattern. */
export function endsWithMatch(pairs: readonly CasePair[], text: string): boolean {
  let start = text.length;
  for (let index = pairs.length - 1; index >= 0; index -= 1) {
    const { lower, upper } = pairs[index] as CasePair;
    if (text.endsWith(lower, start)) start -= lower.length;
    else if (text.endsWith(upper, start)) start -= upper.length;
    else return false;
  }
  return true;
}

/**
 * One key for all texts that a pattern may match (and for some that it does not, so a test must follow):
 * down, up and down again meets every special case of Unicode, character by character because Σ depends on place.
 */
export function foldCase(text: string): string {
  if (isAscii(text)) return text.toLowerCase();
  let folded = '';
  for (const character of text) folded += character.toLowerCase().toUpperCase().toLowerCase();
  return folded;
}

function isAscii(text: string): boolean {
  for (let index = 0; index < text.length; index += 1) {
    if (text.charCodeAt(index) > 127) return false;
  }
  return true;
}
