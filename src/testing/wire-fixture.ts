/** A wire with handlers of the test's own behind it, on a port of the machine's choosing. Tests only. */
import assert from 'node:assert/strict';
import { systemClock } from '../base/clock.ts';
import type { Clock } from '../base/clock.ts';
import { silentLogger } from '../base/log.ts';
import type { Logger } from '../base/log.ts';
import { seededRandom } from '../base/random.ts';
import type { CallFacts, Handler, Service } from '../services/service.ts';
import type { PlatformRoutes, WireRequest, WireResponse } from '../wire/dispatch.ts';
import type { TlsPort } from '../wire/first-byte.ts';
import { HttpServer } from '../wire/http.ts';
import type { HttpLimits } from '../wire/http.ts';
import type { AuthMode, KnownKey } from '../wire/sigv4.ts';
import { Wire } from '../wire/wire.ts';

/** What the handler of a test saw. */
export interface Seen {
  readonly service: string;
  readonly operation: string;
  readonly input: unknown;
  readonly facts: CallFacts;
}

export interface FixtureOptions {
  /** Handlers by `service:Operation`; each gets the decoded input. */
  readonly handlers?: Readonly<Record<string, (input: never, facts: CallFacts) => unknown>>;
  readonly keys?: Readonly<Record<string, KnownKey>>;
  readonly mode?: AuthMode;
  readonly clock?: Clock;
  readonly log?: Logger;
  readonly routes?: PlatformRoutes;
  readonly limits?: Partial<HttpLimits>;
  readonly tls?: TlsPort;
  readonly allowedHosts?: readonly string[];
}

export interface Fixture extends AsyncDisposable {
  readonly wire: Wire;
  readonly server: HttpServer;
  readonly port: number;
  readonly endpoint: string;
  /** The calls that reached a handler, in order. */
  readonly seen: readonly Seen[];
}

export function createTestWire(options: FixtureOptions, seen: Seen[] = []): Wire {
  const tables = new Map<string, Record<string, Handler>>();
  for (const [key, handle] of Object.entries(options.handlers ?? {})) {
    const [service = '', operation = ''] = key.split(':');
    const handlers = tables.get(service) ?? {};
    handlers[operation] = (input, call) => {
      seen.push({ service, operation, input, facts: call });
      return handle(input, call);
    };
    tables.set(service, handlers);
  }
  const services = new Map<string, Service>([...tables].map(([id, handlers]) => [id, { id, handlers }]));
  return new Wire({
    services,
    answer: async (handler, input, facts) => handler(input as never, facts as never),
    mode: options.mode ?? 'open',
    credentials: { lookup: (accessKeyId) => options.keys?.[accessKeyId] },
    defaultRegion: 'eu-west-1',
    routes: options.routes ?? new Map(),
    allowedHosts: options.allowedHosts ?? [],
    allowedOrigins: [],
    clock: options.clock ?? systemClock,
    random: seededRandom(1),
    log: options.log ?? silentLogger,
  });
}

export async function startFixture(options: FixtureOptions): Promise<Fixture> {
  const seen: Seen[] = [];
  const wire = createTestWire(options, seen);
  const server = new HttpServer({
    wire,
    clock: options.clock ?? systemClock,
    log: silentLogger,
    tls: options.tls,
    ...(options.limits === undefined ? {} : { limits: options.limits }),
  });
  const { port } = await server.listen({ host: '127.0.0.1', port: 0 });
  return {
    wire,
    server,
    port,
    endpoint: `http://127.0.0.1:${port}`,
    seen,
    [Symbol.asyncDispose]: () => server.close(),
  };
}

/** A request that needs no socket. */
export function testRequest(request: Partial<WireRequest> & { text?: string }): WireRequest {
  return {
    method: 'POST',
    url: '/',
    remoteAddress: undefined,
    signal: new AbortController().signal,
    ...request,
    headers: { host: '127.0.0.1:4566', ...request.headers },
    body: request.body ?? Buffer.from(request.text ?? ''),
  };
}

/** A well-formed signature header, not a right one. */
export function authorization(service: string, accessKeyId = 'test', region = 'us-east-1'): string {
  const scope = `${accessKeyId}/20260131/${region}/${service}/aws4_request`;
  return `AWS4-HMAC-SHA256 Credential=${scope}, SignedHeaders=host;x-amz-date, Signature=${'0'.repeat(64)}`;
}

export function jsonBody(response: WireResponse): Record<string, unknown> {
  assert.equal(typeof response.body, 'string');
  return JSON.parse(response.body as string) as Record<string, unknown>;
}
