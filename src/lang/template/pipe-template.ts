import { notImplementedError } from '../../base/errors.ts';

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
  /** The text for one record (JSON text in); for JSON templates JSON text comes out. */
  render(recordText: string, context: PipeContext): string;
}

/** Compiles the InputTemplate of an enrichment or a target. Throws `ValidationException`. */
export function compilePipeTemplate(_template: string): PipeTemplate {
  throw notImplementedError('compilePipeTemplate');
}
