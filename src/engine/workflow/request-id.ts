import { createHash } from 'node:crypto';
import type { ExecutionIdentity } from './state.ts';

/** The same for every attempt to perform the same task, so that whoever is called can recognise a repetition. */
export function requestIdOf({ executionArn }: ExecutionIdentity, taskId: number): string {
  const digest = createHash('sha256').update(`${executionArn}/${taskId}`).digest('hex');
  return `${digest.slice(0, 8)}-${digest.slice(8, 12)}-4${digest.slice(13, 16)}-a${digest.slice(17, 20)}-${digest.slice(20, 32)}`;
}
