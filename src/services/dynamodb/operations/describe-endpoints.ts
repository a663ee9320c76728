import type { DescribeEndpointsRequest, DescribeEndpointsResponse } from '../../../api/dynamodb.ts';
import type { Handler } from '../../service.ts';

/** A day, as AWS answers. */
const CACHE_PERIOD_MINUTES = 1440;

/** Whoever discovers endpoints is to stay where it asked. */
export function describeEndpoints(): Handler<DescribeEndpointsRequest, DescribeEndpointsResponse> {
  return (_input, call) => ({
    Endpoints: [{ Address: call.host, CachePeriodInMinutes: CACHE_PERIOD_MINUTES }],
  });
}
