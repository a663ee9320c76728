/** The pages of the platform itself, below `/_millrace/`: health, reset, trace and what the command line asks for. */
import type { Scope } from './base/arn.ts';
import { formatIsoSeconds } from './base/clock.ts';
import { AwsError, errorMessage } from './base/errors.ts';
import type { Config } from './config.ts';
import type { LoggedEvent } from './engine/bus/bus-log.ts';
import type { TailFilter } from './engine/bus/tail.ts';
import { accountsOf } from './engine/trace/chain.ts';
import { peerFindings } from './installation/findings.ts';
import { healthOf, type SupervisedState } from './installation/health.ts';
import type { Membership } from './installation/membership.ts';
import { regionRoutes } from './installation/routes.ts';
import type { SupervisorPort } from './installation/supervisor-port.ts';
import type { Finding, Region } from './region.ts';
import type { PlatformRoute, PlatformRoutes, WireRequest, WireResponse } from './wire/dispatch.ts';
import { parseCredential, scopeOf } from './wire/scope.ts';
import type { Authority } from './wire/tls/authority.ts';

export interface PlatformRoutesOptions {
  readonly server: {
    readonly endpoint: string;
    readonly region: string;
    reset(): Promise<void>;
  };
  readonly config: Config;
  readonly version: string;
  /** Throws while the region is not open. */
  readonly region: () => Region;
  readonly membership: Membership;
  readonly supervisor: SupervisorPort | undefined;
  /** What signs the certificates of TLS. Rejects when it can be neither read nor made. */
  readonly authority: () => Promise<Authority>;
}

export function platformRoutes(options: PlatformRoutesOptions): PlatformRoutes {
  return new Map<string, PlatformRoute>([
    ['GET /_millrace/health', { isPublic: true, answer: () => health(options) }],
    ['GET /_localstack/health', { isPublic: true, answer: () => localstackHealth(options) }],
    // As at AWS the address is all that it takes: it holds the digest of the package.
    ['GET /_millrace/functions/*', { isPublic: true, answer: (request) => functionCode(options, request) }],
    // A certificate is public by nature: every handshake shows what it has signed.
    ['GET /_millrace/ca.pem', { isPublic: true, answer: () => authorityCertificate(options) }],
    // It says itself to whom it does nothing.
    ['POST /_millrace/reset', { isPublic: true, answer: () => reset(options) }],
    [
      'GET /_millrace/trace',
      { isPublic: false, answer: (request, account) => trace(options, request, account) },
    ],
    [
      'GET /_millrace/explain',
      { isPublic: false, answer: (request, account) => explain(options, request, account) },
    ],
    [
      'GET /_millrace/events',
      { isPublic: false, answer: (request, account) => events(options, request, account) },
    ],
    ['GET /_millrace/doctor', { isPublic: false, answer: () => doctor(options) }],
    ...regionRoutes(options),
  ]);
}

function jsonResponse(status: number, value: unknown): WireResponse {
  return { status, headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(value) };
}

/** 200 or 503 speaks of this region alone, and tests that writes reach the disk; the body lists all regions. */
async function health({
  server,
  region,
  version,
  membership,
  supervisor,
}: PlatformRoutesOptions): Promise<WireResponse> {
  const problem = await writeProblem(region);
  const installation = membership.open(server.endpoint);
  const supervised = (name: string): SupervisedState | undefined => supervisor?.stateOf(name);
  const body = healthOf({ installation, version, problem, supervised });
  return jsonResponse(problem === undefined ? 200 : 503, body);
}

async function writeProblem(region: () => Region): Promise<string | undefined> {
  try {
    await region().probe();
    return undefined;
  } catch (error) {
    return errorMessage(error);
  }
}

/** What tools that wait for LocalStack ask for, in its shape. */
function localstackHealth({ region, version }: PlatformRoutesOptions): WireResponse {
  const services = Object.fromEntries([...region().services.keys()].map((id) => [id, 'running']));
  return jsonResponse(200, { services, edition: 'millrace', version });
}

/** The package of a function, where `GetFunction` says that it is; its name is the digest of what it holds. */
function functionCode({ region }: PlatformRoutesOptions, request: WireRequest): WireResponse {
  const sha256 = /\/([0-9a-f]{64})\.zip$/.exec(request.url)?.[1];
  const bytes = sha256 === undefined ? undefined : region().functions.code.read(sha256);
  if (bytes === undefined) return jsonResponse(404, { message: 'There is no such package.' });
  return { status: 200, headers: { 'Content-Type': 'application/zip' }, body: bytes };
}

/** What clients have to trust that speak TLS to this server. */
async function authorityCertificate({ authority }: PlatformRoutesOptions): Promise<WireResponse> {
  const { caPem } = await authority();
  return { status: 200, headers: { 'Content-Type': 'application/x-pem-file' }, body: caPem };
}

/** The chain of causes and effects of `id`: whoever is verified sees those in which its own account has a part. */
async function trace(
  { region }: PlatformRoutesOptions,
  request: WireRequest,
  knownAccount: string | undefined,
): Promise<WireResponse> {
  const id = queryOf(request).get('id') ?? '';
  const chain = await region().trace.chain(id);
  const isShown =
    knownAccount === undefined ||
    accountsOf(chain).has(knownAccount) ||
    (await isEventOf(region(), id, knownAccount));
  return jsonResponse(200, isShown ? chain : { id, nodes: [], links: [], truncated: false });
}

/** Of the event `id`: why each rule of its bus matched it or did not. Another account's event is an unknown one. */
async function explain(
  { region }: PlatformRoutesOptions,
  request: WireRequest,
  knownAccount: string | undefined,
): Promise<WireResponse> {
  const id = queryOf(request).get('id') ?? '';
  const isShown = knownAccount === undefined || (await isEventOf(region(), id, knownAccount));
  const rules = isShown ? await region().buses.explain(id) : undefined;
  return rules === undefined
    ? jsonResponse(404, { message: 'The event is unknown, or older than a day.' })
    : jsonResponse(200, { rules });
}

async function isEventOf({ buses }: Region, id: string, account: string): Promise<boolean> {
  return (await buses.log.find(id))?.account === account;
}

/**
 * The account and region that the caller asks about, by default its own, as for the operations of the services. Who is
 * verified is told of its own account alone.
 */
function scopeAskedFor(
  { config }: PlatformRoutesOptions,
  request: WireRequest,
  knownAccount: string | undefined,
): Scope {
  const query = queryOf(request);
  const defaults = { defaultAccount: config.account, defaultRegion: config.region };
  const own = scopeOf(parseCredential(request), { account: knownAccount, ...defaults });
  const account = query.get('account') ?? own.account;
  if (config.auth === 'verify' && account !== own.account) {
    throw new AwsError('AccessDeniedException', `The key is of account ${own.account}, not of ${account}.`, {
      httpStatus: 403,
    });
  }
  return { account, region: query.get('region') ?? own.region };
}

/** How long a follower's request waits for an event before it is answered without one. */
const FOLLOW_WAIT_MS = 20_000;
/** Events that one answer holds; a follower that fell further behind has missed some, and is told so. */
const FOLLOW_EVENTS_MAX = 500;

/**
 * The events of a bus after the one that `after` names, oldest first; without any it waits until there is one, so
 * that following costs nothing while nothing happens. Without `after` the answer is where to begin.
 */
function events(
  options: PlatformRoutesOptions,
  request: WireRequest,
  knownAccount: string | undefined,
): WireResponse | Promise<WireResponse> {
  const { buses } = options.region();
  const query = queryOf(request);
  const busName = query.get('bus') ?? undefined;
  const scope = scopeAskedFor(options, request, knownAccount);
  const filter = { ...scope, ...(busName === undefined ? {} : { busName }) };
  const after = query.get('after');
  const recent = buses.log.recent({ ...filter, scope, countMax: after === null ? 1 : FOLLOW_EVENTS_MAX });
  if (after === null) return jsonResponse(200, { events: [], after: recent[0]?.id ?? '' });
  const known = recent.findIndex(({ id }) => id === after);
  const fresh = known === -1 ? recent : recent.slice(0, known);
  const hasMissed = known === -1 && recent.length === FOLLOW_EVENTS_MAX;
  if (fresh.length > 0) {
    return jsonResponse(200, { events: fresh.toReversed(), after: fresh[0]?.id, hasMissed });
  }
  return nextEvent(options, request, filter);
}

function nextEvent(
  { region }: PlatformRoutesOptions,
  request: WireRequest,
  filter: TailFilter,
): Promise<WireResponse> {
  const { loop, buses } = region();
  return new Promise((resolve) => {
    const finish = (event: LoggedEvent | undefined): void => {
      unsubscribe();
      timer.cancel();
      stopWaiting();
      request.signal.removeEventListener('abort', leave);
      const found = event === undefined ? {} : { after: event.id };
      resolve(jsonResponse(200, { events: event === undefined ? [] : [event], ...found }));
    };
    const leave = (): void => finish(undefined);
    const unsubscribe = buses.tail.subscribe(filter, finish);
    const timer = loop.timers.at(loop.clock.now() + FOLLOW_WAIT_MS, leave);
    const stopWaiting = loop.onClose(leave);
    request.signal.addEventListener('abort', leave);
  });
}

/** What is plainly to be said of this server, for `millrace doctor`. */
async function doctor(options: PlatformRoutesOptions): Promise<WireResponse> {
  const { region, config, server, authority, membership } = options;
  const kept = config.memory ? 'in memory: nothing survives the process' : `on disk, in ${config.dataDir}`;
  const { waitingDeliveryCount, counts } = region().buses;
  return jsonResponse(200, {
    findings: [
      { name: 'server', status: 'ok', text: `${server.region} at ${server.endpoint}` },
      { name: 'data', status: config.memory ? 'warning' : 'ok', text: kept },
      {
        name: 'signatures',
        status: 'ok',
        text: config.auth === 'open' ? 'believed (open mode, loopback alone)' : 'verified against known keys',
      },
      {
        name: 'deliveries',
        status: 'ok',
        text: `${waitingDeliveryCount} waiting; ${JSON.stringify(counts)}`,
      },
      await tlsFinding(authority),
      ...peerFindings(membership.open(server.endpoint)),
      ...(await region().findings()),
    ],
  });
}

async function tlsFinding(authority: PlatformRoutesOptions['authority']): Promise<Finding> {
  try {
    const { caPath = 'GET /_millrace/ca.pem', untilMs } = await authority();
    const until = formatIsoSeconds(untilMs).slice(0, 10);
    const text = `https on the same port; clients trust ${caPath} (until ${until}): millrace env --tls`;
    return { name: 'tls', status: 'ok', text };
  } catch (error) {
    return { name: 'tls', status: 'problem', text: `https is not available: ${errorMessage(error)}` };
  }
}

function queryOf(request: WireRequest): URLSearchParams {
  return new URL(request.url, 'http://localhost').searchParams;
}

async function reset({ config, server }: PlatformRoutesOptions): Promise<WireResponse> {
  if (config.auth !== 'open') {
    return jsonResponse(403, {
      message: 'A reset is for open mode alone: this server verifies its callers.',
    });
  }
  await server.reset();
  return jsonResponse(200, { reset: true });
}
