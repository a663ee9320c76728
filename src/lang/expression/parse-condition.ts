/**
 * The grammar of condition, filter and key condition expressions:
 *
 *     or      = and {OR and}       and = not {AND not}       not = NOT not | primary
 *     primary = operand comparator operand | operand BETWEEN operand AND operand | operand IN (operand, ...)
 *             | function (operand, ...) | ( or )
 *
 * After `(` either a condition or an operand can follow: `(a = :b)` and `(a) = :b` differ only at the closing one.
 * So every rule may return an operand, and whoever needs a condition asks for one.
 */
import type { CallNode, Comparator, ConditionNode, OperandNode } from './ast.ts';
import type { ExpressionKind } from './errors.ts';
import { Parser } from './parser.ts';

const COMPARATORS: ReadonlySet<string> = new Set(['=', '<>', '<', '<=', '>', '>=']);

const FUNCTIONS: ReadonlySet<string> = new Set([
  'attribute_exists',
  'attribute_not_exists',
  'attribute_type',
  'begins_with',
  'contains',
  'size',
]);

type Node = ConditionNode | OperandNode;

/** The tree of a condition. Throws `ValidationException` in AWS's words. */
export function parseCondition(kind: ExpressionKind, text: string): ConditionNode {
  const parser = new Parser(kind, text);
  const node = requireCondition(parser, parseOr(parser));
  parser.end();
  return node;
}

function parseOr(parser: Parser): Node {
  return parseJoined(parser, 'or', () => parseJoined(parser, 'and', () => parseNot(parser)));
}

function parseJoined(parser: Parser, kind: 'and' | 'or', parse: () => Node): Node {
  const first = parse();
  const keyword = kind.toUpperCase();
  if (!parser.isKeyword(keyword)) return first;
  const conditions = [requireCondition(parser, first)];
  while (parser.takeKeyword(keyword)) {
    parser.countOperator();
    conditions.push(requireCondition(parser, parse()));
  }
  return { kind, conditions };
}

function parseNot(parser: Parser): Node {
  if (!parser.takeKeyword('NOT')) return parsePrimary(parser);
  parser.countOperator();
  return { kind: 'not', condition: requireCondition(parser, parseNot(parser)) };
}

function parsePrimary(parser: Parser): Node {
  const first: Node = parser.takeIf('(')
    ? parser.parenthesized(() => parseOr(parser))
    : parser.parseBareOperand();
  if (!isOperatorNext(parser)) return first;
  if (!isOperand(first)) throw parser.syntaxError();
  return parseComparison(parser, first);
}

function parseComparison(parser: Parser, operand: OperandNode): ConditionNode {
  parser.countOperator();
  const operator = parser.take().text.toUpperCase();
  checkOperands(parser, [operand]);
  if (operator === 'IN') {
    parser.expect('(');
    const choices = parser.parseList(() => parser.parseOperand());
    parser.expect(')');
    checkOperands(parser, choices);
    return { kind: 'in', operand, choices };
  }
  const right = parser.parseOperand();
  checkOperands(parser, [right]);
  if (operator !== 'BETWEEN') {
    return { kind: 'compare', operator: operator as Comparator, left: operand, right };
  }
  if (!parser.takeKeyword('AND')) throw parser.syntaxError();
  const high = parser.parseOperand();
  checkOperands(parser, [high]);
  return { kind: 'between', operand, low: right, high };
}

function isOperand(node: Node): node is OperandNode {
  return node.kind === 'path' || node.kind === 'value' || node.kind === 'call';
}

function isOperatorNext(parser: Parser): boolean {
  const { token } = parser;
  if (token.kind === 'symbol') return COMPARATORS.has(token.text);
  return parser.isKeyword('BETWEEN') || parser.isKeyword('IN');
}

/** A path or a value alone is no condition, and what follows it is out of place. */
function requireCondition(parser: Parser, node: Node): ConditionNode {
  if (node.kind === 'path' || node.kind === 'value') throw parser.syntaxError();
  if (node.kind === 'call') checkCall(parser, node, 'condition');
  return node;
}

function checkOperands(parser: Parser, operands: readonly OperandNode[]): void {
  for (const operand of operands) if (operand.kind === 'call') checkCall(parser, operand, 'operand');
}

/** `size` has a value and is no condition; all others are conditions and have none. */
function checkCall(parser: Parser, call: CallNode, use: 'condition' | 'operand'): void {
  if (!FUNCTIONS.has(call.name)) {
    parser.note('unknownFunction', `Invalid function name; function: ${call.name}`);
  } else if ((call.name === 'size') !== (use === 'operand')) {
    parser.note(
      'misusedFunction',
      `The function is not allowed to be used this way in an expression; function: ${call.name}`,
    );
  }
  checkOperands(parser, call.args);
}
