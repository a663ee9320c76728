import type { ListEndpointsRequest, ListEndpointsResponse } from '../../../api/events.ts';
import { endpointSortKey } from '../../../engine/endpoint/endpoint-record.ts';
import type { Handler } from '../../service.ts';
import { describeEndpoint } from '../endpoint-settings.ts';
import { paginate } from '../paginate.ts';
import type { EventsDependencies } from '../service.ts';

/** All endpoints of the account, or those of one primary region: every region knows them. */
export function listEndpoints({
  endpoints,
}: EventsDependencies): Handler<ListEndpointsRequest, ListEndpointsResponse> {
  return (input, call) => {
    const { NamePrefix: prefix = '', HomeRegion: home } = input;
    const all = endpoints
      .list(call.scope.account)
      .filter(({ name, region }) => name.startsWith(prefix) && (home === undefined || region === home));
    const { items, next } = paginate(all, endpointSortKey, {
      Limit: input.MaxResults,
      NextToken: input.NextToken,
    });
    return { Endpoints: items.map(describeEndpoint), ...next };
  };
}
