import type { ListHealthChecksRequest, ListHealthChecksResponse } from '../../../api/route53.ts';
import { toHealthCheck } from '../entities.ts';
import { PAGE_ITEMS_MAX } from '../limits.ts';
import { markerOf, paginate } from '../paginate.ts';
import type { Handler } from '../../service.ts';
import type { Route53Dependencies } from '../service.ts';

/** By id. */
export function listHealthChecks(
  deps: Route53Dependencies,
): Handler<ListHealthChecksRequest, ListHealthChecksResponse> {
  return (input, call) => {
    const { Marker: marker, MaxItems: maxItems } = input;
    const { items, next, rest } = paginate(
      deps.healthChecks.list(call.scope.account),
      { maxItems, countMax: PAGE_ITEMS_MAX },
      ({ id }) => id >= (marker ?? ''),
    );
    return {
      HealthChecks: items.map(toHealthCheck),
      Marker: markerOf(marker),
      ...rest,
      ...(next === undefined ? {} : { NextMarker: next.id }),
    };
  };
}
