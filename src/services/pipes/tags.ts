/** Tags of pipes, addressed by ARN. */
import type { PipeRecord } from '../../engine/pipe/pipe-record.ts';
import type { Pipes } from '../../engine/pipe/pipes.ts';
import { resourceNotFound } from './errors.ts';

export function requirePipeByArn(pipes: Pipes, arn: string): PipeRecord {
  const pipe = pipes.find(arn);
  if (pipe === undefined) throw resourceNotFound(arn);
  return pipe;
}
