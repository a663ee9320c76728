/** What a region may ask of the process that has started it. */
import type { CallWitness } from '../witness/witness-calls.ts';
import type { SupervisedState } from './health.ts';

export interface SupervisorPort {
  /** Undefined for a region that it did not start. */
  stateOf(region: string): SupervisedState | undefined;
  /** Ends the region's process as a crash would, and starts no other until it is restored. */
  fail(region: string): Promise<void>;
  /** Resolves when the region answers. */
  restore(region: string): Promise<void>;
  /** It is the witness of its regions, too. */
  askWitness: CallWitness;
}
