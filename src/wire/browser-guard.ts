/**
 * Keeps web pages away from an API that trusts its callers. A page anywhere can make a browser send requests to
 * 127.0.0.1; on loopback in `open` mode that alone would be full access. So a request is refused when
 *
 * - its Host is a public name that is not ours (DNS rebinding: `evil.example` resolved to 127.0.0.1): neither allowed
 *   by the settings nor in a hosted zone of this server,
 * - it comes from a page of another origin (`Origin`), or
 * - the browser says that another site caused it (`Sec-Fetch-Site`), unless it just opens a page.
 *
 * Clients that are no browsers send neither of the last two. IP addresses, names without a dot and `*.localhost`
 * cannot be owned by a stranger, so they need no list.
 */
import { AwsError } from '../base/errors.ts';
import type { WireRequest } from './dispatch.ts';
import { headerText } from './scope.ts';

export interface BrowserGuardOptions {
  /** Names by which the server is also called, without port. Names below them are taken too. */
  readonly allowedHosts: readonly string[];
  /** Whether a name lies in a hosted zone of this server: whoever made the zone means it to lead here. Default: no. */
  readonly isHosted?: ((name: string) => boolean) | undefined;
  /** Origins of pages that may call the API, such as `http://localhost:3000`. */
  readonly allowedOrigins: readonly string[];
}

/** Where clients that are told a region but no endpoint would go, and a name that resolves to loopback. */
const KNOWN_HOSTS = ['amazonaws.com', 'localhost', 'localhost.localstack.cloud'];

function hostName(host: string): string {
  const bracket = host.indexOf(']');
  if (host.startsWith('[') && bracket !== -1) return host.slice(0, bracket + 1);
  const colon = host.lastIndexOf(':');
  return (colon === -1 ? host : host.slice(0, colon)).toLowerCase();
}

function isOwnHost(name: string, { allowedHosts, isHosted }: BrowserGuardOptions): boolean {
  if (!name.includes('.') || name.startsWith('[')) return true;
  if (/^\d{1,3}(\.\d{1,3}){3}$/.test(name)) return true;
  const isNamed = [...KNOWN_HOSTS, ...allowedHosts].some(
    (host) => name === host || name.endsWith(`.${host}`),
  );
  return isNamed || isHosted?.(name) === true;
}

function forbidden(message: string): AwsError {
  return new AwsError('AccessDeniedException', message, { httpStatus: 403 });
}

/** Throws `AccessDeniedException` for a request that a foreign web page caused. */
export function refuseForeignPages(request: WireRequest, options: BrowserGuardOptions): void {
  const host = headerText(request, 'host') ?? '';
  if (!isOwnHost(hostName(host), options)) {
    throw forbidden(
      `The host ${hostName(host)} is not one of this server; MILLRACE_ALLOWED_HOSTS names those that are.`,
    );
  }
  const origin = headerText(request, 'origin');
  if (origin !== undefined) {
    const isOwn = origin === `http://${host}` || origin === `https://${host}`;
    if (!isOwn && !options.allowedOrigins.includes(origin)) {
      throw forbidden(`Pages of ${origin} may not call this server.`);
    }
    return;
  }
  const site = headerText(request, 'sec-fetch-site');
  if (site === undefined || site === 'same-origin' || site === 'none') return;
  const opensPage = request.method === 'GET' && headerText(request, 'sec-fetch-mode') === 'navigate';
  if (opensPage && !request.url.includes('?')) return;
  throw forbidden('A page of another site may not call this server.');
}
