/**
 * Walks the raw text of valid JSON without building values: event patterns and templates look at a few fields of
 * an event, need the spelling of its numbers, both values of a duplicate key, and pieces of the text verbatim.
 *
 * The text must have passed `JSON.parse` before. On malformed text nothing here throws or loops, but what it
 * finds is meaningless. Recursion is left to callers; skipping a value is a loop.
 */

const QUOTE = 34;
const COMMA = 44;
const COLON = 58;
const OPEN_BRACKET = 91;
const BACKSLASH = 92;
const CLOSE_BRACKET = 93;
const OPEN_BRACE = 123;
const CLOSE_BRACE = 125;
const SPACE = 32;

/** What a value is, as told by its first character. */
export type JsonKind = 'string' | 'number' | 'literal' | 'object' | 'array';

export class JsonCursor {
  readonly text: string;
  position: number;
  /** The next backslash at or after the position, so that strings without one need no search of their own. */
  #nextBackslash = -1;

  constructor(text: string, position = 0) {
    this.text = text;
    this.position = position;
  }

  skipSpace(): void {
    while (this.text.charCodeAt(this.position) <= SPACE) this.position += 1;
  }

  /** The kind of the value that starts at the position. */
  kind(): JsonKind {
    const code = this.text.charCodeAt(this.position);
    if (code === QUOTE) return 'string';
    if (code === OPEN_BRACE) return 'object';
    if (code === OPEN_BRACKET) return 'array';
    return code === 45 || (code >= 48 && code <= 57) ? 'number' : 'literal';
  }

  /** Reads the string that starts at the position, escapes resolved. */
  string(): string {
    const start = this.position + 1;
    this.#skipString();
    const end = this.position - 1;
    if (this.#hasBackslash(start, end)) return unescapeJson(this.text.slice(start - 1, end + 1));
    return this.text.slice(start, end);
  }

  /** Reads the number or literal that starts at the position, as it is spelled. */
  scalar(): string {
    const start = this.position;
    let end = start;
    for (; end < this.text.length; end += 1) {
      const code = this.text.charCodeAt(end);
      if (code <= SPACE || code === COMMA || code === CLOSE_BRACKET || code === CLOSE_BRACE) break;
    }
    this.position = end;
    return this.text.slice(start, end);
  }

  /** Moves past the value that starts at the position. */
  skipValue(): void {
    const code = this.text.charCodeAt(this.position);
    if (code === QUOTE) this.#skipString();
    else if (code === OPEN_BRACE || code === OPEN_BRACKET) this.#skipContainer();
    else this.scalar();
  }

  /** Moves past the value that starts at the position and returns its text verbatim. */
  raw(): string {
    const start = this.position;
    this.skipValue();
    return this.text.slice(start, this.position);
  }

  /** Enters the object or array that starts at the position; false (and past it) when it is empty. */
  enter(): boolean {
    this.position += 1;
    this.skipSpace();
    const code = this.text.charCodeAt(this.position);
    if (code !== CLOSE_BRACE && code !== CLOSE_BRACKET) return true;
    this.position += 1;
    return false;
  }

  /** After a key was read: moves to the first character of its value. */
  toMemberValue(): void {
    this.skipSpace();
    if (this.text.charCodeAt(this.position) === COLON) this.position += 1;
    this.skipSpace();
  }

  /** After a member or an element: moves to the next one; false (and past the end) when there is none. */
  next(): boolean {
    this.skipSpace();
    const more = this.text.charCodeAt(this.position) === COMMA;
    this.position += 1;
    if (more) this.skipSpace();
    return more && this.position < this.text.length;
  }

  #hasBackslash(start: number, end: number): boolean {
    if (this.#nextBackslash < start) {
      const found = this.text.indexOf('\\', start);
      this.#nextBackslash = found === -1 ? Infinity : found;
    }
    return this.#nextBackslash < end;
  }

  #skipString(): void {
    const text = this.text;
    for (let end = text.indexOf('"', this.position + 1); end !== -1; end = text.indexOf('"', end + 1)) {
      let before = end - 1;
      while (text.charCodeAt(before) === BACKSLASH) before -= 1;
      // An even number of backslashes escape each other, not the quote.
      if ((end - before) % 2 === 1) {
        this.position = end + 1;
        return;
      }
    }
    this.position = text.length;
  }

  #skipContainer(): void {
    let depth = 0;
    while (this.position < this.text.length) {
      const code = this.text.charCodeAt(this.position);
      if (code === QUOTE) {
        this.#skipString();
        continue;
      }
      if (code === OPEN_BRACE || code === OPEN_BRACKET) depth += 1;
      else if (code === CLOSE_BRACE || code === CLOSE_BRACKET) depth -= 1;
      this.position += 1;
      if (depth === 0) return;
    }
  }
}

/** The text that a JSON string literal (with its quotes) stands for; itself where it is malformed. */
export function unescapeJson(literal: string): string {
  try {
    return JSON.parse(literal) as string;
  } catch {
    return literal.slice(1, -1);
  }
}
