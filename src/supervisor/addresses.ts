/** Where the regions of a supervisor listen. */
import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
import { AddressError, type Config } from '../config.ts';

export interface RegionAddress {
  readonly region: string;
  readonly port: number;
  readonly endpoint: string;
  /** `127.0.0.2:4566` */
  readonly secondAddress: string | undefined;
}

/**
 * The first region on the port of the settings, each further one on the next; where that is 0, on any that are free. On
 * Linux, where all of 127.0.0.0/8 is this machine, each further one also has an address of its own with the first port,
 * as it would have on a machine of its own: so names in DNS lead to regions, and one port is enough.
 */
export async function chooseAddresses(config: Config): Promise<RegionAddress[]> {
  const { host, regions } = config;
  const ports = config.port === 0 ? await freePorts(host, regions.length) : undefined;
  const [firstPort = config.port] = ports ?? [];
  return Promise.all(
    regions.map(async (region, index): Promise<RegionAddress> => {
      const port = ports?.[index] ?? config.port + index;
      const secondAddress = await findSecondAddress(host, firstPort, index);
      const name = host.includes(':') ? `[${host}]` : host;
      return { region, port, endpoint: `http://${reachable(name)}:${port}`, secondAddress };
    }),
  );
}

/** A region that listens on all addresses is reached by its peers on this machine's own. */
function reachable(host: string): string {
  if (host === '0.0.0.0') return '127.0.0.1';
  return host === '[::]' ? '[::1]' : host;
}

async function findSecondAddress(host: string, port: number, index: number): Promise<string | undefined> {
  const isLoopback = host === '127.0.0.1' || host === 'localhost';
  if (index === 0 || !isLoopback || process.platform !== 'linux') return undefined;
  const address = `127.0.0.${index + 1}`;
  return (await canListen(address, port)) ? `${address}:${port}` : undefined;
}

async function canListen(host: string, port: number): Promise<boolean> {
  const server = createServer();
  try {
    await once(server.listen({ host, port }), 'listening');
    return true;
  } catch {
    // In use, or no address of this machine: the region does without.
    return false;
  } finally {
    server.close();
  }
}

/** All are held until the last is found, so that they differ. Somebody else may still take one before its region does. */
async function freePorts(host: string, count: number): Promise<number[]> {
  const servers = Array.from({ length: count }, () => createServer().listen({ host, port: 0 }));
  try {
    await Promise.all(servers.map((server) => once(server, 'listening')));
  } catch (error) {
    throw new AddressError({ host, port: 0 }, error as NodeJS.ErrnoException);
  }
  const ports = servers.map((server) => (server.address() as AddressInfo).port);
  await Promise.all(servers.map((server) => once(server.close(), 'close')));
  return ports;
}
