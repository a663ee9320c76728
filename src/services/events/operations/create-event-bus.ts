import type { CreateEventBusRequest, CreateEventBusResponse } from '../../../api/events.ts';
import { notImplementedError } from '../../../base/errors.ts';
import type { BusConfig } from '../../../engine/bus/bus-record.ts';
import type { Handler } from '../../service.ts';
import { describeBusConfig } from '../describe.ts';
import { busAlreadyExists, limitExceeded, validationError } from '../errors.ts';
import { BUSES_MAX } from '../limits.ts';
import type { EventsDependencies } from '../service.ts';
import { toTags } from '../tags.ts';

export function createEventBus({
  buses,
}: EventsDependencies): Handler<CreateEventBusRequest, CreateEventBusResponse> {
  return (input, call) => {
    call.admit();
    const { Name: name } = input;
    requireName(input);
    if (buses.get(call.scope, name) !== undefined) throw busAlreadyExists(name);
    if (buses.list(call.scope).length >= BUSES_MAX) throw limitExceeded();
    const config = toBusConfig(input);
    const created = { ...call.scope, ...config, name, tags: toTags(input.Tags) };
    const bus = call.turn((turn) => buses.create(turn, created));
    return { EventBusArn: bus.arn, ...describeBusConfig(config) };
  };
}

function requireName({ Name: name, EventSourceName: source }: CreateEventBusRequest): void {
  if (source !== undefined) throw notImplementedError('A partner event bus');
  if (name.includes('/')) throw validationError("Event bus name must not contain '/'.");
  if (name.startsWith('aws.')) throw validationError("Event bus name starting with 'aws.' are not allowed.");
}

/** The members of a bus that are stored as they are; those left out are absent. */
export function toBusConfig(
  input: Pick<CreateEventBusRequest, 'Description' | 'KmsKeyIdentifier' | 'DeadLetterConfig' | 'LogConfig'>,
): BusConfig {
  const { Description, KmsKeyIdentifier, DeadLetterConfig, LogConfig } = input;
  return {
    ...(Description === undefined ? {} : { description: Description }),
    ...(KmsKeyIdentifier === undefined ? {} : { kmsKeyIdentifier: KmsKeyIdentifier }),
    ...(DeadLetterConfig?.Arn === undefined ? {} : { deadLetterArn: DeadLetterConfig.Arn }),
    ...(LogConfig === undefined ? {} : { logConfig: LogConfig }),
  };
}
