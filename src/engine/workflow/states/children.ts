/** What Parallel and Map share: starting child frames, collecting what they leave, and stopping them together. */
import { invariant } from '../../../base/assert.ts';
import type { MapState, ParallelState } from '../../../lang/asl/types.ts';
import { Payload } from '../payload.ts';
import type { Failure } from '../recovery.ts';
import type { FrameDraft, Run } from '../run.ts';
import type { ChildrenActivity } from '../state.ts';
import { applyAssign, applyPath, applyResultPath, applyTemplate } from './data-flow.ts';
import { recover } from './recover.ts';

export function childrenOf(frame: FrameDraft): ChildrenActivity {
  invariant(frame.activity.kind === 'children', 'the frame runs children');
  return frame.activity;
}

/** Notes the output of a child that has ended; true when it was the last one. */
export function collectResult(frame: FrameDraft, child: FrameDraft, output: Payload): boolean {
  const activity = childrenOf(frame);
  invariant(child.index !== undefined, 'a child has an index');
  const results = activity.results.with(child.index, output.text);
  frame.activity = { ...activity, results };
  return results.every((result) => result !== null);
}

/** Leaves the state with the results of all children, joined as the texts that they are. */
export function finish(run: Run, frame: FrameDraft, state: ParallelState | MapState): void {
  const { results } = childrenOf(frame);
  // Recorded: the event of success is no link of the chain, the exit follows the event before it.
  run.emitAside(frame, `${state.kind}StateSucceeded`);
  run.attempt(frame, () => {
    const scope = run.scope(frame);
    const collected = Payload.ofText(`[${results.join(',')}]`);
    const result = applyTemplate(state.resultSelector, collected, scope);
    const joined = applyResultPath(state.resultPath, frame.payload, result);
    run.exit(frame, {
      output: applyPath(state.outputPath, joined, scope),
      assigned: applyAssign(state.assign, result, scope),
      next: state.next,
    });
  });
}

/** Stops what still runs below, then Retry and Catch; the event of failure is written only when no retry follows (recorded). */
export function recoverContainer(
  run: Run,
  frame: FrameDraft,
  state: ParallelState | MapState,
  failure: Failure,
): boolean {
  // Without children the state failed before it started any, and AWS writes no such event.
  const hadChildren = frame.activity.kind === 'children';
  if (hadChildren) run.abortChildren(frame);
  return recover(run, frame, state, {
    failure,
    beforeCatch: () => {
      if (hadChildren) run.emit(frame, `${state.kind}StateFailed`);
    },
  });
}
