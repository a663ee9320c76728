import type { DescribeStateMachineInput, DescribeStateMachineOutput } from '../../../api/states.ts';
import type { Handler } from '../../service.ts';
import { requireMachine } from '../model.ts';
import type { StatesDependencies } from '../service.ts';

export function describeStateMachine({
  machines,
}: StatesDependencies): Handler<DescribeStateMachineInput, DescribeStateMachineOutput> {
  return ({ stateMachineArn, includedData }) => {
    const machine = requireMachine(machines, stateMachineArn);
    const definition = machines.current(stateMachineArn)?.definition ?? '';
    return {
      stateMachineArn,
      name: machine.name,
      status: 'ACTIVE',
      definition: includedData === 'METADATA_ONLY' ? '' : definition,
      roleArn: machine.roleArn,
      type: machine.type,
      creationDate: machine.createdAtMs,
      loggingConfiguration: machine.loggingConfiguration,
      tracingConfiguration: machine.tracingConfiguration,
      encryptionConfiguration: { type: 'AWS_OWNED_KEY' },
      // AWS names a revision only once a machine was updated.
      ...(machine.updatedAtMs === machine.createdAtMs ? {} : { revisionId: machine.revisionId }),
    };
  };
}
