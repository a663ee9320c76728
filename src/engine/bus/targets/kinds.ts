/** Which kind of target an ARN names. A kind that is not here is refused by PutTargets, loudly. */
import type { Target } from '../../../api/events.ts';
import { parseArn, type Scope } from '../../../base/arn.ts';
import { notImplementedError } from '../../../base/errors.ts';
import { type TargetKind, validationError } from './target.ts';

/** By the service in the ARN. */
export interface TargetKinds {
  readonly sqs: TargetKind;
  readonly lambda: TargetKind | undefined;
  readonly states: TargetKind | undefined;
  readonly events: TargetKind;
}

/** The kind that an ARN names, or `undefined` when there is none of it here. */
export function findKind(kinds: TargetKinds, arn: string): TargetKind | undefined {
  const service = parseArn(arn)?.service ?? '';
  return Object.hasOwn(kinds, service) ? kinds[service as keyof TargetKinds] : undefined;
}

/** Members of a target that shape what services which are not here would get. */
const OTHER_PARAMETERS = [
  'AppSyncParameters',
  'BatchParameters',
  'EcsParameters',
  'HttpParameters',
  'KinesisParameters',
  'RedshiftDataParameters',
  'RunCommandParameters',
  'SageMakerPipelineParameters',
] as const satisfies readonly (keyof Target)[];

/** Throws what PutTargets answers for a target that cannot be taken. */
export function checkTarget(kinds: TargetKinds, target: Target, scope: Scope): void {
  const arn = parseArn(target.Arn);
  if (arn === undefined) {
    throw validationError(
      `Parameter ${target.Arn} is not valid. Reason: Provided Arn is not in correct format.`,
    );
  }
  const kind = findKind(kinds, target.Arn);
  if (kind === undefined) throw notImplementedError(`A target of the service ${arn.service}`);
  for (const member of OTHER_PARAMETERS) {
    if (target[member] !== undefined) throw notImplementedError(`The member ${member} of a target`);
  }
  if (target.SqsParameters !== undefined && arn.service !== 'sqs') {
    throw notImplementedError(`The member SqsParameters of a target of the service ${arn.service}`);
  }
  kind.check(target, scope);
}
