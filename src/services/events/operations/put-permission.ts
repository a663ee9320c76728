import type { PutPermissionRequest } from '../../../api/events.ts';
import { isJsonObject, type JsonObject, parseJson } from '../../../base/json.ts';
import type { Bus } from '../../../engine/bus/bus.ts';
import type { Handler } from '../../service.ts';
import { policyLengthExceeded, validationError } from '../errors.ts';
import { BUS_POLICY_LENGTH_MAX } from '../limits.ts';
import { requireBus } from '../resolve.ts';
import type { EventsDependencies } from '../service.ts';

/** The policy as a whole, or one statement of it: one with the id of an earlier one replaces that. */
export function putPermission({ buses }: EventsDependencies): Handler<PutPermissionRequest, void> {
  return (input, call) => {
    const bus = requireBus(buses, call, input.EventBusName);
    const policy = input.Policy === undefined ? withStatement(bus, input) : parsePolicy(input.Policy);
    if (JSON.stringify(policy).length > BUS_POLICY_LENGTH_MAX) throw policyLengthExceeded();
    call.turn((turn) => buses.update(turn, bus, { ...bus.record, policy }));
  };
}

function parsePolicy(text: string): JsonObject {
  let policy: unknown;
  try {
    policy = parseJson(text);
  } catch {
    throw validationError('This policy contains invalid Json.');
  }
  if (!isJsonObject(policy)) throw validationError('This policy contains invalid Json.');
  return policy;
}

function withStatement(bus: Bus, input: PutPermissionRequest): JsonObject {
  const { Action, Principal, StatementId, Condition } = input;
  for (const [name, value] of Object.entries({ Action, Principal, StatementId })) {
    if (value === undefined) throw validationError(`Parameter ${name} must be specified.`);
  }
  if (Action !== 'events:PutEvents') {
    throw validationError("Provided value in parameter 'action' is not supported.");
  }
  const statement: JsonObject = {
    Sid: StatementId ?? '',
    Effect: 'Allow',
    Principal: Principal === '*' ? '*' : { AWS: `arn:aws:iam::${Principal}:root` },
    Action,
    Resource: bus.arn,
    ...(Condition === undefined
      ? {}
      : { Condition: { [Condition.Type]: { [Condition.Key]: Condition.Value } } }),
  };
  const others = policyStatements(bus.record.policy).filter(({ Sid: sid }) => sid !== StatementId);
  return { Version: '2012-10-17', ...bus.record.policy, Statement: [...others, statement] };
}

/** The statements of a policy; a policy may also have a single one without a list around it. */
export function policyStatements(policy: JsonObject | undefined): JsonObject[] {
  return [policy?.['Statement'] ?? []].flat().filter(isJsonObject);
}
