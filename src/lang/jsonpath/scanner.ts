/** A cursor over the text of a path; it knows blanks, quoted strings and whole numbers. */
import { JsonPathSyntaxError } from './errors.ts';

const ESCAPES: ReadonlyMap<string, string> = new Map([
  ['n', '\n'],
  ['t', '\t'],
  ['r', '\r'],
  ['b', '\b'],
  ['f', '\f'],
]);

export class Scanner {
  readonly text: string;
  position: number;

  constructor(text: string, position = 0) {
    this.text = text;
    this.position = position;
  }

  get isAtEnd(): boolean {
    return this.position >= this.text.length;
  }

  /** The current character, or the empty string at the end. */
  peek(): string {
    return this.text.charAt(this.position);
  }

  skipBlanks(): void {
    while (this.peek() === ' ' || this.peek() === '\t' || this.peek() === '\n') this.position += 1;
  }

  /** Moves past `expected` and tells whether it was there. */
  accept(expected: string): boolean {
    if (!this.text.startsWith(expected, this.position)) return false;
    this.position += expected.length;
    return true;
  }

  expect(expected: string): void {
    if (!this.accept(expected)) this.fail(`expected '${expected}'`);
  }

  /** Characters up to the first one that `isEnd` holds for. */
  readUntil(isEnd: (character: string) => boolean): string {
    const start = this.position;
    while (!this.isAtEnd && !isEnd(this.peek())) this.position += 1;
    return this.text.slice(start, this.position);
  }

  /** A whole number with an optional minus, or `undefined` (and no move) when there is none. */
  readInteger(): number | undefined {
    const start = this.position;
    this.accept('-');
    const digits = this.readUntil((character) => character < '0' || character > '9');
    const value = Number(this.text.slice(start, this.position));
    if (digits !== '' && Number.isSafeInteger(value)) return value;
    this.position = start;
    return undefined;
  }

  /** A string in single or double quotes, from its first quote on. */
  readQuoted(): string {
    const quote = this.peek();
    this.position += 1;
    let value = '';
    while (!this.isAtEnd) {
      const character = this.peek();
      this.position += 1;
      if (character === quote) return value;
      value += character === '\\' ? this.#readEscape() : character;
    }
    return this.fail('unclosed string');
  }

  #readEscape(): string {
    const character = this.peek();
    this.position += 1;
    if (character !== 'u') return ESCAPES.get(character) ?? character;
    const code = Number.parseInt(this.text.slice(this.position, this.position + 4), 16);
    if (Number.isNaN(code)) this.fail('malformed unicode escape');
    this.position += 4;
    return String.fromCharCode(code);
  }

  fail(problem: string): never {
    throw new JsonPathSyntaxError(`${problem} at character ${this.position} of '${this.text}'`);
  }
}
