/**
 * Numbered behaviour flags. An execution keeps the flags of the version that started it, so that a change of
 * behaviour never alters what a running execution does, and recorded histories replay for ever (test/histories).
 *
 * To change what `step` decides for the same state and input: add a flag here with a paragraph that says what it
 * changes and since which version, keep the old branch for executions whose `flags` lack its number, and record a
 * history of the new one beside the old.
 */
const WorkflowFlag = {} as const satisfies Record<string, number>;

/** The flags that a new execution starts with: all of them. */
export const CURRENT_FLAGS: readonly number[] = Object.values(WorkflowFlag);
