import type { DeleteEventBusRequest } from '../../../api/events.ts';
import { DEFAULT_BUS } from '../../../engine/bus/bus-record.ts';
import type { Handler } from '../../service.ts';
import { validationError } from '../errors.ts';
import { busAddress } from '../resolve.ts';
import type { EventsDependencies } from '../service.ts';

/** Deleting a bus that does not exist succeeds. */
export function deleteEventBus({ buses }: EventsDependencies): Handler<DeleteEventBusRequest, void> {
  return (input, call) => {
    const { scope, busName } = busAddress(call, input.Name);
    if (busName === DEFAULT_BUS) throw validationError('Cannot delete event bus default.');
    const bus = buses.get(scope, busName);
    if (bus === undefined) return;
    if (bus.ruleCount > 0) throw validationError("EventBus can't be deleted since it has rules.");
    call.turn((turn) => buses.delete(turn, bus));
  };
}
