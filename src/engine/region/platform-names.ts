/**
 * The names that lead to the platform itself, and to which of its regions: function URLs, global endpoints, the hosts
 * that SDKs make of an endpoint or of a region, and `localhost`. The DNS server answers them, and checkers look them
 * up, so that clients can use them without a hosts file. Pure: what the installation looks like is given.
 */
import { isIP } from 'node:net';
import type { DnsQuestion, DnsReply } from '../../base/dns.ts';
import type { Peer } from './ports.ts';

export interface PlatformNamesOptions {
  readonly own: Peer;
  readonly peers: readonly Peer[];
  /** The region that takes the events of a global endpoint now; undefined for an endpoint that does not exist. */
  readonly endpointRegion: (endpointId: string) => string | undefined;
}

/** Where a name leads may change with the next failure of a region. */
const TTL_SECONDS = 1;

/** `abc.lambda-url.us-east-1.on.aws`, and the same below `localhost` */
const FUNCTION_URL = /^[a-z0-9]+\.lambda-url\.([a-z0-9-]+)\.(?:on\.aws|localhost)$/;
/** `abcde.veo.endpoint.events.amazonaws.com` */
const GLOBAL_ENDPOINT = /^([a-z0-9-]+\.[a-z0-9-]+)\.endpoint\.events\.amazonaws\.com$/;
/** `sqs.us-east-1.amazonaws.com`, `123456789012.ddb.us-east-1.amazonaws.com` */
const REGIONAL_HOST = /^(?:[a-z0-9-]+\.){1,3}([a-z]{2}(?:-[a-z]+)+-\d{1,2})\.amazonaws\.com$/;
const GLOBAL_HOSTS: ReadonlySet<string> = new Set([
  'iam.amazonaws.com',
  'sts.amazonaws.com',
  'route53.amazonaws.com',
]);
/** SDKs put it before the host of `StartSyncExecution`, whatever the host is. */
const HOST_PREFIX = 'sync-';

/** The address of `name` (in lower case, without the dot at the end); undefined when it is none of ours. */
export function resolvePlatformName(name: string, options: PlatformNamesOptions): string | undefined {
  if (name.startsWith(HOST_PREFIX)) {
    const rest = name.slice(HOST_PREFIX.length);
    return isIP(rest) === 0 ? resolvePlatformName(rest, options) : rest;
  }
  if (GLOBAL_HOSTS.has(name)) return options.own.address;
  const endpointId = GLOBAL_ENDPOINT.exec(name)?.[1];
  if (endpointId !== undefined) return addressOf(options.endpointRegion(endpointId), options);
  const region = (FUNCTION_URL.exec(name) ?? REGIONAL_HOST.exec(name))?.[1];
  if (region !== undefined) return addressOf(region, options);
  return name === 'localhost' || name.endsWith('.localhost') ? options.own.address : undefined;
}

/** `REFUSED` when the name is none of ours. The platform's own names have addresses and nothing else. */
export function answerPlatformName({ name, type }: DnsQuestion, options: PlatformNamesOptions): DnsReply {
  const address = resolvePlatformName(name, options);
  if (address === undefined) {
    return { code: 'REFUSED', isAuthoritative: false, answers: [], authorities: [] };
  }
  const record = { name, type, ttlSeconds: TTL_SECONDS, value: address };
  const fits = type === (isIP(address) === 6 ? 'AAAA' : 'A');
  return { code: 'NOERROR', isAuthoritative: true, answers: fits ? [record] : [], authorities: [] };
}

/** A region without a process is served by whoever is asked. */
function addressOf(region: string | undefined, { own, peers }: PlatformNamesOptions): string | undefined {
  if (region === undefined) return undefined;
  return (peers.find((peer) => peer.region === region) ?? own).address;
}
