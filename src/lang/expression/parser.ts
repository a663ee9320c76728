/**
 * What the grammars of all expressions share: reading tokens, paths and operands, and finding fault.
 *
 * A syntax error is thrown where it is met. What AWS reports only of an expression that parses (redundant
 * parentheses, unknown functions, reserved words) is noted on the way and thrown at the end, in the order of
 * `FAULTS`. Depth is bounded because every level costs an operator or an opened parenthesis, and both are counted.
 */
import type { AwsError } from '../../base/errors.ts';
import type { CallNode, OperandNode, PathNode, PathPart } from './ast.ts';
import { expressionError, type ExpressionKind } from './errors.ts';
import { isReservedWord } from './reserved-words.ts';
import { type Token, tokenize } from './tokens.ts';

/** "Maximum length of any expression string: 4 KB" (developer guide, quotas). */
const EXPRESSION_SIZE_BYTES_MAX = 4096;

/** "Maximum number of operators or functions in a condition, filter or update: 300" (developer guide, quotas). */
const OPERATORS_MAX = 300;

/** The largest index of a list; DynamoDB's own bound is not documented, and no 400 KB item comes near. */
const LIST_INDEX_MAX = 2 ** 31 - 1;

const FAULTS = ['parentheses', 'unknownFunction', 'misusedFunction', 'reservedWord', 'section'] as const;

type Fault = (typeof FAULTS)[number];

/** Words that structure each kind of expression, in any case; none can be an attribute name there. */
const KEYWORDS: Readonly<Record<'condition' | 'update', ReadonlySet<string>>> = {
  condition: new Set(['AND', 'OR', 'NOT', 'BETWEEN', 'IN']),
  update: new Set(['SET', 'REMOVE', 'ADD', 'DELETE']),
};

export class Parser {
  readonly kind: ExpressionKind;
  readonly #text: string;
  readonly #tokens: readonly Token[];
  readonly #keywords: ReadonlySet<string>;
  readonly #faults = new Map<Fault, string>();
  #index = 0;
  #operatorCount = 0;
  #depth = 0;
  #parenthesized: object | undefined;

  constructor(kind: ExpressionKind, text: string) {
    this.kind = kind;
    this.#text = text;
    const sizeBytes = Buffer.byteLength(text);
    if (sizeBytes > EXPRESSION_SIZE_BYTES_MAX) {
      throw this.error(
        `Expression size has exceeded the maximum allowed size; expression size: ${sizeBytes}`,
      );
    }
    if (text.trim() === '') throw this.error('The expression can not be empty;');
    this.#tokens = tokenize(text);
    this.#keywords = KEYWORDS[kind === 'UpdateExpression' ? 'update' : 'condition'];
  }

  error(message: string): AwsError {
    return expressionError(this.kind, message);
  }

  get token(): Token {
    return this.#tokens[this.#index] as Token;
  }

  get next(): Token | undefined {
    return this.#tokens[this.#index + 1];
  }

  take(): Token {
    const { token } = this;
    if (token.kind === 'end') throw this.syntaxError();
    this.#index += 1;
    return token;
  }

  isSymbol(symbol: string): boolean {
    return this.token.kind === 'symbol' && this.token.text === symbol;
  }

  takeIf(symbol: string): boolean {
    const found = this.isSymbol(symbol);
    if (found) this.#index += 1;
    return found;
  }

  expect(symbol: string): void {
    if (!this.takeIf(symbol)) throw this.syntaxError();
  }

  isKeyword(keyword: string): boolean {
    return this.token.kind === 'name' && this.token.text.toUpperCase() === keyword;
  }

  takeKeyword(keyword: string): boolean {
    const found = this.isKeyword(keyword);
    if (found) this.#index += 1;
    return found;
  }

  /** The error that the present token is out of place; AWS shows it between its neighbours. */
  syntaxError(): AwsError {
    const { token } = this;
    const before = this.#tokens[this.#index - 1] ?? token;
    const after = this.next ?? (token.kind === 'end' ? before : token);
    const near = this.#text.slice(before.start, after.kind === 'end' ? token.end : after.end).trimEnd();
    return this.error(`Syntax error; token: "${token.text}", near: "${near}"`);
  }

  /** Throws unless everything was read, then the gravest of the faults noted. */
  end(): void {
    if (this.token.kind !== 'end') throw this.syntaxError();
    for (const fault of FAULTS) {
      const message = this.#faults.get(fault);
      if (message !== undefined) throw this.error(message);
    }
  }

  note(fault: Fault, message: string): void {
    if (!this.#faults.has(fault)) this.#faults.set(fault, message);
  }

  countOperator(): void {
    this.#operatorCount += 1;
    if (this.#operatorCount > OPERATORS_MAX) {
      throw this.error(`The expression contains too many operators; operator count: ${this.#operatorCount}`);
    }
  }

  /** What stands between parentheses, of which the first has been read; parentheses around them are redundant. */
  parenthesized<T extends object>(parse: () => T): T {
    this.#depth += 1;
    // No expression of 300 operators needs more levels than that, so some of these say nothing.
    if (this.#depth > OPERATORS_MAX) throw this.error('The expression has redundant parentheses;');
    const inner = parse();
    if (inner === this.#parenthesized) this.note('parentheses', 'The expression has redundant parentheses;');
    this.expect(')');
    this.#depth -= 1;
    this.#parenthesized = inner;
    return inner;
  }

  parsePath(): PathNode {
    const parts: PathPart[] = [this.#parseName()];
    for (;;) {
      if (this.takeIf('.')) parts.push(this.#parseName());
      else if (this.takeIf('[')) parts.push(this.#parseIndex());
      else return { kind: 'path', parts };
    }
  }

  #parseName(): PathPart {
    const token = this.token;
    if (token.kind === 'alias') {
      this.take();
      return { kind: 'alias', alias: token.text };
    }
    if (token.kind !== 'name' || this.#keywords.has(token.text.toUpperCase())) throw this.syntaxError();
    this.take();
    if (isReservedWord(token.text)) {
      this.note('reservedWord', `Attribute name is a reserved keyword; reserved keyword: ${token.text}`);
    }
    return { kind: 'name', name: token.text };
  }

  #parseIndex(): PathPart {
    if (this.token.kind !== 'index') throw this.syntaxError();
    const index = Number(this.take().text);
    if (index > LIST_INDEX_MAX) {
      throw this.error(`List index is not within the allowable range; index: [${index}]`);
    }
    this.expect(']');
    return { kind: 'index', index };
  }

  /** A value, a path or a call, perhaps in parentheses. */
  parseOperand(): OperandNode {
    if (this.takeIf('(')) return this.parenthesized(() => this.parseOperand());
    return this.parseBareOperand();
  }

  parseBareOperand(): OperandNode {
    const { token } = this;
    if (token.kind === 'value') {
      this.take();
      return { kind: 'value', name: token.text };
    }
    if (token.kind === 'name' && this.next?.text === '(' && !this.#keywords.has(token.text.toUpperCase())) {
      return this.#parseCall();
    }
    return this.parsePath();
  }

  #parseCall(): CallNode {
    const { text: name } = this.take();
    this.countOperator();
    this.expect('(');
    const args = this.parseList(() => this.parseOperand());
    this.expect(')');
    return { kind: 'call', name, args };
  }

  /** One or more, with commas between. */
  parseList<T>(parse: () => T): T[] {
    const list = [parse()];
    while (this.takeIf(',')) list.push(parse());
    return list;
  }
}
