/**
 * One look at an endpoint, as Route 53's checkers take it: a TCP connection, or an HTTP request whose status, and where
 * asked the beginning of its body, says whether all is well. Redirects count as success and are not followed;
 * certificates are not verified, as at AWS. It never throws: whatever goes wrong is what it reports.
 *
 * Unlike AWS's, checkers may look at private addresses and at loopback, since that is where endpoints are. Addresses of
 * the link alone are refused: the credentials of cloud machines are served there.
 */
import type { ClientRequest, IncomingMessage, RequestOptions } from 'node:http';
import type { LookupFunction } from 'node:net';
import { BlockList, connect, isIP, isIPv4, isIPv6 } from 'node:net';
import type { Clock, Timer } from '../../base/clock.ts';
import { errorMessage } from '../../base/errors.ts';
import type { HealthCheckRecord, HealthCheckSettings } from '../dns/health-check-record.ts';
import { probeTimes } from './probe-times.ts';

export interface ProbeResult {
  readonly hasSucceeded: boolean;
  /** In the words of `GetHealthCheckStatus`. */
  readonly text: string;
  /** Of the endpoint, as far as it got there. */
  readonly address?: string;
}

export interface ProbeOptions {
  readonly clock: Clock;
  /** The address of a name that is the platform's own; undefined for all others. */
  readonly resolveOwn: (name: string) => string | undefined;
}

/** What is searched of a body. Source: as in `probe-times.ts`. */
const SEARCHED_BYTES = 5120;
const HEADER_SIZE_MAX = 16 * 1024;
const STATUS_TEXT_MAX = 100;
const PORT_DEFAULT = { HTTP: 80, HTTPS: 443 } as const;

const LINK_LOCAL = new BlockList();
LINK_LOCAL.addSubnet('169.254.0.0', 16, 'ipv4');
LINK_LOCAL.addSubnet('fe80::', 10, 'ipv6');
/** The same metadata service where it is reached by IPv6. */
LINK_LOCAL.addAddress('fd00:ec2::254', 'ipv6');

export async function probe(check: HealthCheckRecord, options: ProbeOptions): Promise<ProbeResult> {
  const attempt = new Attempt(check, options);
  try {
    return await attempt.run();
  } catch (error) {
    return attempt.failure(describe(error));
  }
}

/** The step that took too long, in the words of the report. */
class ProbeTimeout extends Error {}

class ForbiddenAddress extends Error {}

class Attempt {
  readonly #check: HealthCheckRecord;
  readonly #settings: HealthCheckSettings;
  readonly #options: ProbeOptions;
  #address: string | undefined;

  constructor(check: HealthCheckRecord, options: ProbeOptions) {
    this.#check = check;
    this.#settings = check.settings;
    this.#options = options;
  }

  async run(): Promise<ProbeResult> {
    return this.#settings.type === 'TCP' ? await this.#probeTcp() : await this.#probeHttp();
  }

  failure(text: string): ProbeResult {
    return this.#result(false, `Failure: ${text}`);
  }

  async #probeTcp(): Promise<ProbeResult> {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const socket = connect({ host: this.#host, port: this.#port, lookup: this.#lookup });
    socket.once('connect', resolve).once('error', reject);
    try {
      await this.#within(probeTimes(this.#check).connectMs, NO_CONNECTION, promise);
      this.#address = socket.remoteAddress;
      return this.#result(true, 'Success');
    } finally {
      socket.destroy();
    }
  }

  async #probeHttp(): Promise<ProbeResult> {
    const { connectMs, responseMs } = probeTimes(this.#check);
    const request = this.#startRequest();
    try {
      const answered = Promise.withResolvers<IncomingMessage>();
      request.once('response', answered.resolve).once('error', answered.reject);
      // Awaited below, or not at all when there is no connection.
      answered.promise.catch(() => undefined);
      await this.#within(
        connectMs,
        NO_CONNECTION,
        Promise.race([connected(request, this.#isTls), answered.promise]),
      );
      this.#address = request.socket?.remoteAddress;
      const response = await this.#within(responseMs, NO_RESPONSE, answered.promise);
      return await this.#judge(response);
    } finally {
      request.destroy();
    }
  }

  #startRequest(): ClientRequest {
    const { domainName: name, resourcePath: path = '/', sendsServerName: hasSni } = this.#settings;
    const options: RequestOptions & { servername?: string; rejectUnauthorized?: boolean } = {
      host: this.#host,
      port: this.#port,
      path: path.startsWith('/') ? path : `/${path}`,
      method: 'GET',
      agent: false,
      setHost: false,
      maxHeaderSize: HEADER_SIZE_MAX,
      lookup: this.#lookup,
      headers: {
        Host: this.#hostHeader,
        'User-Agent': `Millrace-Route53-Health-Check-Service (ref ${this.#check.id})`,
        Accept: '*/*',
        'Accept-Encoding': '*',
        Connection: 'close',
      },
    };
    if (!this.#isTls) return process.getBuiltinModule('node:http').request(options).end();
    // AWS checks no certificates either; by default it tells the server the name.
    options.rejectUnauthorized = false;
    options.servername = hasSni !== false && name !== undefined && isIP(name) === 0 ? name : '';
    return process.getBuiltinModule('node:https').request(options).end();
  }

  async #judge(response: IncomingMessage): Promise<ProbeResult> {
    const { statusCode = 0, statusMessage = '' } = response;
    const status = `HTTP Status Code ${statusCode}, ${statusMessage.slice(0, STATUS_TEXT_MAX)}`;
    if (statusCode < 200 || statusCode >= 400) return this.failure(status);
    const { searchString: searched } = this.#settings;
    if (searched === undefined || !this.#settings.type.endsWith('_STR_MATCH')) {
      return this.#result(true, `Success: ${status}`);
    }
    const { bodyMs } = probeTimes(this.#check);
    const body = await this.#within(bodyMs, NO_BODY, readStart(response));
    // Case counts, as at AWS.
    return body.includes(searched)
      ? this.#result(true, `Success: ${status}`)
      : this.failure(
          `${status}. The search string was not found in the first ${SEARCHED_BYTES} bytes of the body.`,
        );
  }

  get #isTls(): boolean {
    return this.#settings.type.startsWith('HTTPS');
  }

  get #host(): string {
    const host = this.#settings.ipAddress ?? this.#settings.domainName ?? '';
    if (isIP(host) !== 0) refuseLinkLocal(host);
    return host;
  }

  get #port(): number {
    return this.#settings.port ?? (this.#isTls ? PORT_DEFAULT.HTTPS : PORT_DEFAULT.HTTP);
  }

  get #hostHeader(): string {
    const { domainName: name, ipAddress: address = '' } = this.#settings;
    const host = name ?? (isIPv6(address) ? `[${address}]` : address);
    const port = this.#port;
    return port === (this.#isTls ? PORT_DEFAULT.HTTPS : PORT_DEFAULT.HTTP) ? host : `${host}:${port}`;
  }

  /** Names of the platform first; others as this machine resolves them, by IPv4 as at AWS. */
  readonly #lookup: LookupFunction = (name, { all }, callback) => {
    const finish = (error: NodeJS.ErrnoException | null, address: string): void => {
      if (error !== null) return callback(error, []);
      try {
        refuseLinkLocal(address);
      } catch (refusal) {
        return callback(refusal as NodeJS.ErrnoException, []);
      }
      const family = isIPv4(address) ? 4 : 6;
      if (all === true) callback(null, [{ address, family }]);
      else callback(null, address, family);
    };
    const own = this.#options.resolveOwn(name.toLowerCase());
    if (own === undefined) process.getBuiltinModule('node:dns').lookup(name, { family: 4 }, finish);
    else finish(null, own);
  };

  async #within<T>(limitMs: number, otherwise: string, step: Promise<T>): Promise<T> {
    const { clock } = this.#options;
    let timer: Timer | undefined;
    const timeout = new Promise<never>((_resolve, reject) => {
      timer = clock.callAt(clock.now() + limitMs, () => reject(new ProbeTimeout(otherwise)));
    });
    try {
      return await Promise.race([step, timeout]);
    } finally {
      timer?.cancel();
    }
  }

  #result(hasSucceeded: boolean, text: string): ProbeResult {
    const address = this.#address;
    return address === undefined ? { hasSucceeded, text } : { hasSucceeded, text, address };
  }
}

const NO_CONNECTION = 'The health checker could not establish a connection within the timeout limit.';
const NO_RESPONSE = 'The health checker did not receive an HTTP response within the timeout limit.';
const NO_BODY = 'The health checker did not receive the response body within the timeout limit.';

function refuseLinkLocal(address: string): void {
  if (LINK_LOCAL.check(address, isIPv6(address) ? 'ipv6' : 'ipv4')) throw new ForbiddenAddress(address);
}

function connected(request: ClientRequest, isTls: boolean): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  request.once('socket', (socket) => socket.once(isTls ? 'secureConnect' : 'connect', () => resolve()));
  request.once('error', reject);
  return promise;
}

/** The beginning of the body, as far as it is searched. */
async function readStart(response: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of response as AsyncIterable<Buffer>) {
    chunks.push(chunk);
    size += chunk.length;
    if (size >= SEARCHED_BYTES) break;
  }
  return Buffer.concat(chunks).toString('utf8', 0, SEARCHED_BYTES);
}

function describe(error: unknown): string {
  if (error instanceof ProbeTimeout) return error.message;
  if (error instanceof ForbiddenAddress) return `Link-local address ${error.message} is not checked.`;
  const { code } = error as NodeJS.ErrnoException;
  if (code === 'ECONNREFUSED') return 'Connection refused.';
  if (code === 'ENOTFOUND' || code === 'EAI_AGAIN') return 'DNS resolution failed.';
  return `${errorMessage(error)}.`;
}
