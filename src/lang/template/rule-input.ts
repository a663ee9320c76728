/**
 * What a rule's target gets instead of the event: a constant (`Input`), a piece of it (`InputPath`), or a template
 * filled with pieces of it (`InputTransformer`). Compiled at PutTargets, rendered for each delivery by the bus; pieces
 * are spliced as raw text. The rules were recorded from the service: see `test/conformance/event-transformers`.
 */
import { AwsError, errorMessage } from '../../base/errors.ts';
import { isTooDeep } from '../../base/json.ts';
import type { EventView } from '../pattern/event.ts';
import { envelopeMembers } from '../pattern/event.ts';
import type { TextPath } from './path.ts';
import { compilePath, selectFromEvent } from './path.ts';
import type { TemplatePart } from './template-text.ts';
import { isJsonTemplate, splitTemplate, toQuotedText } from './template-text.ts';

/** The members of a target that shape what it gets, spelled as the API spells them. */
export interface TargetInput {
  readonly Input?: string | undefined;
  readonly InputPath?: string | undefined;
  readonly InputTransformer?:
    | {
        readonly InputPathsMap?: Readonly<Record<string, string>> | undefined;
        readonly InputTemplate: string;
      }
    | undefined;
}

export interface RuleContext {
  readonly ruleArn: string;
  readonly ruleName: string;
  /** `2026-01-31T09:05:07Z` */
  readonly ingestionTime: string;
}

/** What a target gets: JSON text, or nothing because the transformed text is not valid JSON. */
export type RenderedInput =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'dropped'; readonly reason: string };

export interface CompiledInput {
  render(event: EventView, context: RuleContext): RenderedInput;
}

/** The JSON text that a placeholder stands for; `undefined` when its path leads nowhere. */
type Variable = (event: EventView, context: RuleContext) => string | undefined;

const RESERVED: ReadonlyMap<string, Variable> = new Map<string, Variable>([
  ['aws.events.rule-arn', (_event, context) => JSON.stringify(context.ruleArn)],
  ['aws.events.rule-name', (_event, context) => JSON.stringify(context.ruleName)],
  ['aws.events.event.ingestion-time', (_event, context) => JSON.stringify(context.ingestionTime)],
  ['aws.events.event', (event) => withoutDetail(event)],
  ['aws.events.event.json', (event) => event.text],
]);

/** The event as `<aws.events.event>` shows it: no detail, and `detailType` for `detail-type` [recorded]. */
function withoutDetail(event: EventView): string {
  if (event.envelope !== undefined) return `{${envelopeMembers(event.envelope, 'detailType')}}`;
  const {
    'detail-type': detailType,
    detail: _detail,
    ...rest
  } = JSON.parse(event.text) as Record<string, unknown>;
  return JSON.stringify({ ...rest, detailType });
}

/** Compiles a target's input at PutTargets time. Throws `ValidationException` in AWS's words. */
export function compileTargetInput(targetId: string, input: TargetInput): CompiledInput {
  const { Input, InputPath, InputTransformer } = input;
  if ([Input, InputPath, InputTransformer].filter((member) => member !== undefined).length > 1) {
    throw validationError(
      `Only one of Input, InputPath, or InputTransformer must be provided for target ${targetId}.`,
    );
  }
  if (Input !== undefined) return compileConstant(targetId, Input);
  if (InputPath !== undefined) return compileInputPath(targetId, InputPath);
  if (InputTransformer === undefined) return { render: (event) => ({ kind: 'text', text: event.text }) };
  const variables = compileVariables(targetId, InputTransformer.InputPathsMap ?? {});
  return compileTemplate(targetId, InputTransformer.InputTemplate, variables);
}

function validationError(message: string): AwsError {
  return new AwsError('ValidationException', message);
}

function compileConstant(targetId: string, text: string): CompiledInput {
  if (!isValidJson(text)) throw validationError(`JSON syntax error in input for target ${targetId}.`);
  return { render: () => ({ kind: 'text', text }) };
}

function compileInputPath(targetId: string, text: string): CompiledInput {
  const path = compilePath(text);
  if (path === undefined) throw validationError(`Invalid InputPath for target ${targetId}.`);
  return { render: (event) => ({ kind: 'text', text: selectFromEvent(path, event) ?? 'null' }) };
}

function compileVariables(targetId: string, paths: Readonly<Record<string, string>>): Map<string, Variable> {
  const variables = new Map(RESERVED);
  for (const [name, text] of Object.entries(paths)) {
    const path: TextPath | undefined = compilePath(text);
    if (path === undefined) throw validationError(`Invalid InputPathsMap for target ${targetId}.`);
    variables.set(name, (event) => selectFromEvent(path, event));
  }
  return variables;
}

function compileTemplate(
  targetId: string,
  template: string,
  variables: ReadonlyMap<string, Variable>,
): CompiledInput {
  // Names of the paths map are letters, digits, `-` and `_`; only the reserved ones have dots.
  const parts = splitTemplate(template, (name) => /^[A-Za-z0-9_.-]+$/.test(name));
  for (const part of parts) {
    if (typeof part !== 'string' && !variables.has(part.name)) {
      throw validationError(
        `InputTemplate for target ${targetId} contains invalid placeholder ${part.name}.`,
      );
    }
  }
  if (!isJsonTemplate(template, parts))
    return { render: (event, context) => renderText(parts, variables, { event, context }) };
  const sample = parts.map((part) => (typeof part === 'string' ? part : part.quoted ? '' : 'null')).join('');
  if (!isValidJson(sample)) throw validationError(`Invalid InputTemplate for target ${targetId}.`);
  return { render: (event, context) => renderJson(parts, variables, { event, context }) };
}

interface Delivery {
  readonly event: EventView;
  readonly context: RuleContext;
}

/** A template of text: what is missing is empty, and values lose their quotes. */
function renderText(
  parts: readonly TemplatePart[],
  variables: ReadonlyMap<string, Variable>,
  { event, context }: Delivery,
): RenderedInput {
  let text = '';
  for (const part of parts) {
    if (typeof part === 'string') text += part;
    else text += toQuotedText(variables.get(part.name)?.(event, context) ?? '');
  }
  return { kind: 'text', text };
}

/** A JSON template: what is missing is `""`; an object in a string breaks the JSON, and AWS drops the event. */
function renderJson(
  parts: readonly TemplatePart[],
  variables: ReadonlyMap<string, Variable>,
  { event, context }: Delivery,
): RenderedInput {
  let text = '';
  let mayBreak = false;
  for (const part of parts) {
    if (typeof part === 'string') {
      text += part;
      continue;
    }
    const value = variables.get(part.name)?.(event, context) ?? '""';
    const isString = value.startsWith('"');
    if (!part.quoted) text += value;
    else text += isString ? value.slice(1, -1) : value;
    mayBreak ||= part.quoted && (value.startsWith('{') || value.startsWith('['));
  }
  const fault = mayBreak ? jsonFault(text) : undefined;
  if (fault !== undefined) {
    return { kind: 'dropped', reason: `The transformed input is not valid JSON: ${fault}` };
  }
  return { kind: 'text', text };
}

function isValidJson(text: string): boolean {
  return jsonFault(text) === undefined;
}

function jsonFault(text: string): string | undefined {
  if (isTooDeep(text)) return 'it is nested too deep';
  try {
    JSON.parse(text);
    return undefined;
  } catch (error) {
    return errorMessage(error);
  }
}
