/**
 * Numbered behaviour flags. An execution keeps the flags of the version that started it, so that a change of
 * behaviour never alters what a running execution does, and recorded histories replay for ever.
 *
 * To change what `step` decides for the same state and input: add a flag here with a paragraph that says what it
 * changes and since which version, keep the old branch behind `hasFlag`, and record a history of the old one.
 */
import type { ExecutionState } from './state.ts';

export const WorkflowFlag = {} as const satisfies Record<string, number>;

export type WorkflowFlag = (typeof WorkflowFlag)[keyof typeof WorkflowFlag];

/** The flags that a new execution starts with: all of them. */
export const CURRENT_FLAGS: readonly number[] = Object.values(WorkflowFlag);

export function hasFlag(state: Pick<ExecutionState, 'flags'>, flag: WorkflowFlag): boolean {
  return state.flags.includes(flag);
}
