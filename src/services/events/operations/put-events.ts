import type { PutEventsRequest, PutEventsRequestEntry, PutEventsResponse } from '../../../api/events.ts';
import type { NewEvent } from '../../../engine/bus/bus-event.ts';
import type { Call, Handler } from '../../service.ts';
import { endpointOfHost, putEndpointEvents } from '../endpoint-put.ts';
import { answerEntries, checkEntries } from '../entries.ts';
import { busAddress } from '../resolve.ts';
import type { EventsDependencies } from '../service.ts';

/**
 * Everything that comes of the entries is one commit. An entry that is refused is answered in its place and holds
 * up no other; one for a bus that does not exist gets an id and vanishes, as on AWS.
 */
export function putEvents(dependencies: EventsDependencies): Handler<PutEventsRequest, PutEventsResponse> {
  const { buses } = dependencies;
  return (input, call) => {
    const endpointId = input.EndpointId ?? endpointOfHost(call.host);
    if (endpointId !== undefined) return putEndpointEvents(dependencies, { ...input, endpointId }, call);
    call.admit();
    const checked = checkEntries(input.Entries);
    const events = checked.accepted.map((entry) => toEvent(call, entry));
    if (events.length === 0) return answerEntries(checked, []);
    const { ids, replicated } = call.turn((turn) => ({
      ids: buses.put(turn, events, { kind: 'request', id: call.requestId }),
      replicated: buses.replicated(turn, events),
    }));
    if (replicated !== undefined) call.waitFor(replicated());
    return answerEntries(checked, ids);
  };
}

function toEvent(call: Call, entry: PutEventsRequestEntry): NewEvent {
  const { Source = '', DetailType = '', Detail = '', Resources = [], Time } = entry;
  return {
    ...busAddress(call, entry.EventBusName),
    origin: call.scope,
    source: Source,
    detailType: DetailType,
    detailText: Detail,
    resources: Resources,
    ...(Time === undefined ? {} : { timeMs: Time }),
  };
}
