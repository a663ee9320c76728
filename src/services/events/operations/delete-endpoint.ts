import type { DeleteEndpointRequest, DeleteEndpointResponse } from '../../../api/events.ts';
import type { Handler } from '../../service.ts';
import { endpointDoesNotExist } from '../errors.ts';
import type { EventsDependencies } from '../service.ts';

/** In its primary region alone, as on AWS. */
export function deleteEndpoint({
  endpoints,
}: EventsDependencies): Handler<DeleteEndpointRequest, DeleteEndpointResponse> {
  return (input, call) => {
    const endpoint = endpoints.find(call.scope, input.Name);
    if (endpoint === undefined) throw endpointDoesNotExist(input.Name);
    call.turn((turn) => endpoints.delete(turn, endpoint));
    return {};
  };
}
