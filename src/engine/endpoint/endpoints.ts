/**
 * The global endpoints of the installation, as every region knows them: where the events of each are to go now, by the
 * health of its primary region, and the rules that replicate them. An endpoint is written in its primary region;
 * `endpoint-events.ts` is what events come by.
 *
 *     replicated:      primary <-> secondary, as the health check says
 *     not replicated:  primary  -> secondary, until the health check or the endpoint is changed, as on AWS
 *
 * Each region works out the route for itself, so that it has one when it is the only one left. What must outlive a
 * start, that an endpoint without replication has left its primary region, each region says in a record of its own.
 */
import type { Scope } from '../../base/arn.ts';
import type { Timer } from '../../base/clock.ts';
import { decodeHead, encodeRecord } from '../../storage/codec.ts';
import { key, keyParts, prefixRange } from '../../storage/keys.ts';
import type { Key, Value } from '../../storage/store.ts';
import type { Buses } from '../bus/buses.ts';
import { KEYSPACE } from '../keyspace.ts';
import type { Loop, Turn } from '../loop.ts';
import type { Installation, ReplicatedRecords } from '../region/ports.ts';
import {
  endpointKey,
  endpointSortKey,
  type EndpointRecord,
  type EndpointSettings,
  failoverKey,
  type FailoverRecord,
  healthCheckId,
  newEndpointId,
} from './endpoint-record.ts';
import { replicationRule } from './managed-rule.ts';
import { decideRoute, type Route } from './routing.ts';

/** What is known of Route 53's health checks. */
export interface EndpointHealth {
  /** A check that nobody knows is healthy. */
  isHealthy(healthCheckId: string): boolean;
  /** Counts the changes of a check; undefined for one that does not exist. */
  version(healthCheckId: string): number | undefined;
  /** Calls back when any check may say something else than before. Answers the unsubscribe function. */
  onVerdict(subscriber: () => void): () => void;
}

const ALWAYS_HEALTHY: EndpointHealth = {
  isHealthy: () => true,
  version: () => undefined,
  onVerdict: () => () => undefined,
};

export interface EndpointsOptions {
  readonly loop: Loop;
  readonly buses: Buses;
  readonly records: ReplicatedRecords;
  readonly installation: Installation;
  /** Default: everything is healthy. */
  readonly health?: EndpointHealth;
}

export class Endpoints {
  readonly #options: EndpointsOptions;
  readonly #health: EndpointHealth;
  readonly #byKey = new Map<Key, EndpointRecord>();
  readonly #byId = new Map<string, EndpointRecord>();
  /** By endpoint, then by the region that says so. */
  readonly #failovers = new Map<string, Map<string, FailoverRecord>>();
  /** As it was last told in the log. */
  readonly #routes = new Map<string, Route>();
  readonly #unsubscribe: (() => void)[] = [];
  #looking: Timer | undefined;

  constructor(options: EndpointsOptions) {
    this.#options = options;
    this.#health = options.health ?? ALWAYS_HEALTHY;
  }

  /** Reads everything back, once the buses have been. */
  start(): void {
    const { loop, records, installation } = this.#options;
    const { store, quarantine } = loop;
    const own = installation.own.region;
    const isOwn = (at: Key): boolean => keyParts(at, ['text', 'text'])[1] === own;
    const followers = [
      [KEYSPACE.endpoint, (at: Key, value: Value | undefined) => this.#apply(at, value)],
      [KEYSPACE.endpointFailover, (at: Key, value: Value | undefined) => this.#applyFailover(at, value)],
    ] as const;
    for (const [keyspace, apply] of followers) {
      const stored = store.range(...prefixRange(key(keyspace)));
      quarantine.each('configuration', stored, (entry) => apply(entry.key, entry.value));
      records.follow(keyspace, { apply, isOwn });
    }
    this.#unsubscribe.push(
      this.#health.onVerdict(() => this.#lookSoon()),
      installation.onStatus(() => this.#lookSoon()),
    );
    this.#lookSoon();
  }

  close(): void {
    for (const unsubscribe of this.#unsubscribe) unsubscribe();
    this.#looking?.cancel();
  }

  /** Ids are unique among all accounts and regions. */
  findById(id: string): EndpointRecord | undefined {
    return this.#byId.get(id);
  }

  /** The endpoint of this name whose primary region is the scope's. */
  find({ account, region }: Scope, name: string): EndpointRecord | undefined {
    return this.#byKey.get(endpointKey({ writer: this.#writerOf(region), account, region, name }));
  }

  /** Of all regions, by name and region. */
  list(account: string): EndpointRecord[] {
    return [...this.#byKey.values()]
      .filter((record) => record.account === account && record.writer === this.#writerOf(record.region))
      .toSorted((a, b) => (endpointSortKey(a) < endpointSortKey(b) ? -1 : 1));
  }

  /** Those whose primary region is the scope's. */
  count({ account, region }: Scope): number {
    return this.list(account).filter((record) => record.region === region).length;
  }

  /** Whether the buses of a region are in this process. */
  isHere(region: string): boolean {
    return this.#options.installation.find(region) === undefined;
  }

  /** The caller has made sure that the scope has no endpoint of that name. */
  create(turn: Turn, created: EndpointSettings & Scope & { readonly name: string }): EndpointRecord {
    const record: EndpointRecord = {
      ...created,
      writer: this.#options.installation.own.region,
      id: newEndpointId(turn.random),
      version: 1,
      createdAtMs: turn.now,
      modifiedAtMs: turn.now,
    };
    this.#put(turn, record);
    return record;
  }

  /** It goes back to its primary region, if that is healthy. */
  update(turn: Turn, record: EndpointRecord, settings: EndpointSettings): EndpointRecord {
    const { writer, account, region, name, id, version, createdAtMs } = record;
    const of = { writer, account, region, name, id, createdAtMs };
    const updated = { ...settings, ...of, version: version + 1, modifiedAtMs: turn.now };
    this.#forget(record);
    this.#put(turn, updated);
    return updated;
  }

  delete(turn: Turn, record: EndpointRecord): void {
    this.#options.records.delete(turn, endpointKey(record));
    this.#forget(record);
    this.#lookSoon();
  }

  /** Where its events go now. */
  route(endpoint: EndpointRecord): Route {
    const { installation } = this.#options;
    const place = (region: string) => {
      const process = this.processOf(endpoint, region);
      return { region, isDown: installation.status(process) === 'down' };
    };
    const isHealthy = this.#health.isHealthy(healthCheckId(endpoint));
    const isFailedOver = this.#isFailedOver(endpoint);
    if (!isHealthy && !isFailedOver && !endpoint.isReplicated) this.#lookSoon();
    const [primary, secondary] = [place(endpoint.region), place(endpoint.secondary)];
    const route = decideRoute({ primary, secondary, isHealthy, isFailedOver });
    this.#tell(endpoint, route);
    return route;
  }

  /** The region of the process that takes the events of an endpoint now: what its host name leads to. */
  activeRegion(endpointId: string): string | undefined {
    const endpoint = this.#byId.get(endpointId);
    return endpoint && this.processOf(endpoint, this.route(endpoint).region);
  }

  /** A region without a process is a part of the one where the endpoint was made. */
  processOf({ writer }: EndpointRecord, region: string): string {
    const { installation } = this.#options;
    return region === installation.own.region || installation.find(region) !== undefined ? region : writer;
  }

  #writerOf(region: string): string {
    const { installation } = this.#options;
    return installation.find(region) === undefined ? installation.own.region : region;
  }

  #put(turn: Turn, record: EndpointRecord): void {
    this.#options.records.put(turn, endpointKey(record), encodeRecord(record));
    this.#remember(record);
    this.#lookSoon();
  }

  #remember(record: EndpointRecord): void {
    this.#byKey.set(endpointKey(record), record);
    this.#byId.set(record.id, record);
    if (!record.isReplicated) return;
    for (const region of this.#ownRegions(record)) {
      this.#options.buses.putManagedRule(replicationRule(record, region));
    }
  }

  #forget(record: EndpointRecord): void {
    this.#byKey.delete(endpointKey(record));
    this.#byId.delete(record.id);
    this.#routes.delete(record.id);
    if (!record.isReplicated) return;
    for (const region of this.#ownRegions(record)) {
      this.#options.buses.deleteManagedRule(replicationRule(record, region));
    }
  }

  /** Those of its regions whose buses are in this process. */
  #ownRegions(endpoint: EndpointRecord): string[] {
    const own = this.#options.installation.own.region;
    return [endpoint.region, endpoint.secondary].filter((region) => this.processOf(endpoint, region) === own);
  }

  #apply(at: Key, value: Value | undefined): void {
    const before = this.#byKey.get(at);
    if (before !== undefined) this.#forget(before);
    if (value !== undefined) this.#remember(decodeHead<EndpointRecord>(value));
    this.#lookSoon();
  }

  #applyFailover(at: Key, value: Value | undefined): void {
    const [, writer, endpointId] = keyParts(at, ['text', 'text', 'text']).map(String);
    if (writer === undefined || endpointId === undefined) return;
    if (value === undefined) this.#failovers.get(endpointId)?.delete(writer);
    else this.#setFailover(endpointId, writer, decodeHead<FailoverRecord>(value));
    this.#lookSoon();
  }

  #setFailover(endpointId: string, writer: string, failover: FailoverRecord): void {
    let ofEndpoint = this.#failovers.get(endpointId);
    if (ofEndpoint === undefined) this.#failovers.set(endpointId, (ofEndpoint = new Map()));
    ofEndpoint.set(writer, failover);
  }

  /** Whatever region says it; a record about an earlier version of the check or the endpoint says nothing. */
  #isFailedOver(endpoint: EndpointRecord): boolean {
    if (endpoint.isReplicated) return false;
    const { endpointVersion, checkVersion } = this.#present(endpoint);
    return [...(this.#failovers.get(endpoint.id)?.values() ?? [])].some(
      (failover) => failover.endpointVersion === endpointVersion && failover.checkVersion === checkVersion,
    );
  }

  #present(endpoint: EndpointRecord): FailoverRecord {
    const checkVersion = this.#health.version(healthCheckId(endpoint)) ?? 0;
    return { endpointVersion: endpoint.version, checkVersion };
  }

  /** What calls for a look may be in the middle of a turn, and several such things come together. */
  #lookSoon(): void {
    const { timers, clock } = this.#options.loop;
    this.#looking ??= timers.at(clock.now(), () => {
      this.#looking = undefined;
      this.#look();
    });
  }

  /** Writes down what has failed over for good, removes what is void, and tells of new routes. */
  #look(): void {
    const { loop, installation, records } = this.#options;
    const own = installation.own.region;
    const left = [...this.#byId.values()].filter((endpoint) => this.#hasLeft(endpoint));
    const gone = [...this.#failovers].filter(([id, said]) => said.has(own) && !this.#byId.has(id));
    if (left.length > 0 || gone.length > 0) {
      loop.turn((turn) => {
        for (const endpoint of left) {
          const failover = this.#present(endpoint);
          records.put(turn, failoverKey(own, endpoint.id), encodeRecord(failover));
          this.#setFailover(endpoint.id, own, failover);
        }
        for (const [id] of gone) {
          records.delete(turn, failoverKey(own, id));
          this.#failovers.get(id)?.delete(own);
        }
      });
    }
    for (const endpoint of this.#byId.values()) this.route(endpoint);
  }

  #hasLeft(endpoint: EndpointRecord): boolean {
    return (
      !endpoint.isReplicated &&
      !this.#health.isHealthy(healthCheckId(endpoint)) &&
      !this.#isFailedOver(endpoint)
    );
  }

  /** Once for each change. That a new endpoint goes to its primary region is no news. */
  #tell(endpoint: EndpointRecord, route: Route): void {
    const before = this.#routes.get(endpoint.id);
    this.#routes.set(endpoint.id, route);
    const { region, reason } = route;
    if (region === (before?.region ?? endpoint.region) && reason === (before?.reason ?? 'healthy')) return;
    const facts = { endpoint: endpoint.name, id: endpoint.id, region, reason };
    const { log } = this.#options.loop;
    if (region === endpoint.region)
      log.info(facts, 'a global endpoint sends its events to its primary region');
    else log.warn(facts, 'a global endpoint sends its events to its secondary region');
  }
}
