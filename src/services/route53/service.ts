/**
 * Amazon Route 53: the table of its operations. It is one for all regions of an account, written at the home region.
 * Which records answer a question is decided by `engine/dns`; whether an endpoint is healthy is found out elsewhere.
 */
import type { Route53Operations } from '../../api/route53.ts';
import type { HealthView } from '../../engine/dns/health-check-record.ts';
import type { HealthChecks } from '../../engine/dns/health-checks.ts';
import type { Responder } from '../../engine/dns/responder.ts';
import type { Zones } from '../../engine/dns/zones.ts';
import type { HandlerTable, Service } from '../service.ts';
import { NOT_BUILT } from './not-built.ts';
import { changeResourceRecordSets } from './operations/change-resource-record-sets.ts';
import { changeTagsForResource } from './operations/change-tags-for-resource.ts';
import { createHealthCheck } from './operations/create-health-check.ts';
import { createHostedZone } from './operations/create-hosted-zone.ts';
import { deleteHealthCheck } from './operations/delete-health-check.ts';
import { deleteHostedZone } from './operations/delete-hosted-zone.ts';
import { getAccountLimit } from './operations/get-account-limit.ts';
import { getChange } from './operations/get-change.ts';
import { getCheckerIpRanges } from './operations/get-checker-ip-ranges.ts';
import { getDnssec } from './operations/get-dnssec.ts';
import { getGeoLocation } from './operations/get-geo-location.ts';
import { getHealthCheck } from './operations/get-health-check.ts';
import { getHealthCheckCount } from './operations/get-health-check-count.ts';
import { getHealthCheckLastFailureReason } from './operations/get-health-check-last-failure-reason.ts';
import { getHealthCheckStatus } from './operations/get-health-check-status.ts';
import { getHostedZone } from './operations/get-hosted-zone.ts';
import { getHostedZoneCount } from './operations/get-hosted-zone-count.ts';
import { getHostedZoneLimit } from './operations/get-hosted-zone-limit.ts';
import { listGeoLocations } from './operations/list-geo-locations.ts';
import { listHealthChecks } from './operations/list-health-checks.ts';
import { listHostedZones } from './operations/list-hosted-zones.ts';
import { listHostedZonesByName } from './operations/list-hosted-zones-by-name.ts';
import { listResourceRecordSets } from './operations/list-resource-record-sets.ts';
import { listTagsForResource } from './operations/list-tags-for-resource.ts';
import { listTagsForResources } from './operations/list-tags-for-resources.ts';
import { testDnsAnswer } from './operations/test-dns-answer.ts';
import { updateHealthCheck } from './operations/update-health-check.ts';
import { updateHostedZoneComment } from './operations/update-hosted-zone-comment.ts';

export interface Route53Dependencies {
  readonly zones: Zones;
  readonly healthChecks: HealthChecks;
  readonly health: HealthView;
  readonly responder: Responder;
}

function zoneHandlers(deps: Route53Dependencies) {
  return {
    ChangeResourceRecordSets: changeResourceRecordSets(deps),
    ChangeTagsForResource: changeTagsForResource(deps),
    CreateHostedZone: createHostedZone(deps),
    DeleteHostedZone: deleteHostedZone(deps),
    GetAccountLimit: getAccountLimit(deps),
    GetChange: getChange(deps),
    GetDNSSEC: getDnssec(deps),
    GetGeoLocation: getGeoLocation(),
    GetHostedZone: getHostedZone(deps),
    GetHostedZoneCount: getHostedZoneCount(deps),
    GetHostedZoneLimit: getHostedZoneLimit(deps),
    ListGeoLocations: listGeoLocations(),
    ListHostedZones: listHostedZones(deps),
    ListHostedZonesByName: listHostedZonesByName(deps),
    ListResourceRecordSets: listResourceRecordSets(deps),
    ListTagsForResource: listTagsForResource(deps),
    ListTagsForResources: listTagsForResources(deps),
    TestDNSAnswer: testDnsAnswer(deps),
    UpdateHostedZoneComment: updateHostedZoneComment(deps),
  };
}

function healthCheckHandlers(deps: Route53Dependencies) {
  return {
    CreateHealthCheck: createHealthCheck(deps),
    DeleteHealthCheck: deleteHealthCheck(deps),
    GetCheckerIpRanges: getCheckerIpRanges(deps),
    GetHealthCheck: getHealthCheck(deps),
    GetHealthCheckCount: getHealthCheckCount(deps),
    GetHealthCheckLastFailureReason: getHealthCheckLastFailureReason(deps),
    GetHealthCheckStatus: getHealthCheckStatus(deps),
    ListHealthChecks: listHealthChecks(deps),
    UpdateHealthCheck: updateHealthCheck(deps),
  };
}

export function createRoute53Service(deps: Route53Dependencies): Service {
  return {
    id: 'route53',
    handlers: {
      ...NOT_BUILT,
      ...zoneHandlers(deps),
      ...healthCheckHandlers(deps),
    } satisfies HandlerTable<Route53Operations>,
  };
}
