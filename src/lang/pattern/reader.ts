/**
 * Reads the tokens of a pattern, one at a time, and knows where it is: AWS reports a bad pattern with the line and
 * column that its parser (Jackson) had reached, so this reader advances exactly as that one does. In particular
 * a key comes together with the first character of its value (all of a number or literal), and a string value is
 * only passed when its text is asked for or the next token is read.
 *
 * Only `pattern.ts` and the operators call it. Every fault of the text ends in `fail`.
 */
import { AwsError } from '../../base/errors.ts';
import { unescapeJson } from '../json-text.ts';

export type Token = 'object' | 'object-end' | 'array' | 'array-end' | 'key' | Scalar | 'end';
type Scalar = 'string' | 'number' | 'true' | 'false' | 'null';

/** Jackson quotes at most so many characters of a bad text. */
const QUOTED_CHARACTERS_MAX = 500;
const VALUES = "(JSON String, Number, Array, Object or token 'null', 'true' or 'false')";

/** A fault of the pattern; `message` includes the places that AWS adds to it. */
export class PatternFault extends Error {
  override readonly name = 'PatternFault';
}

interface Scope {
  readonly isObject: boolean;
  readonly start: number;
  count: number;
}

export class PatternReader {
  readonly source: string;
  /** The next character to read, as in Jackson. */
  #position = 0;
  #token: Token = 'end';
  /** The value behind the current key, already begun. */
  #afterKey: Token | undefined;
  #key = '';
  #valueStart = 0;
  #stringPending = false;
  readonly #scopes: Scope[] = [];

  constructor(source: string) {
    this.source = source;
  }

  get token(): Token {
    return this.#token;
  }

  get key(): string {
    return this.#key;
  }

  /** Where the current value starts in the source. */
  get valueStart(): number {
    return this.#valueStart;
  }

  get position(): number {
    return this.#position;
  }

  /** Reads the next token. */
  next(): Token {
    this.#token = this.#advance();
    return this.#token;
  }

  /** The text of the current scalar; of a string, this moves past its end. */
  text(): string {
    if (this.#stringPending) this.#finishString();
    const raw = this.source.slice(this.#valueStart, this.#position);
    return this.#token === 'string' ? unescapeJson(raw) : raw;
  }

  /** Ends the reading with AWS's words and the place that was reached. */
  fail(message: string): never {
    throw new PatternFault(message + this.suffix());
  }

  suffix(): string {
    return `\n at ${this.#place(this.#position)}`;
  }

  #place(index: number): string {
    let line = 1;
    let lineStart = 0;
    for (let at = 0; at < index; at += 1) {
      const code = this.source.charCodeAt(at);
      if (code === 10 || (code === 13 && this.source.charCodeAt(at + 1) !== 10)) {
        line += 1;
        lineStart = at + 1;
      }
    }
    const quoted = this.source.slice(0, QUOTED_CHARACTERS_MAX);
    const rest = this.source.length - quoted.length;
    const truncated = rest > 0 ? `[truncated ${rest} chars]` : '';
    return `[Source: (String)"${quoted}"${truncated}; line: ${line}, column: ${index - lineStart + 1}]`;
  }

  #advance(): Token {
    if (this.#afterKey !== undefined) {
      const token = this.#afterKey;
      this.#afterKey = undefined;
      return this.#open(token);
    }
    if (this.#stringPending) this.#finishString();
    const scope = this.#scopes.at(-1);
    this.#skipSpace();
    if (this.#position >= this.source.length) return this.#endOfInput(scope);
    let character = this.#take();
    if (character === ']' || character === '}') return this.#close(character, scope);
    if (scope !== undefined && scope.count > 0) {
      if (character !== ',') {
        this.#unexpected(character, `was expecting comma to separate ${scopeName(scope)} entries`);
      }
      character = this.#takeAfterSpace(`within/between ${scopeName(scope)} entries`);
    }
    if (scope !== undefined) scope.count += 1;
    if (scope?.isObject !== true) return this.#open(this.#beginValue(character));
    this.#readKey(character);
    this.#afterKey = this.#beginValue(this.#takeAfterSpace('within/between Object entries'));
    return 'key';
  }

  #skipSpace(): void {
    while (' \t\n\r'.includes(this.source[this.#position] ?? 'x')) this.#position += 1;
  }

  #take(): string {
    const character = this.source[this.#position] ?? '';
    this.#position += 1;
    return character;
  }

  #takeAfterSpace(where: string): string {
    this.#skipSpace();
    if (this.#position >= this.source.length) this.fail(`Unexpected end-of-input ${where}`);
    return this.#take();
  }

  #endOfInput(scope: Scope | undefined): Token {
    if (scope === undefined) return 'end';
    const start = this.#place(scope.start);
    return this.fail(
      `Unexpected end-of-input: expected close marker for ${scopeName(scope)} (start marker at ${start})`,
    );
  }

  #close(character: string, scope: Scope | undefined): Token {
    const isObject = character === '}';
    if (scope === undefined) return this.#unexpected(character, 'expected a value');
    if (scope.isObject !== isObject) {
      const expected = scope.isObject ? '}' : ']';
      const start = this.#place(scope.start);
      this.fail(
        `Unexpected close marker '${character}': expected '${expected}' (for ${scopeName(scope)} starting at ${start})`,
      );
    }
    this.#scopes.pop();
    return isObject ? 'object-end' : 'array-end';
  }

  #readKey(character: string): void {
    if (character !== '"') this.#unexpected(character, 'was expecting double-quote to start field name');
    const start = this.#position - 1;
    this.#finishString();
    this.#key = unescapeJson(this.source.slice(start, this.#position));
    const colon = this.#takeAfterSpace('within/between Object entries');
    if (colon !== ':') this.#unexpected(colon, 'was expecting a colon to separate field name and value');
  }

  /** Reads the first character of a value, and all of a number or literal. */
  #beginValue(character: string): Token {
    this.#valueStart = this.#position - 1;
    if (character === '"') {
      this.#stringPending = true;
      return 'string';
    }
    if (character === '{') return 'object';
    if (character === '[') return 'array';
    if (character === '-' || (character >= '0' && character <= '9')) return this.#number();
    if (character === ']' || character === '}') return this.#unexpected(character, 'expected a value');
    return this.#word(character);
  }

  #open(token: Token): Token {
    if (token === 'object' || token === 'array') {
      this.#scopes.push({ isObject: token === 'object', start: this.#valueStart, count: 0 });
    }
    return token;
  }

  #digits(): number {
    const start = this.#position;
    while (isDigit(this.source[this.#position])) this.#position += 1;
    return this.#position - start;
  }

  #number(): Token {
    this.#position = this.#valueStart;
    if (this.source[this.#position] === '-') this.#position += 1;
    const first = this.source[this.#position];
    const count = this.#digits();
    if (count === 0) {
      this.#unexpected(this.#take(), 'expected digit (0-9) to follow minus sign, for valid numeric value');
    }
    if (first === '0' && count > 1) this.fail('Invalid numeric value: Leading zeroes not allowed');
    if (this.source[this.#position] === '.') {
      this.#position += 1;
      if (this.#digits() === 0) {
        this.#unexpected(this.#take(), 'Decimal point not followed by a digit', ' in numeric value');
      }
    }
    if ('eE'.includes(this.source[this.#position] ?? 'x')) {
      this.#position += 1;
      if ('+-'.includes(this.source[this.#position] ?? 'x')) this.#position += 1;
      if (this.#digits() === 0) {
        this.#unexpected(this.#take(), 'Exponent indicator not followed by a digit', ' in numeric value');
      }
    }
    return 'number';
  }

  #word(character: string): Token {
    if (!isWordCharacter(character)) return this.#unexpected(character, `expected a valid value ${VALUES}`);
    while (isWordCharacter(this.source[this.#position])) this.#position += 1;
    const word = this.source.slice(this.#valueStart, this.#position);
    if (word === 'true' || word === 'false' || word === 'null') return word;
    if (word === 'NaN' || word === 'Infinity') {
      return this.fail(
        `Non-standard token '${word}': enable \`JsonReadFeature.ALLOW_NON_NUMERIC_NUMBERS\` to allow`,
      );
    }
    return this.fail(`Unrecognized token '${word}': was expecting ${VALUES}`);
  }

  /** Moves past the end of the string whose opening quote was read. */
  #finishString(): void {
    this.#stringPending = false;
    for (;;) {
      if (this.#position >= this.source.length) {
        this.fail('Unexpected end-of-input: was expecting closing quote for a string value');
      }
      const character = this.#take();
      if (character === '"') return;
      if (character === '\\') this.#escape();
      else if (character < ' ') {
        this.fail(
          `Illegal unquoted character ((CTRL-CHAR, code ${character.charCodeAt(0)})): has to be escaped using backslash to be included in string value`,
        );
      }
    }
  }

  #escape(): void {
    const escape = this.#take();
    if (escape === 'u') {
      for (let digit = 0; digit < 4; digit += 1) {
        const hex = this.#take();
        if (!'0123456789abcdefABCDEF'.includes(hex) || hex === '') {
          this.#unexpected(hex, 'expected a hex-digit for character escape sequence');
        }
      }
    } else if (escape === '' || !'"\\/bfnrt'.includes(escape)) {
      this.fail(`Unrecognized character escape ${describeCharacter(escape)}`);
    }
  }

  #unexpected(character: string, comment: string, where = ''): never {
    return this.fail(`Unexpected character (${describeCharacter(character)})${where}: ${comment}`);
  }
}

function scopeName(scope: Scope): string {
  return scope.isObject ? 'Object' : 'Array';
}

function isDigit(character: string | undefined): boolean {
  return character !== undefined && character >= '0' && character <= '9';
}

/** Roughly Java's identifier characters: whatever is no ASCII punctuation, space or control character. */
function isWordCharacter(character: string | undefined): boolean {
  if (character === undefined) return false;
  const code = character.charCodeAt(0);
  return (
    (code >= 97 && code <= 122) ||
    (code >= 65 && code <= 90) ||
    (code >= 48 && code <= 57) ||
    code === 95 ||
    code === 36 ||
    code >= 0xaa
  );
}

function describeCharacter(character: string): string {
  const code = character.charCodeAt(0);
  return code < 32 ? `(CTRL-CHAR, code ${code})` : `'${character}' (code ${code})`;
}

/** The answer to a caller whose pattern is at fault. */
export function patternError(reason: string): AwsError {
  return new AwsError('InvalidEventPatternException', `Event pattern is not valid. Reason: ${reason}`);
}
