/**
 * The input templates of pipes: `{"id": <$.body.id>, "pipe": <aws.pipes.pipe-name>}`. Compiled when a pipe is stored,
 * rendered for each record of a batch. Outside quotes a placeholder is a JSON value; inside, its text. What is missing
 * is empty. https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-pipes-input-transformation.html
 */
import { AwsError } from '../../base/errors.ts';
import { compilePath, selectText } from './path.ts';
import type { TemplatePart } from './template-text.ts';
import { isJsonTemplate, splitTemplate, toPlainText, toQuotedText } from './template-text.ts';

/** What the reserved variables of a pipe's template stand for. */
export interface PipeContext {
  readonly pipeArn: string;
  readonly pipeName: string;
  readonly sourceArn: string;
  readonly enrichmentArn: string;
  readonly targetArn: string;
  /** ISO 8601 */
  readonly ingestionTime: string;
}

export interface PipeTemplate {
  /**
   * The text for one record; for JSON templates JSON text comes out. `recordText` is the record as JSON text, its
   * body or data already decoded where they hold JSON; `receivedText` (default: the same) is the record as it came,
   * which `<aws.pipes.event>` shows.
   */
  render(recordText: string, context: PipeContext, receivedText?: string): string;
}

interface Rendering {
  readonly recordText: string;
  readonly receivedText: string;
  readonly context: PipeContext;
}

/** The JSON text that a placeholder stands for; `undefined` when its path leads nowhere. */
type Variable = (rendering: Rendering) => string | undefined;

const RESERVED: ReadonlyMap<string, Variable> = new Map<string, Variable>([
  ['aws.pipes.pipe-arn', ({ context }) => JSON.stringify(context.pipeArn)],
  ['aws.pipes.pipe-name', ({ context }) => JSON.stringify(context.pipeName)],
  ['aws.pipes.source-arn', ({ context }) => JSON.stringify(context.sourceArn)],
  ['aws.pipes.enrichment-arn', ({ context }) => JSON.stringify(context.enrichmentArn)],
  ['aws.pipes.target-arn', ({ context }) => JSON.stringify(context.targetArn)],
  ['aws.pipes.event.ingestion-time', ({ context }) => JSON.stringify(context.ingestionTime)],
  ['aws.pipes.event', ({ receivedText }) => receivedText],
  ['aws.pipes.event.json', ({ recordText }) => recordText],
]);

type CompiledPart = string | { readonly variable: Variable; readonly quoted: boolean };

/** Compiles the InputTemplate of an enrichment or a target. Throws `ValidationException`. */
export function compilePipeTemplate(template: string): PipeTemplate {
  const parts = splitTemplate(template, (name) => name.startsWith('$') || name.startsWith('aws.pipes.'));
  const compiled = parts.map(compilePart);
  const writeUnquoted = isJson(template, parts) ? (value: string): string => value : toPlainText;
  return {
    render(recordText, context, receivedText = recordText) {
      const rendering: Rendering = { recordText, receivedText, context };
      let text = '';
      for (const part of compiled) {
        if (typeof part === 'string') text += part;
        else {
          const value = part.variable(rendering) ?? '""';
          text += part.quoted ? toQuotedText(value) : writeUnquoted(value);
        }
      }
      return text;
    },
  };
}

/** A string in quotes is JSON too; anything else is text, where values stand without quotes. */
function isJson(template: string, parts: readonly TemplatePart[]): boolean {
  return template.trimStart().startsWith('"') || isJsonTemplate(template, parts);
}

function compilePart(part: TemplatePart): CompiledPart {
  if (typeof part === 'string') return part;
  const { name, quoted } = part;
  const reserved = RESERVED.get(name);
  if (reserved !== undefined) return { variable: reserved, quoted };
  const path = compilePath(name);
  if (path === undefined) {
    throw new AwsError('ValidationException', `InputTemplate contains invalid placeholder ${name}.`);
  }
  return { variable: ({ recordText }) => selectText(path, recordText), quoted };
}
