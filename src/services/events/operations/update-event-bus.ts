import type { UpdateEventBusRequest, UpdateEventBusResponse } from '../../../api/events.ts';
import type { Handler } from '../../service.ts';
import { describeBusConfig } from '../describe.ts';
import { requireBus } from '../resolve.ts';
import type { EventsDependencies } from '../service.ts';
import { toBusConfig } from './create-event-bus.ts';

/** Members that are left out stay as they are. */
export function updateEventBus({
  buses,
}: EventsDependencies): Handler<UpdateEventBusRequest, UpdateEventBusResponse> {
  return (input, call) => {
    const bus = requireBus(buses, call, input.Name);
    call.turn((turn) => buses.update(turn, bus, { ...bus.record, ...toBusConfig(input) }));
    return { Arn: bus.arn, Name: bus.record.name, ...describeBusConfig(bus.record) };
  };
}
