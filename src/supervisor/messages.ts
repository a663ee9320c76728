/** What a supervisor and the region processes that it has started say to each other, over the channel between them. */
import type { SupervisedState } from '../installation/health.ts';

export type Command = 'fail' | 'restore';

export type ToSupervisor =
  /** It answers requests. */
  | { readonly kind: 'ready' }
  /** An operator has asked this region to have something done to another one, or to itself. */
  | { readonly kind: 'ask'; readonly id: number; readonly command: Command; readonly region: string };

export type ToRegion =
  | { readonly kind: 'states'; readonly states: Readonly<Record<string, SupervisedState>> }
  | { readonly kind: 'done'; readonly id: number; readonly error?: string };
