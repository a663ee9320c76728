/**
 * One region: its engines over a store, and the services over those. This and `server.ts` are the only places that
 * know which engine is plugged into which; everything else gets what it needs by its constructor.
 */
import { hkdfSync } from 'node:crypto';
import { join } from 'node:path';
import { Actions } from './actions.ts';
import { type Clock, formatIsoMs, systemClock } from './base/clock.ts';
import type { Logger } from './base/log.ts';
import type { Random } from './base/random.ts';
import { openDns, type RegionDns } from './dns.ts';
import { busLogSource } from './engine/bus/bus-log.ts';
import { Buses, type BusLease, type Replication } from './engine/bus/buses.ts';
import { Credentials } from './engine/identity/credentials.ts';
import { EndpointEvents } from './engine/endpoint/endpoint-events.ts';
import { Endpoints, type EndpointsOptions } from './engine/endpoint/endpoints.ts';
import { Functions } from './engine/function/functions.ts';
import { accountCredentials, createRoleSessions } from './engine/function/role-credentials.ts';
import { describeSandbox } from './engine/function/sandbox.ts';
import { Identities } from './engine/identity/identities.ts';
import { KEYSPACE } from './engine/keyspace.ts';
import { LogStore } from './engine/log-store/log-store.ts';
import { Loop } from './engine/loop.ts';
import type { Ownership } from './engine/partition/ownership.ts';
import { Pipes } from './engine/pipe/pipes.ts';
import type { WorkflowPort } from './engine/ports.ts';
import type { Quarantine } from './engine/quarantine.ts';
import { Queues } from './engine/queue/queues.ts';
import { alone } from './engine/region/alone.ts';
import { describeReplication } from './engine/region/describe.ts';
import type { Installation, Peer, ReplicatedRecords } from './engine/region/ports.ts';
import { RegionRecords } from './engine/region/replicated-records.ts';
import { Scrub } from './engine/scrub.ts';
import { createSecretBox, ephemeralSecretKey, loadSecretKey, type SecretBox } from './engine/secrets.ts';
import { Tables } from './engine/table/tables.ts';
import { TransactionTokens } from './engine/table/transaction-tokens.ts';
import { Trace } from './engine/trace/trace.ts';
import { Executions } from './engine/workflow/executions.ts';
import { EXECUTION_RETENTION_DAYS } from './engine/workflow/limits.ts';
import { Machines } from './engine/workflow/machines.ts';
import { ExecutionRetention } from './engine/workflow/retention.ts';
import { createDynamodbService } from './services/dynamodb/service.ts';
import { createEventsService } from './services/events/service.ts';
import { createIamService } from './services/iam/service.ts';
import { answerFunctionUrl } from './services/lambda/function-url/answer.ts';
import { createLambdaService } from './services/lambda/service.ts';
import { createLogsService } from './services/logs/service.ts';
import { createPipesService } from './services/pipes/service.ts';
import { createRoute53Service } from './services/route53/service.ts';
import { type Answer, answerWith, type Handler, type Service } from './services/service.ts';
import { createSqsService } from './services/sqs/service.ts';
import { createStatesService } from './services/states/service.ts';
import { createStsService } from './services/sts/service.ts';
import { encodeRecord } from './storage/codec.ts';
import { key } from './storage/keys.ts';
import type { Store } from './storage/store.ts';
import type { AuthMode, KnownKey } from './wire/sigv4.ts';

export interface RegionOptions {
  readonly store: Store;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Logger;
  readonly onFatal: (error: Error) => void;
  /** Released when the region closes. Only tests, where nothing else can write, do without. */
  readonly owner?: Ownership;
  /** Where this process is reached: what functions are given as their endpoint. */
  readonly endpoint: string;
  /** Directory of the region's files; undefined when everything is in memory. */
  readonly dataDir: string | undefined;
  readonly region: string;
  /** The regions that this one is with. Default: it is alone. */
  readonly installation?: Installation;
  /** What the regions of the installation know each other by: secrets that all of them need are sealed with it. */
  readonly peerSecret?: string | undefined;
  /** Who acknowledges when the regions cannot reach each other. Default: nobody does alone. */
  readonly lease?: BusLease | undefined;
  /** When requests are answered whose events go to other regions, unless their bus says otherwise. Default: `async`. */
  readonly replication?: Replication;
  readonly auth: AuthMode;
  /** Default: as long as AWS keeps them. */
  readonly executionRetentionDays?: number;
}

export interface Region {
  readonly loop: Loop;
  /** What all regions of the installation hold. */
  readonly records: RegionRecords;
  readonly trace: Trace;
  readonly buses: Buses;
  readonly functions: Functions;
  /** Zones, health checks, and what answers questions of the Domain Name System. */
  readonly dns: RegionDns;
  /** The region whose process takes the events of a global endpoint now; undefined for one that does not exist. */
  endpointRegion(endpointId: string): string | undefined;
  /** By the id of the service. */
  readonly services: ReadonlyMap<string, Service>;
  readonly answer: Answer;
  /** Answers a request to the URL of a function; called by `answer`, as any handler. */
  readonly functionUrls: Handler;
  /** Keys made here, for verifying signatures. */
  readonly credentials: { lookup(accessKeyId: string): KnownKey | undefined };
  /** Writes a record and resolves once it is on disk; rejects when writes do not get there. */
  probe(): Promise<void>;
  /** What each engine has to say of itself, for `millrace doctor`. */
  findings(): Promise<Finding[]>;
  /** Stops every engine; the store stays open. */
  close(): Promise<void>;
}

/** One line of `millrace doctor`. */
export interface Finding {
  readonly name: string;
  readonly status: 'ok' | 'warning' | 'problem';
  readonly text: string;
}

/** What has been opened so far, the last first to be closed. */
class Opened {
  readonly #parts: { close(): unknown }[] = [];

  add<Part extends { close(): unknown }>(part: Part): Part {
    this.#parts.unshift(part);
    return part;
  }

  async close(): Promise<void> {
    for (const part of this.#parts) await part.close();
  }

  /** At once, and whatever each of them says: it is about to be told what went wrong before. */
  abandon(): void {
    for (const part of this.#parts) void Promise.allSettled([closeNow(part)]);
  }
}

async function closeNow(part: { close(): unknown }): Promise<void> {
  await part.close();
}

/** Recovers every engine from the store. Synchronous, so that no request can come in between. */
export function openRegion(options: RegionOptions): Region {
  const opened = new Opened();
  try {
    return openEngines(options, opened);
  } catch (error) {
    // The process may live on: then no timer fires for engines that nobody has.
    opened.abandon();
    throw error;
  }
}

function openEngines(options: RegionOptions, opened: Opened): Region {
  const loop = openLoop(options, opened);
  const masterKey = secretKey(options.dataDir);
  const { installation = alone(ownPeer(options)) } = options;
  const records = new RegionRecords(loop, installation);
  const trace = opened.add(new Trace(loop, { sources: [busLogSource] }));
  trace.start();
  const queues = opened.add(new Queues(loop));
  queues.start();
  const secrets = createSecretBox(masterKey);
  const { identities, credentials } = openIdentities(options, { loop, secrets, records, opened });
  const dns: RegionDns = opened.add(
    openDns({ ...options, installation, loop, records, endpointRegion: (id) => endpoints.activeRegion(id) }),
  );
  const logs = opened.add(new LogStore(loop));
  logs.start();
  const functions = opened.add(openFunctions(options, { loop, logs, secrets, credentials, identities }));
  const machines = new Machines(loop);
  const actions = new Actions({ services: () => services, host: new URL(options.endpoint).host });
  const tokenKey = deriveKey(masterKey, 'task tokens');
  const executions = opened.add(new Executions(loop, machines, { functions, actions, trace, tokenKey }));
  const workflows: WorkflowPort = { start: (turn, start) => executions.begin(turn, start) };
  const { streams } = records;
  const { lease, replication = 'async' } = options;
  const buses = opened.add(
    new Buses({ loop, trace, queues, functions, workflows, streams, lease, replication }),
  );
  const pipes = opened.add(new Pipes(loop, { queues, functions, workflows, buses, trace }));
  const endpoints: Endpoints = opened.add(openEndpoints({ loop, buses, records, installation }, dns));
  for (const engine of [functions, buses, endpoints, machines, executions, pipes]) engine.start();
  const endpointEvents = new EndpointEvents({ loop, buses, endpoints, installation });
  const { executionRetentionDays = EXECUTION_RETENTION_DAYS } = options;
  new ExecutionRetention(loop, executionRetentionDays * 86_400_000).start();
  // Once every engine can take what peers send.
  opened.add(records).start();
  const services = byId([
    createDynamodbService(openTables(loop)),
    createEventsService({ buses, endpoints, endpointEvents }),
    createLambdaService({ functions }),
    createLogsService({ loop, logs }),
    createPipesService({ pipes }),
    createRoute53Service(dns),
    createIamService({ identities, credentials }),
    createSqsService({ loop, queues }),
    createStatesService({ loop, machines, executions }),
    createStsService({ identities, credentials, requireRoles: options.auth === 'verify' }),
  ]);
  return {
    loop,
    records,
    trace,
    buses,
    functions,
    dns,
    endpointRegion: (id) => endpoints.activeRegion(id),
    services,
    answer: answerWith(loop),
    functionUrls: answerFunctionUrl({ functions, trace, credentials }),
    credentials,
    probe: () => probeWrites(loop),
    findings: async () => [
      ...quarantineFindings(loop.quarantine),
      ...describeReplication(streams, buses.late),
      ...(await sandboxFindings(functions)),
    ],
    close: () => opened.close(),
  };
}

function openLoop(options: RegionOptions, opened: Opened): Loop {
  const { owner } = options;
  if (owner !== undefined) opened.add({ close: () => owner.release() });
  const loop = opened.add(new Loop(options));
  owner?.whenLost(options.onFatal);
  loop.quarantine.start();
  new Scrub(loop).start();
  return loop;
}

function ownPeer({ region, endpoint }: RegionOptions): Peer {
  return { region, endpoint, address: new URL(endpoint).hostname };
}

function byId(services: readonly Service[]): ReadonlyMap<string, Service> {
  return new Map(services.map((service) => [service.id, service]));
}

interface IdentityParts {
  readonly identities: Identities;
  readonly credentials: Credentials;
}

function openIdentities(
  { region, peerSecret }: RegionOptions,
  parts: { loop: Loop; secrets: SecretBox; records: ReplicatedRecords; opened: Opened },
): IdentityParts {
  const { loop, secrets, records, opened } = parts;
  const identities = new Identities(loop, records);
  const shared =
    peerSecret === undefined
      ? {}
      : { shared: createSecretBox(deriveKey(Buffer.from(peerSecret), 'shared secrets')) };
  const credentials = opened.add(new Credentials({ loop, identities, secrets, records, region, ...shared }));
  identities.start();
  credentials.start();
  return { identities, credentials };
}

/** Their route follows the health checks of Route 53. */
function openEndpoints(parts: Omit<EndpointsOptions, 'health'>, dns: RegionDns): Endpoints {
  const health = {
    isHealthy: (id: string) => dns.health.isHealthy(id),
    version: (id: string) => dns.healthChecks.find(id)?.version,
    onVerdict: (subscriber: () => void) => dns.health.onVerdict(subscriber),
  };
  return new Endpoints({ ...parts, health });
}

function openTables(loop: Loop): { tables: Tables; tokens: TransactionTokens } {
  const tables = new Tables(loop);
  const tokens = new TransactionTokens(loop);
  tables.start();
  tokens.start();
  return { tables, tokens };
}

function probeWrites(loop: Loop): Promise<void> {
  const position = loop.turn((turn) => {
    turn.put(key(KEYSPACE.probe), encodeRecord({ atMs: turn.now }));
    return turn.position;
  });
  return loop.store.whenDurable(position);
}

interface FunctionParts extends IdentityParts {
  readonly loop: Loop;
  readonly logs: LogStore;
  readonly secrets: SecretBox;
}

function openFunctions({ dataDir, auth, endpoint }: RegionOptions, parts: FunctionParts): Functions {
  const { loop, logs, secrets } = parts;
  return new Functions({
    loop,
    logs,
    secrets,
    codeDirectory: dataDir && join(dataDir, 'functions'),
    credentials: auth === 'open' ? accountCredentials : createRoleSessions(loop, parts),
    endpointUrl: () => endpoint,
    // Whatever the region's clock says: the processes themselves live in real time.
    processClock: systemClock,
  });
}

/** Everything that was set aside, and how much of it there is. */
function quarantineFindings(quarantine: Quarantine): Finding[] {
  const { count } = quarantine;
  const listed = quarantine.list().map(({ kind, subject, reason, sinceMs }): Finding => {
    const text = `${kind} ${printable(subject)}, since ${formatIsoMs(sinceMs)}: ${reason}`;
    return { name: 'quarantine', status: 'problem', text };
  });
  const summary = count === 0 ? 'nothing has been set aside' : `${count} set aside; all else goes on`;
  return [{ name: 'quarantine', status: count === 0 ? 'ok' : 'problem', text: summary }, ...listed];
}

/** Keys of records hold zero bytes after their parts, and the bytes of numbers. */
function printable(subject: string): string {
  return JSON.stringify(subject).replaceAll('\\u0000', '/');
}

/** What stands between functions and this machine. */
async function sandboxFindings({ launcher }: Functions): Promise<Finding[]> {
  return describeSandbox(await launcher.support()).map(({ isActive, text }) => {
    return { name: 'functions', status: isActive ? 'ok' : 'warning', text };
  });
}

/** A key of its own for each use, so that what one of them reveals is of no help with another. */
function deriveKey(masterKey: Buffer, use: string): Buffer {
  return Buffer.from(hkdfSync('sha256', masterKey, '', use, 32));
}

/** Secrets of a store in memory need no key that outlives it. */
function secretKey(dataDir: string | undefined): Buffer {
  return dataDir === undefined ? ephemeralSecretKey() : loadSecretKey(join(dataDir, 'secret.key'));
}
