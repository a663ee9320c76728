import type {
  DescribeStateMachineForExecutionInput,
  DescribeStateMachineForExecutionOutput,
} from '../../../api/states.ts';
import { parseExecutionArn } from '../../../engine/workflow/execution-record.ts';
import type { Handler } from '../../service.ts';
import { stateMachineDoesNotExist } from '../errors.ts';
import { DEFAULT_LOGGING, requireExecution } from '../model.ts';
import type { StatesDependencies } from '../service.ts';

/** The definition that the execution runs by, even when the machine has changed since. */
export function describeStateMachineForExecution({
  machines,
  executions,
}: StatesDependencies): Handler<
  DescribeStateMachineForExecutionInput,
  DescribeStateMachineForExecutionOutput
> {
  return ({ executionArn }) => {
    const { state, revisionId } = requireExecution(executions, executionArn);
    const { stateMachineArn, stateMachineName: name, roleArn } = state.identity;
    const place = parseExecutionArn(executionArn);
    const revision = place && machines.revision(place, name, revisionId);
    if (revision === undefined) throw stateMachineDoesNotExist(stateMachineArn);
    const machine = machines.find(stateMachineArn);
    return {
      stateMachineArn,
      name,
      definition: revision.definition,
      roleArn,
      updateDate: revision.createdAtMs,
      loggingConfiguration: machine?.loggingConfiguration ?? DEFAULT_LOGGING,
      tracingConfiguration: machine?.tracingConfiguration ?? { enabled: false },
      encryptionConfiguration: { type: 'AWS_OWNED_KEY' },
      revisionId,
    };
  };
}
