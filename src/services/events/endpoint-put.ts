/**
 * PutEvents by a global endpoint. Its clients sign for all regions (SigV4A) and name the endpoint in the request, or by
 * its host name alone; whichever region they reach sees to it that the one that is to have the events takes them.
 */
import type {
  PutEventsRequest,
  PutEventsRequestEntry,
  PutEventsResponse,
  PutEventsResultEntry,
} from '../../api/events.ts';
import type { EndpointEvent } from '../../engine/endpoint/endpoint-events.ts';
import { endpointBusArn, type EndpointRecord } from '../../engine/endpoint/endpoint-record.ts';
import { DEFAULT_BUS } from '../../engine/bus/bus-record.ts';
import type { Call } from '../service.ts';
import { answerEntries, checkEntries } from './entries.ts';
import { endpointDoesNotExist } from './errors.ts';
import type { EventsDependencies } from './service.ts';

/** `abcde.veo.endpoint.events.amazonaws.com`, and the same below any other name */
const ENDPOINT_HOST = /^([a-z0-9-]{1,50}\.[a-z0-9-]{1,50})\.endpoint\.events\./i;

/** The endpoint that a request is for by its host. */
export function endpointOfHost(host: string): string | undefined {
  // Cheap refusal first: nearly no request is for an endpoint.
  return host.includes('.endpoint.') ? ENDPOINT_HOST.exec(host)?.[1]?.toLowerCase() : undefined;
}

/** Answered once the events are on the disk of the region that takes them. */
export async function putEndpointEvents(
  { endpoints, endpointEvents }: EventsDependencies,
  { Entries: entries, endpointId }: PutEventsRequest & { readonly endpointId: string },
  call: Call,
): Promise<PutEventsResponse> {
  const endpoint = endpoints.findById(endpointId);
  if (endpoint === undefined) throw endpointDoesNotExist(endpointId);
  const checked = checkEntries(entries, (entry) => refuseOtherBus(endpoint, entry));
  if (checked.accepted.length === 0) return answerEntries(checked, []);
  const { requestId, scope } = call;
  const events = checked.accepted.map(toEvent);
  const ids = await endpointEvents.put({ endpoint, events, account: scope.account, requestId });
  return answerEntries(checked, ids);
}

/** The bus may be named by its name, or by its ARN in either region. */
function refuseOtherBus(
  endpoint: EndpointRecord,
  { EventBusName: given = DEFAULT_BUS }: PutEventsRequestEntry,
): PutEventsResultEntry | undefined {
  const { busName, region, secondary } = endpoint;
  const names = [busName, endpointBusArn(endpoint, region), endpointBusArn(endpoint, secondary)];
  if (names.includes(given)) return undefined;
  const ErrorMessage = `Parameter EventBusName is not valid. Reason: the endpoint is for the event bus ${busName}.`;
  return { ErrorCode: 'InvalidArgument', ErrorMessage };
}

function toEvent(entry: PutEventsRequestEntry): EndpointEvent {
  const { Source = '', DetailType = '', Detail = '', Resources = [], Time } = entry;
  return {
    source: Source,
    detailType: DetailType,
    detailText: Detail,
    resources: Resources,
    ...(Time === undefined ? {} : { timeMs: Time }),
  };
}
