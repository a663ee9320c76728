import type { GetCheckerIpRangesRequest, GetCheckerIpRangesResponse } from '../../../api/route53.ts';
import type { Handler } from '../../service.ts';
import type { Route53Dependencies } from '../service.ts';

/** Where the probes of this installation come from, and not those of AWS. */
export function getCheckerIpRanges(
  deps: Route53Dependencies,
): Handler<GetCheckerIpRangesRequest, GetCheckerIpRangesResponse> {
  return () => ({ CheckerIpRanges: deps.health.checkerRanges() });
}
