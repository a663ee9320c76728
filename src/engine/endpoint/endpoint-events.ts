/**
 * How events come in by a global endpoint. Any region is asked, by clients that know no region at all; the events go to
 * the bus of the region that the endpoint's route names, in this process or by a call to the one of that region, and
 * are on disk there before anybody is answered. The ids are given out here, so that the other region can take the
 * events under the same ids when the first does not answer: replication then drops what comes to a bus twice.
 */
import { AwsError } from '../../base/errors.ts';
import { uuid } from '../../base/ids.ts';
import { isJsonObject } from '../../base/json.ts';
import { parseEvent } from '../../lang/pattern/event.ts';
import type { NewEvent } from '../bus/bus-event.ts';
import type { Buses } from '../bus/buses.ts';
import type { Loop } from '../loop.ts';
import { type Installation, PeerUnavailableError } from '../region/ports.ts';
import { endpointArn, type EndpointRecord } from './endpoint-record.ts';
import type { Endpoints } from './endpoints.ts';

/** The name of the call to the region that is to take events. */
const ENDPOINT_EVENTS = 'endpoint-events';
/** A region that has not answered by then is taken to be gone; its clients have waited no longer than for a timeout of theirs. */
const ANSWER_MS_MAX = 3000;

/** One that has been checked: `detailText` is the text of a JSON object of bounded depth. */
export interface EndpointEvent {
  readonly source: string;
  readonly detailType: string;
  readonly detailText: string;
  readonly resources: readonly string[];
  /** Default: now. */
  readonly timeMs?: number;
}

export interface EndpointPut {
  readonly endpoint: EndpointRecord;
  readonly events: readonly EndpointEvent[];
  /** Of the caller. */
  readonly account: string;
  readonly requestId: string;
}

/** What a region is asked to take; it goes to a peer as it stands. */
interface Batch {
  /** ARN. */
  readonly endpoint: string;
  readonly bus: { readonly account: string; readonly region: string; readonly name: string };
  readonly account: string;
  readonly requestId: string;
  readonly events: readonly (Required<EndpointEvent> & { readonly id: string })[];
}

export interface EndpointEventsOptions {
  readonly loop: Loop;
  readonly buses: Buses;
  readonly endpoints: Endpoints;
  readonly installation: Installation;
}

export class EndpointEvents {
  readonly #options: EndpointEventsOptions;

  constructor(options: EndpointEventsOptions) {
    this.#options = options;
    options.installation.handle(ENDPOINT_EVENTS, (body) => this.#hear(body));
  }

  /**
   * Resolves with the ids, in the order of the events, once they are on the disk of the region that has taken them.
   * Rejects with `ServiceUnavailable` when neither region of the endpoint takes them.
   */
  async put({ endpoint, events, account, requestId }: EndpointPut): Promise<string[]> {
    const { loop, endpoints } = this.#options;
    const now = loop.clock.now();
    const identified = events.map((event) => ({ timeMs: now, ...event, id: uuid(loop.random) }));
    const { region, other } = endpoints.route(endpoint);
    let reason: unknown;
    for (const each of [region, other]) {
      const bus = { account: endpoint.account, region: each, name: endpoint.busName };
      const batch: Batch = { endpoint: endpointArn(endpoint), bus, account, requestId, events: identified };
      try {
        await this.#give(batch, endpoints.processOf(endpoint, each));
        return identified.map(({ id }) => id);
      } catch (error) {
        if (!isUnavailable(error)) throw error;
        reason = error;
        loop.log.warn(
          { endpoint: endpoint.name, region: each },
          'a region did not take the events of a global endpoint',
        );
      }
    }
    throw unavailable(`Neither ${region} nor ${other} takes the events of the endpoint now.`, reason);
  }

  async #give(batch: Batch, process: string): Promise<void> {
    const { installation } = this.#options;
    if (process === installation.own.region) await this.#take(batch);
    else await installation.call(process, ENDPOINT_EVENTS, batch, { timeoutMs: ANSWER_MS_MAX });
  }

  async #hear(body: unknown): Promise<unknown> {
    if (!isBatch(body))
      throw new AwsError('ValidationException', 'These are no events of a global endpoint.');
    await this.#take(body);
    return {};
  }

  async #take({ endpoint, bus, account, requestId, events }: Batch): Promise<void> {
    const { loop, buses } = this.#options;
    const { store } = loop;
    if (!store.acceptsWrites) throw unavailable('The disk is nearly full.');
    const { region, name: busName } = bus;
    // A bus that is missing does not swallow what the other region can take.
    if (buses.get(bus, busName) === undefined)
      throw unavailable(`There is no event bus ${busName} in ${region}.`);
    const given = events.map(({ resources, ...event }): NewEvent & { readonly id: string } => ({
      ...event,
      resources: resources.includes(endpoint) ? resources : [...resources, endpoint],
      scope: { account: bus.account, region },
      busName,
      origin: { account, region },
      endpoint,
    }));
    const { position, replicated } = loop.turn((turn) => {
      buses.putOnce(turn, given, { kind: 'request', id: requestId });
      return { position: turn.position, replicated: buses.replicated(turn, given) };
    });
    await store.whenDurable(position);
    await replicated?.();
  }
}

function unavailable(message: string, cause?: unknown): AwsError {
  return new AwsError('ServiceUnavailable', message, { httpStatus: 503, fault: 'server', cause });
}

/** The region may or may not have taken the events. */
function isUnavailable(error: unknown): boolean {
  return error instanceof PeerUnavailableError || (error instanceof AwsError && error.httpStatus >= 500);
}

/** A peer is trusted, and may be of another version. */
function isBatch(body: unknown): body is Batch {
  if (!isJsonObject(body)) return false;
  const { endpoint, bus, account, requestId, events } = body;
  const isAddressed = isJsonObject(bus) && areTexts(bus['account'], bus['region'], bus['name']);
  return (
    isAddressed &&
    areTexts(endpoint, account, requestId) &&
    Array.isArray(events) &&
    events.every(isBatchEvent)
  );
}

function isBatchEvent(value: unknown): boolean {
  if (!isJsonObject(value)) return false;
  const { id, source, detailType, detailText, resources, timeMs } = value;
  if (!areTexts(id, source, detailType) || !Number.isSafeInteger(timeMs)) return false;
  return Array.isArray(resources) && areTexts(...resources) && isDetail(detailText);
}

function isDetail(value: unknown): boolean {
  if (typeof value !== 'string') return false;
  try {
    return parseEvent(value).text === value.trim();
  } catch {
    return false;
  }
}

function areTexts(...values: unknown[]): boolean {
  return values.every((value) => typeof value === 'string');
}
