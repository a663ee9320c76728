/**
 * The grammar of update expressions: each of the sections SET, REMOVE, ADD and DELETE at most once, in any order.
 *
 *     SET path = value, ...      value = operand | operand + operand | operand - operand
 *     REMOVE path, ...           ADD path :value, ...           DELETE path :value, ...
 */
import type { OperandNode, SetValueNode, UpdateActionNode, ValueNode } from './ast.ts';
import { Parser } from './parser.ts';

const FUNCTIONS: ReadonlySet<string> = new Set(['if_not_exists', 'list_append']);

const SECTIONS: Readonly<Record<string, (parser: Parser) => UpdateActionNode>> = {
  SET: parseSet,
  REMOVE: (parser) => ({ kind: 'remove', path: parser.parsePath() }),
  ADD: (parser) => ({ kind: 'add', path: parser.parsePath(), value: parseValue(parser) }),
  DELETE: (parser) => ({ kind: 'delete', path: parser.parsePath(), value: parseValue(parser) }),
};

/** The actions of an update, in the order in which they stand. Throws `ValidationException` in AWS's words. */
export function parseUpdate(text: string): UpdateActionNode[] {
  const parser = new Parser('UpdateExpression', text);
  const actions: UpdateActionNode[] = [];
  const seen = new Set<string>();
  do {
    const section = parser.token.text.toUpperCase();
    const parseAction = parser.token.kind === 'name' ? SECTIONS[section] : undefined;
    if (parseAction === undefined) throw parser.syntaxError();
    parser.take();
    if (seen.has(section)) {
      parser.note('section', `The "${section}" section can only be used once in an update expression;`);
    }
    seen.add(section);
    actions.push(...parser.parseList(() => parseAction(parser)));
  } while (parser.token.kind !== 'end');
  parser.end();
  return actions;
}

function parseSet(parser: Parser): UpdateActionNode {
  const path = parser.parsePath();
  parser.expect('=');
  parser.countOperator();
  return { kind: 'set', path, value: parseSetValue(parser) };
}

function parseSetValue(parser: Parser): SetValueNode {
  const first: SetValueNode = parser.takeIf('(')
    ? parser.parenthesized(() => parseSetValue(parser))
    : parser.parseBareOperand();
  checkFunctions(parser, first);
  const operator = parser.token.text;
  if (operator !== '+' && operator !== '-') return first;
  if (first.kind === 'sum') throw parser.syntaxError();
  parser.take();
  parser.countOperator();
  const right = parser.parseOperand();
  checkFunctions(parser, right);
  return { kind: 'sum', operator, left: first, right };
}

function parseValue(parser: Parser): ValueNode {
  if (parser.token.kind !== 'value') throw parser.syntaxError();
  return { kind: 'value', name: parser.take().text };
}

function checkFunctions(parser: Parser, node: SetValueNode | OperandNode): void {
  if (node.kind !== 'call') return;
  if (!FUNCTIONS.has(node.name)) {
    parser.note('unknownFunction', `Invalid function name; function: ${node.name}`);
  }
  for (const arg of node.args) checkFunctions(parser, arg);
}
