/** What a supervisor and the region processes that it has started say to each other, over the channel between them. */
import type { SupervisedState } from '../installation/health.ts';
import type { WitnessCallName } from '../witness/witness-calls.ts';

export type Command = 'fail' | 'restore';

export type ToSupervisor =
  /** It answers requests. */
  | { readonly kind: 'ready' }
  /** An operator has asked this region to have something done to another one, or to itself. */
  | { readonly kind: 'ask'; readonly id: number; readonly command: Command; readonly region: string }
  /** For the witness, which the supervisor is as well. */
  | { readonly kind: 'witness'; readonly id: number; readonly name: WitnessCallName; readonly body: unknown };

export type ToRegion =
  | { readonly kind: 'states'; readonly states: Readonly<Record<string, SupervisedState>> }
  /** Of what was asked, in the order in which it was done; `answer` is the witness's. */
  | { readonly kind: 'done'; readonly id: number; readonly answer?: unknown; readonly error?: string };
