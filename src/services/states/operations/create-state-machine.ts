import type { CreateStateMachineInput, CreateStateMachineOutput } from '../../../api/states.ts';
import { notImplementedError } from '../../../base/errors.ts';
import { machineArn, type MachineRecord } from '../../../engine/workflow/machine-record.ts';
import type { Machines, NewMachine } from '../../../engine/workflow/machines.ts';
import type { Call, Handler } from '../../service.ts';
import * as errors from '../errors.ts';
import { STATE_MACHINES_MAX } from '../limits.ts';
import { applyTags, DEFAULT_LOGGING } from '../model.ts';
import { requireName } from '../names.ts';
import type { StatesDependencies } from '../service.ts';

/** Creating a machine that exists with the same name, definition, type and configuration answers its ARN. */
export function createStateMachine({
  machines,
}: StatesDependencies): Handler<CreateStateMachineInput, CreateStateMachineOutput> {
  return (input, call) => {
    call.admit();
    const created = toNewMachine(input, call);
    const arn = machineArn(created);
    const existing = machines.find(arn);
    if (existing !== undefined) return sameMachine(machines, existing, created);
    if (machines.list(call.scope).length >= STATE_MACHINES_MAX) throw errors.stateMachineLimitExceeded();
    const machine = call.turn((turn) => machines.create(turn, created));
    return { stateMachineArn: arn, creationDate: machine.createdAtMs };
  };
}

function toNewMachine(input: CreateStateMachineInput, call: Call): NewMachine {
  const { name, definition, roleArn, type = 'STANDARD' } = input;
  requireName(name);
  if (input.versionDescription !== undefined && !input.publish) {
    throw errors.validationException('Version description can only be set when publish is true');
  }
  if (input.publish) throw notImplementedError('The parameter publish (versions of state machines)');
  if (type === 'EXPRESS') throw notImplementedError('A state machine of the type EXPRESS');
  requireLogging(input);
  return {
    ...call.scope,
    name,
    type,
    roleArn,
    definition,
    loggingConfiguration: input.loggingConfiguration ?? DEFAULT_LOGGING,
    tracingConfiguration: input.tracingConfiguration ?? { enabled: false },
    tags: applyTags(name, {}, input.tags),
  };
}

/** Logs of executions are not written yet, so only their absence is accepted. */
export function requireLogging(
  input: Pick<CreateStateMachineInput, 'loggingConfiguration' | 'encryptionConfiguration'>,
): void {
  const logging = input.loggingConfiguration;
  if (logging?.level !== undefined && logging.level !== 'OFF') {
    if (logging.destinations?.length !== 1) {
      throw errors.invalidLoggingConfiguration('Must specify exactly one Log Destination.');
    }
    throw notImplementedError('The logging level of a state machine');
  }
  if (input.encryptionConfiguration?.type === 'CUSTOMER_MANAGED_KMS_KEY') {
    throw notImplementedError('A customer managed key for a state machine');
  }
}

function sameMachine(
  machines: Machines,
  existing: MachineRecord,
  created: NewMachine,
): CreateStateMachineOutput {
  const arn = machineArn(existing);
  const isSame =
    machines.current(arn)?.definition === created.definition &&
    existing.type === created.type &&
    JSON.stringify(existing.loggingConfiguration) === JSON.stringify(created.loggingConfiguration) &&
    JSON.stringify(existing.tracingConfiguration) === JSON.stringify(created.tracingConfiguration);
  if (!isSame) throw errors.stateMachineAlreadyExists(arn);
  return { stateMachineArn: arn, creationDate: existing.createdAtMs };
}
