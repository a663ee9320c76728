import type { UpdateStateMachineInput, UpdateStateMachineOutput } from '../../../api/states.ts';
import { InvariantError, notImplementedError } from '../../../base/errors.ts';
import type { Handler } from '../../service.ts';
import { missingRequiredParameter, validationException } from '../errors.ts';
import { requireMachine } from '../model.ts';
import type { StatesDependencies } from '../service.ts';
import { requireLogging } from './create-state-machine.ts';

/** Executions that run go on by the definition that they started with. */
export function updateStateMachine({
  machines,
}: StatesDependencies): Handler<UpdateStateMachineInput, UpdateStateMachineOutput> {
  return (input, call) => {
    call.admit();
    const { stateMachineArn, definition, roleArn, loggingConfiguration, tracingConfiguration } = input;
    requireMachine(machines, stateMachineArn);
    const change = {
      ...(definition === undefined ? {} : { definition }),
      ...(roleArn === undefined ? {} : { roleArn }),
      ...(loggingConfiguration === undefined ? {} : { loggingConfiguration }),
      ...(tracingConfiguration === undefined ? {} : { tracingConfiguration }),
    };
    if (Object.keys(change).length === 0 && input.encryptionConfiguration === undefined) {
      throw missingRequiredParameter(
        'Either the definition, the role ARN, the LoggingConfiguration, the EncryptionConfiguration, or the TracingConfiguration must be specified',
      );
    }
    if (input.versionDescription !== undefined && !input.publish) {
      throw validationException('Version description can only be set when publish is true');
    }
    if (input.publish) throw notImplementedError('The parameter publish (versions of state machines)');
    requireLogging(input);
    const machine = call.turn((turn) => machines.update(turn, stateMachineArn, change));
    if (machine === undefined) throw new InvariantError('a state machine vanished within a turn');
    return { updateDate: machine.updatedAtMs, revisionId: machine.revisionId };
  };
}
