/**
 * `{"wildcard": "a*b"}`; strings only. `\*` and `\\` are the only escapes. Matching is a chain of `indexOf`, so no
 * text makes it slow; AWS's limit of complexity is kept all the same (`wildcard-complexity.ts`).
 */
import type { PatternReader } from '../reader.ts';
import { PatternFault } from '../reader.ts';
import type { Anchor, Operator } from './operator.ts';
import { PRESENT, requireOnlyKey, requireString } from './operator.ts';

export function parseWildcard(reader: PatternReader): Operator {
  const operator = wildcard(reader, requireString(reader, 'wildcard'));
  requireOnlyKey(reader);
  return operator;
}

/** Compiles a wildcard; faults are reported at the reader's place. */
export function wildcard(reader: PatternReader, text: string): Operator {
  const segments = splitWildcard(text, (message) => reader.fail(message));
  return {
    test: (leaf) => leaf.kind === 'string' && matchesSegments(segments, leaf.text),
    anchor: anchorOf(segments),
    wildcards: [text],
  };
}

/** The literal texts between the stars, escapes resolved. */
export function splitWildcard(
  text: string,
  fail: (message: string) => never = (message) => {
    throw new PatternFault(message);
  },
): string[] {
  const segments: string[] = [];
  let segment = '';
  for (let index = 0; index < text.length; index += 1) {
    const character = text[index] ?? '';
    if (character === '*') {
      if (text[index + 1] === '*') fail(`Consecutive wildcard characters at pos ${position(text, index)}`);
      segments.push(segment);
      segment = '';
    } else if (character === '\\') {
      const escaped = text[index + 1];
      if (escaped !== '*' && escaped !== '\\') {
        fail(`Invalid escape character at pos ${position(text, index)}`);
      }
      segment += escaped;
      index += 1;
    } else {
      segment += character;
    }
  }
  segments.push(segment);
  return segments;
}

/** AWS counts bytes, and the opening quote that its matcher puts before the text. */
function position(text: string, index: number): number {
  return Buffer.byteLength(text.slice(0, index)) + 1;
}

function matchesSegments(segments: readonly string[], text: string): boolean {
  const first = segments[0] ?? '';
  if (segments.length === 1) return text === first;
  const last = segments.at(-1) ?? '';
  if (text.length < first.length + last.length) return false;
  if (!text.startsWith(first) || !text.endsWith(last)) return false;
  let from = first.length;
  for (let index = 1; index < segments.length - 1; index += 1) {
    const segment = segments[index] ?? '';
    const found = text.indexOf(segment, from);
    if (found === -1) return false;
    from = found + segment.length;
  }
  return from <= text.length - last.length;
}

function anchorOf(segments: readonly string[]): Anchor {
  const first = segments[0] ?? '';
  if (segments.length === 1) return { kind: 'string', text: first };
  if (first !== '') return { kind: 'prefix', text: first };
  const last = segments.at(-1) ?? '';
  return last === '' ? PRESENT : { kind: 'suffix', text: last };
}
