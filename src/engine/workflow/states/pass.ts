import type { PassState } from '../../../lang/asl/types.ts';
import { Payload } from '../payload.ts';
import type { StateBehavior } from './behavior.ts';
import { applyAssign, applyPath, applyResultPath, applyTemplate } from './data-flow.ts';

/** Passes its input on, or a fixed result, or what its Parameters make of the input. */
export const pass: StateBehavior<PassState> = {
  enter(run, frame, state) {
    const scope = run.scope(frame);
    const input = applyPath(state.inputPath, frame.payload, scope);
    const parameters = applyTemplate(state.parameters, input, scope);
    const result = state.result === undefined ? parameters : Payload.ofText(state.result);
    const joined = applyResultPath(state.resultPath, frame.payload, result);
    const output = applyPath(state.outputPath, joined, scope);
    const assigned = applyAssign(state.assign, result, scope);
    run.exit(frame, { output, assigned, next: state.next });
  },
};
