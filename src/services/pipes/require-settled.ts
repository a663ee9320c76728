import type { PipeRecord } from '../../engine/pipe/pipe-record.ts';
import { pipeBusy } from './errors.ts';

/** A pipe on its way from one state to another takes no further change. */
export function requireSettled({ name, currentState }: PipeRecord): void {
  if (currentState.endsWith('ING') && currentState !== 'RUNNING') throw pipeBusy(name, currentState);
}
