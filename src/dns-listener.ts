/** Where the DNS server of a process listens: at the port that was asked for, else at the usual one or a free one. */
import { AddressError, type Config, DEFAULT_PORT } from './config.ts';
import type { DnsServer, DnsServerOptions } from './wire/dns/server.ts';

/** Multicast DNS has it, too, but not on the addresses of single machines; 53 is the system's. */
const DNS_PORT_DEFAULT = 5353;
/** The regions of one machine have ports in a row, for HTTP and for DNS. */
const REGIONS_IN_A_ROW = 16;

export interface DnsListener {
  readonly port: number;
  close(): Promise<void>;
}

/** Throws `AddressError` for a port that was asked for and is taken. */
export async function listenDns(
  { host, port: httpPort, dnsPort }: Pick<Config, 'host' | 'port' | 'dnsPort'>,
  options: DnsServerOptions,
): Promise<DnsListener> {
  const { DnsServer } = await import('./wire/dns/server.ts');
  const server = new DnsServer(options);
  const port = await listen(server, host, dnsPort ?? usualPort(httpPort));
  if (typeof port === 'number') return { port, close: () => server.close() };
  if (dnsPort !== undefined) throw new AddressError({ host, port: dnsPort }, port);
  options.log.info({ error: port.message }, 'the usual port for DNS is taken: using a free one');
  const free = await listen(server, host, 0);
  if (typeof free !== 'number') throw new AddressError({ host, port: 0 }, free);
  return { port: free, close: () => server.close() };
}

function usualPort(httpPort: number): number {
  const place = httpPort - DEFAULT_PORT;
  return place >= 0 && place < REGIONS_IN_A_ROW ? DNS_PORT_DEFAULT + place : 0;
}

async function listen(
  server: DnsServer,
  host: string,
  port: number,
): Promise<number | NodeJS.ErrnoException> {
  try {
    return await server.listen({ host: host === 'localhost' ? '127.0.0.1' : host, port });
  } catch (error) {
    return error as NodeJS.ErrnoException;
  }
}
