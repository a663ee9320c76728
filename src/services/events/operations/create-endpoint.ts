import type { CreateEndpointRequest, CreateEndpointResponse } from '../../../api/events.ts';
import type { Handler } from '../../service.ts';
import { describeSettings, requireEndpointBuses, toEndpointSettings } from '../endpoint-settings.ts';
import { endpointAlreadyExists, limitExceeded } from '../errors.ts';
import { ENDPOINTS_MAX } from '../limits.ts';
import type { EventsDependencies } from '../service.ts';

/** The region of the request is the endpoint's primary one. It is active at once. */
export function createEndpoint(
  dependencies: EventsDependencies,
): Handler<CreateEndpointRequest, CreateEndpointResponse> {
  const { endpoints } = dependencies;
  return (input, call) => {
    call.admit();
    const { scope } = call;
    const { Name: name } = input;
    const settings = toEndpointSettings(scope, input);
    if (endpoints.find(scope, name) !== undefined) throw endpointAlreadyExists(name);
    if (endpoints.count(scope) >= ENDPOINTS_MAX) throw limitExceeded();
    requireEndpointBuses(dependencies, scope, settings);
    const { account, region } = scope;
    return describeSettings(
      call.turn((turn) => endpoints.create(turn, { ...settings, account, region, name })),
    );
  };
}
