import type { UpdateEndpointRequest, UpdateEndpointResponse } from '../../../api/events.ts';
import { endpointUrl } from '../../../engine/endpoint/endpoint-record.ts';
import type { Handler } from '../../service.ts';
import { describeSettings, requireEndpointBuses, toEndpointSettings } from '../endpoint-settings.ts';
import { endpointDoesNotExist } from '../errors.ts';
import type { EventsDependencies } from '../service.ts';

/** What the request leaves out stays as it is. */
export function updateEndpoint(
  dependencies: EventsDependencies,
): Handler<UpdateEndpointRequest, UpdateEndpointResponse> {
  const { endpoints } = dependencies;
  return (input, call) => {
    call.admit();
    const { scope } = call;
    const endpoint = endpoints.find(scope, input.Name);
    if (endpoint === undefined) throw endpointDoesNotExist(input.Name);
    const settings = toEndpointSettings(scope, input, endpoint);
    requireEndpointBuses(dependencies, scope, settings);
    const updated = call.turn((turn) => endpoints.update(turn, endpoint, settings));
    return { ...describeSettings(updated), EndpointId: updated.id, EndpointUrl: endpointUrl(updated.id) };
  };
}
