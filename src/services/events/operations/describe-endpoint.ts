import type { DescribeEndpointRequest, DescribeEndpointResponse } from '../../../api/events.ts';
import type { Handler } from '../../service.ts';
import { describeEndpoint as describe } from '../endpoint-settings.ts';
import { endpointDoesNotExist } from '../errors.ts';
import type { EventsDependencies } from '../service.ts';

/** Of the primary region that the request names; by default its own, or else one whose secondary region it is. */
export function describeEndpoint({
  endpoints,
}: EventsDependencies): Handler<DescribeEndpointRequest, DescribeEndpointResponse> {
  return ({ Name: name, HomeRegion: home }, { scope }) => {
    const { account, region } = scope;
    const found =
      home === undefined
        ? (endpoints.find(scope, name) ??
          endpoints.list(account).find((each) => each.name === name && each.secondary === region))
        : endpoints.find({ account, region: home }, name);
    if (found === undefined) throw endpointDoesNotExist(name);
    return describe(found);
  };
}
