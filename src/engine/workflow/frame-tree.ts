/** Where frames stand in the tree of an execution, and which machine each of them runs. */
import { invariant } from '../../base/assert.ts';
import type { State, StateMachine } from '../../lang/asl/types.ts';
import type { Frame } from './state.ts';

type TreeFrame = Pick<Frame, 'id' | 'parentId' | 'index' | 'state'>;

export function parentOf<F extends TreeFrame>(frames: readonly F[], frame: F): F | undefined {
  return frame.parentId === undefined ? undefined : frames.find(({ id }) => id === frame.parentId);
}

/** The state in which a frame is. A child runs a machine of the state in which its parent is. */
export function stateOf<F extends TreeFrame>(machine: StateMachine, frames: readonly F[], frame: F): State {
  const parent = parentOf(frames, frame);
  const own = parent === undefined ? machine : innerMachine(stateOf(machine, frames, parent), frame.index);
  const state = own?.states.get(frame.state);
  invariant(state !== undefined, `the definition has no state '${frame.state}'`);
  return state;
}

function innerMachine(state: State, index: number | undefined): StateMachine | undefined {
  if (state.kind === 'Map') return state.processor;
  return state.kind === 'Parallel' && index !== undefined ? state.branches[index] : undefined;
}

/** All frames below a frame, each before its own children. */
export function descendantsOf<F extends TreeFrame>(frames: readonly F[], frame: F): readonly F[] {
  const below = new Set([frame.id]);
  // Ids rise from parent to child, so that one pass finds them all.
  return frames.filter(({ id, parentId }) => {
    const isBelow = parentId !== undefined && below.has(parentId);
    if (isBelow) below.add(id);
    return isBelow;
  });
}
