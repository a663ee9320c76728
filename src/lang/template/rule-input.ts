import { notImplementedError } from '../../base/errors.ts';
import type { EventView } from '../pattern/event.ts';

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

/** Compiles a target's input at PutTargets time. Throws `ValidationException` in AWS's words. */
export function compileTargetInput(_targetId: string, _input: TargetInput): CompiledInput {
  throw notImplementedError('compileTargetInput');
}
