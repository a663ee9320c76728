import type { SucceedState } from '../../../lang/asl/types.ts';
import type { StateBehavior } from './behavior.ts';
import { applyPath } from './data-flow.ts';

/** Ends its frame with its input. */
export const succeed: StateBehavior<SucceedState> = {
  enter(run, frame, state) {
    const scope = run.scope(frame);
    const input = applyPath(state.inputPath, frame.payload, scope);
    run.exit(frame, { output: applyPath(state.outputPath, input, scope), next: undefined });
  },
};
