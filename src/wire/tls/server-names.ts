/** The names that certificates are made for: those that are known ahead, and what clients ask for by SNI. */
import { hostname, networkInterfaces } from 'node:os';
import { isIP } from 'node:net';

/**
 * Names of this server whichever way it is reached. `*.localhost` is there for clients that take a wildcard below a
 * top-level name; most do not, and get a certificate of their very name, as for any other that they ask for.
 */
const LOCAL_NAMES = ['localhost', '*.localhost', '127.0.0.1', '::1'];

/** Every address of the machine: servers that listen on all of them. */
const UNSPECIFIED: ReadonlySet<string> = new Set(['0.0.0.0', '::']);

/** Machines that run containers have hundreds of addresses. */
const ADDRESSES_MAX = 64;

/** What names the server of `region` that listens on `hosts`, the hosts of functions and of event endpoints included. */
export function ownNames(hosts: readonly string[], region: string): readonly string[] {
  const bound = hosts.flatMap((host) => (UNSPECIFIED.has(host) ? machineNames() : [host]));
  const published = [
    `*.lambda-url.${region}.localhost`,
    `*.lambda-url.${region}.on.aws`,
    '*.endpoint.events.amazonaws.com',
    `sync-states.${region}.amazonaws.com`,
  ];
  return [...new Set([...LOCAL_NAMES, ...bound.filter(isCertifiable), ...published])];
}

/**
 * Whether a certificate can be made for `name`. It is made for any that a client asks for: DNS may point whichever name
 * here, and it is of use to nobody else, since its key does not leave the process.
 */
export function isCertifiable(name: string): boolean {
  if (isIP(name) !== 0) return !name.includes('%');
  return name.length <= 253 && name.split('.').every((label) => /^[a-z\d_-]{1,63}$/i.test(label));
}

function machineNames(): string[] {
  const addresses = Object.values(networkInterfaces()).flatMap((list) => list ?? []);
  return [hostname(), ...addresses.slice(0, ADDRESSES_MAX).map(({ address }) => address)];
}
