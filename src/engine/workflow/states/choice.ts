import { runtimeError } from '../../../lang/asl/errors.ts';
import type { ChoiceState } from '../../../lang/asl/types.ts';
import type { StateBehavior } from './behavior.ts';
import { applyAssign, applyPath } from './data-flow.ts';

/** Goes on where the first rule that matches says, else to the default. */
export const choice: StateBehavior<ChoiceState> = {
  enter(run, frame, state) {
    const scope = run.scope(frame);
    const input = applyPath(state.inputPath, frame.payload, scope);
    const rule =
      state.choices.length === 0
        ? undefined
        : state.choices.find(({ matches }) => matches(input.value, scope));
    const next = rule === undefined ? state.default : rule.next;
    if (next === undefined) {
      // States.NoChoiceMatched is documented, States.Runtime is what the service answers (measured).
      throw runtimeError('Failed to transition out of the state. The state does not point to a next state.');
    }
    const assigned = applyAssign(rule === undefined ? state.assign : rule.assign, input, scope);
    run.exit(frame, { output: applyPath(state.outputPath, input, scope), assigned, next });
  },
};
