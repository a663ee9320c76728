/** What the engine asks of a kind of state. A kind is one file in this folder and one row in table.ts. */
import type { State } from '../../../lang/asl/types.ts';
import type { Payload } from '../payload.ts';
import type { Failure } from '../recovery.ts';
import type { FrameDraft, Run } from '../run.ts';

export interface StateBehavior<Kind extends State> {
  /** The frame has entered the state (the event is written): do its work, or set what it waits for. */
  readonly enter: (run: Run, frame: FrameDraft, state: Kind) => void;
  /** The time of the frame's activity has come, or may have. */
  readonly wake?: (run: Run, frame: FrameDraft, state: Kind) => void;
  /** A child frame of the state has ended; it is no longer among the frames. */
  readonly childCompleted?: (
    run: Run,
    frame: FrameDraft,
    state: Kind,
    ended: { readonly child: FrameDraft; readonly output: Payload },
  ) => void;
  readonly childFailed?: (
    run: Run,
    frame: FrameDraft,
    state: Kind,
    ended: { readonly child: FrameDraft; readonly failure: Failure },
  ) => void;
  /** The state failed. True when it took care of that itself (Retry, Catch). */
  readonly recover?: (run: Run, frame: FrameDraft, state: Kind, failure: Failure) => boolean;
}

export type StateBehaviors = {
  readonly [Kind in State['kind']]: StateBehavior<Extract<State, { readonly kind: Kind }>>;
};
