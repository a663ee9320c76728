import type { ParallelState } from '../../../lang/asl/types.ts';
import { dataLimitError } from '../payload.ts';
import type { FrameDraft, Run } from '../run.ts';
import type { StateBehavior } from './behavior.ts';
import { collectResult, finish, recoverContainer } from './children.ts';
import { applyPath, applyTemplate } from './data-flow.ts';

/** Runs its branches at once, each with the same input, and collects their outputs. */
export const parallel: StateBehavior<ParallelState> = {
  enter: start,

  wake(run, frame, state) {
    if (frame.activity.kind === 'backoff' && frame.activity.atMs <= run.now) start(run, frame, state);
  },

  childCompleted(run, frame, state, { child, output }) {
    frame.previousEventId = child.previousEventId;
    if (collectResult(frame, child, output)) finish(run, frame, state);
  },

  childFailed(run, frame, _state, { child, failure }) {
    frame.previousEventId = child.previousEventId;
    run.fail(frame, failure);
  },

  recover: recoverContainer,
};

function start(run: Run, frame: FrameDraft, state: ParallelState): void {
  const scope = run.scope(frame);
  const input = applyTemplate(state.parameters, applyPath(state.inputPath, frame.payload, scope), scope);
  if (input.isTooLarge) throw dataLimitError(state.name);
  run.emit(frame, 'ParallelStateStarted');
  frame.activity = {
    kind: 'children',
    results: state.branches.map(() => null),
    startedCount: state.branches.length,
  };
  for (const [index, { startAt }] of state.branches.entries()) {
    run.startChild(frame, { index, startAt, input, previousEventId: frame.previousEventId });
  }
}
