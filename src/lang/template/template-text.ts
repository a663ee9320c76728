/**
 * What rules' and pipes' templates share: text with `<placeholders>`, each inside or outside of a JSON string, and
 * the ways in which a JSON value is written into it.
 */
import { JsonCursor } from '../json-text.ts';

interface Placeholder {
  readonly name: string;
  /** It stands inside a JSON string of the template. */
  readonly quoted: boolean;
}

/** Literal text and placeholders, in order. */
export type TemplatePart = string | Placeholder;

const PLACEHOLDER = /<([$A-Za-z0-9_.[\]*/:'-]+)>/y;

/** Splits a template. `isPlaceholder` decides which names are meant; others stay text. */
export function splitTemplate(template: string, isPlaceholder: (name: string) => boolean): TemplatePart[] {
  const parts: TemplatePart[] = [];
  let literalStart = 0;
  let quoted = false;
  for (let index = 0; index < template.length; index += 1) {
    const character = template[index];
    if (character === '\\' && quoted) index += 1;
    else if (character === '"') quoted = !quoted;
    else if (character === '<') {
      PLACEHOLDER.lastIndex = index;
      const [whole = '', name = ''] = PLACEHOLDER.exec(template) ?? [];
      if (name === '' || !isPlaceholder(name)) continue;
      if (index > literalStart) parts.push(template.slice(literalStart, index));
      parts.push({ name, quoted });
      index += whole.length - 1;
      literalStart = index + 1;
    }
  }
  if (literalStart < template.length) parts.push(template.slice(literalStart));
  return parts;
}

/**
 * A JSON value inside a JSON string: a string without its quotes (its escapes stay, so the result stays valid), and
 * all else compact and without any quotes: `{acc_id:0a,sf_id:baz}`, `[A,B]`, `true` [recorded].
 */
export function toQuotedText(json: string): string {
  if (json.startsWith('"')) return json.slice(1, -1);
  if (!json.startsWith('{') && !json.startsWith('[')) return json;
  const cursor = new JsonCursor(json);
  let text = '';
  while (cursor.position < json.length) {
    const character = json[cursor.position] ?? '';
    if (character === '"') text += cursor.raw().slice(1, -1);
    else {
      if (character > ' ') text += character;
      cursor.position += 1;
    }
  }
  return text;
}

/** A JSON value as text of its own: the characters of a string, and all else as in a JSON string. */
export function toPlainText(json: string): string {
  return json.startsWith('"') ? (JSON.parse(json) as string) : toQuotedText(json);
}

/** A template that is JSON, as opposed to text: an object, an array, or one placeholder alone. */
export function isJsonTemplate(template: string, parts: readonly TemplatePart[]): boolean {
  const trimmed = template.trim();
  if (trimmed.startsWith('{') || trimmed.startsWith('[')) return true;
  const visible = parts.filter((part) => typeof part !== 'string' || part.trim() !== '');
  return visible.length === 1 && typeof visible[0] !== 'string';
}
