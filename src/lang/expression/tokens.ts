/**
 * Cuts an expression into tokens. A character that begins none becomes a token of its own, so that the parser, which
 * alone knows what may stand where, reports every syntax error in one way.
 */

export type TokenKind = 'name' | 'alias' | 'value' | 'index' | 'symbol' | 'unknown' | 'end';

export interface Token {
  readonly kind: TokenKind;
  readonly text: string;
  readonly start: number;
  readonly end: number;
}

// Sticky, so that each match starts where the last one ended; none of its branches can backtrack into another.
const TOKEN =
  /(?<name>[A-Za-z][A-Za-z0-9_]*)|(?<alias>#[A-Za-z0-9_]+)|(?<value>:[A-Za-z0-9_]+)|(?<index>[0-9]+)|(?<symbol><=|>=|<>|[=<>()[\],.+-])|(?<unknown>[^ \t\r\n])/uy;

const BLANKS = /[ \t\r\n]*/y;

const KINDS = ['name', 'alias', 'value', 'index', 'symbol', 'unknown'] as const;

/** The tokens of the expression, ended by one of kind `end`. */
export function tokenize(text: string): Token[] {
  const tokens: Token[] = [];
  for (let start = skipBlanks(text, 0); start < text.length;) {
    TOKEN.lastIndex = start;
    const groups = TOKEN.exec(text)?.groups;
    const kind = KINDS.find((candidate) => groups?.[candidate] !== undefined) ?? 'unknown';
    const token = groups?.[kind] ?? text.charAt(start);
    const end = start + token.length;
    tokens.push({ kind, text: token, start, end });
    start = skipBlanks(text, end);
  }
  tokens.push({ kind: 'end', text: '<EOF>', start: text.length, end: text.length });
  return tokens;
}

function skipBlanks(text: string, index: number): number {
  BLANKS.lastIndex = index;
  BLANKS.exec(text);
  return BLANKS.lastIndex;
}
