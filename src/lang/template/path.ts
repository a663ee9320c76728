/**
 * The small JSONPath of rules' input paths and pipes' templates: `$.a.b-c[0].d[*]`. A path picks a piece of the raw
 * JSON text, so what is delivered is what came in: numbers, key order and spelling survive.
 */
import type { EventView } from '../pattern/event.ts';
import { JsonCursor } from '../json-text.ts';

type Step =
  | { readonly kind: 'key'; readonly key: string }
  | { readonly kind: 'index'; readonly index: number }
  | { readonly kind: 'all' };

export type TextPath = readonly Step[];

const STEP = /\.\*|\.([^.[\]<>'"\s]+)|\[(\d{1,9})\]|\[\*\]|\['([^']+)'\]|\["([^"]+)"\]/y;

/** Compiles a path; `undefined` for text that is none. */
export function compilePath(text: string): TextPath | undefined {
  if (!text.startsWith('$')) return undefined;
  const steps: Step[] = [];
  let position = 1;
  while (position < text.length) {
    STEP.lastIndex = position;
    const found = STEP.exec(text);
    if (found === null) return undefined;
    const [whole, name, index, single, double] = found;
    const key = name ?? single ?? double;
    if (key !== undefined) steps.push({ kind: 'key', key });
    else steps.push(index === undefined ? { kind: 'all' } : { kind: 'index', index: Number(index) });
    position += whole.length;
  }
  return steps;
}

/** The JSON text at the end of a path; `undefined` when it leads nowhere. `[*]` gives a JSON array of all it finds. */
export function selectText(path: TextPath, json: string): string | undefined {
  const found: string[] = [];
  collect(path, 0, { json, found });
  if (!path.some(({ kind }) => kind === 'all')) return found[0];
  return found.length === 0 ? undefined : `[${found.join(',')}]`;
}

/** As `selectText`, of an event: its envelope is not turned into text for it. */
export function selectFromEvent(path: TextPath, event: EventView): string | undefined {
  const first = path[0];
  const envelope = event.envelope;
  if (envelope !== undefined && first?.kind === 'key') {
    if (first.key === 'detail') return selectText(path.slice(1), envelope.detailText);
    if (path.length === 1) {
      if (first.key === 'source') return JSON.stringify(envelope.source);
      if (first.key === 'detail-type') return JSON.stringify(envelope.detailType);
    }
  }
  return selectText(path, event.text);
}

interface Selection {
  readonly json: string;
  readonly found: string[];
}

/** Recursion is as deep as the path is long. */
function collect(path: TextPath, from: number, selection: Selection): void {
  const cursor = new JsonCursor(selection.json);
  cursor.skipSpace();
  const step = path[from];
  if (step === undefined) {
    selection.found.push(cursor.raw());
    return;
  }
  if (step.kind === 'key') {
    const value = memberText(cursor, step.key);
    if (value !== undefined) collect(path, from + 1, { json: value, found: selection.found });
    return;
  }
  if (!isContainer(cursor, step.kind) || !cursor.enter()) return;
  const inObject = selection.json.trimStart().startsWith('{');
  let index = 0;
  do {
    if (inObject) {
      cursor.skipValue();
      cursor.toMemberValue();
    }
    const value = cursor.raw();
    if (step.kind === 'all' || step.index === index) {
      collect(path, from + 1, { json: value, found: selection.found });
    }
    index += 1;
  } while (cursor.next());
}

/** `[*]` goes through arrays and objects, `[0]` through arrays alone. */
function isContainer(cursor: JsonCursor, kind: 'index' | 'all'): boolean {
  const found = cursor.kind();
  return found === 'array' || (found === 'object' && kind === 'all');
}

/** The text of a member of an object; of a repeated key the last one, as JSON parsers do. */
function memberText(cursor: JsonCursor, key: string): string | undefined {
  if (cursor.kind() !== 'object' || !cursor.enter()) return undefined;
  let text: string | undefined;
  do {
    const found = cursor.string() === key;
    cursor.toMemberValue();
    if (found) text = cursor.raw();
    else cursor.skipValue();
  } while (cursor.next());
  return text;
}
