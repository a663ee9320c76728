/** Amazon EventBridge, buses, rules and global endpoints: the table of its operations. */
import type { EventsOperations } from '../../api/events.ts';
import type { Buses } from '../../engine/bus/buses.ts';
import type { EndpointEvents } from '../../engine/endpoint/endpoint-events.ts';
import type { Endpoints } from '../../engine/endpoint/endpoints.ts';
import { type HandlerTable, notImplemented, type Service } from '../service.ts';
import { createEndpoint } from './operations/create-endpoint.ts';
import { createEventBus } from './operations/create-event-bus.ts';
import { deleteEndpoint } from './operations/delete-endpoint.ts';
import { deleteEventBus } from './operations/delete-event-bus.ts';
import { deleteRule } from './operations/delete-rule.ts';
import { describeEndpoint } from './operations/describe-endpoint.ts';
import { describeEventBus } from './operations/describe-event-bus.ts';
import { describeRule } from './operations/describe-rule.ts';
import { disableRule } from './operations/disable-rule.ts';
import { enableRule } from './operations/enable-rule.ts';
import { listEndpoints } from './operations/list-endpoints.ts';
import { listEventBuses } from './operations/list-event-buses.ts';
import { listRuleNamesByTarget } from './operations/list-rule-names-by-target.ts';
import { listRules } from './operations/list-rules.ts';
import { listTagsForResource } from './operations/list-tags-for-resource.ts';
import { listTargetsByRule } from './operations/list-targets-by-rule.ts';
import { putEvents } from './operations/put-events.ts';
import { putPermission } from './operations/put-permission.ts';
import { putRule } from './operations/put-rule.ts';
import { putTargets } from './operations/put-targets.ts';
import { removePermission } from './operations/remove-permission.ts';
import { removeTargets } from './operations/remove-targets.ts';
import { tagResource } from './operations/tag-resource.ts';
import { testEventPattern } from './operations/test-event-pattern.ts';
import { untagResource } from './operations/untag-resource.ts';
import { updateEndpoint } from './operations/update-endpoint.ts';
import { updateEventBus } from './operations/update-event-bus.ts';

export interface EventsDependencies {
  readonly buses: Buses;
  readonly endpoints: Endpoints;
  readonly endpointEvents: EndpointEvents;
}

export function createEventsService(dependencies: EventsDependencies): Service {
  return {
    id: 'events',
    handlers: {
      ActivateEventSource: notImplemented,
      CancelReplay: notImplemented,
      CreateApiDestination: notImplemented,
      CreateArchive: notImplemented,
      CreateConnection: notImplemented,
      CreateEndpoint: createEndpoint(dependencies),
      CreateEventBus: createEventBus(dependencies),
      CreatePartnerEventSource: notImplemented,
      DeactivateEventSource: notImplemented,
      DeauthorizeConnection: notImplemented,
      DeleteApiDestination: notImplemented,
      DeleteArchive: notImplemented,
      DeleteConnection: notImplemented,
      DeleteEndpoint: deleteEndpoint(dependencies),
      DeleteEventBus: deleteEventBus(dependencies),
      DeletePartnerEventSource: notImplemented,
      DeleteRule: deleteRule(dependencies),
      DescribeApiDestination: notImplemented,
      DescribeArchive: notImplemented,
      DescribeConnection: notImplemented,
      DescribeEndpoint: describeEndpoint(dependencies),
      DescribeEventBus: describeEventBus(dependencies),
      DescribeEventSource: notImplemented,
      DescribePartnerEventSource: notImplemented,
      DescribeReplay: notImplemented,
      DescribeRule: describeRule(dependencies),
      DisableRule: disableRule(dependencies),
      EnableRule: enableRule(dependencies),
      ListApiDestinations: notImplemented,
      ListArchives: notImplemented,
      ListConnections: notImplemented,
      ListEndpoints: listEndpoints(dependencies),
      ListEventBuses: listEventBuses(dependencies),
      ListEventSources: notImplemented,
      ListPartnerEventSourceAccounts: notImplemented,
      ListPartnerEventSources: notImplemented,
      ListReplays: notImplemented,
      ListRuleNamesByTarget: listRuleNamesByTarget(dependencies),
      ListRules: listRules(dependencies),
      ListTagsForResource: listTagsForResource(dependencies),
      ListTargetsByRule: listTargetsByRule(dependencies),
      PutEvents: putEvents(dependencies),
      PutPartnerEvents: notImplemented,
      PutPermission: putPermission(dependencies),
      PutRule: putRule(dependencies),
      PutTargets: putTargets(dependencies),
      RemovePermission: removePermission(dependencies),
      RemoveTargets: removeTargets(dependencies),
      StartReplay: notImplemented,
      TagResource: tagResource(dependencies),
      TestEventPattern: testEventPattern(),
      UntagResource: untagResource(dependencies),
      UpdateApiDestination: notImplemented,
      UpdateArchive: notImplemented,
      UpdateConnection: notImplemented,
      UpdateEndpoint: updateEndpoint(dependencies),
      UpdateEventBus: updateEventBus(dependencies),
    } satisfies HandlerTable<EventsOperations>,
  };
}
