/**
 * COMPOSITION ROOT of a process: opens the store, the region and the wire, and closes them in the reverse order.
 * Nobody imports this file but the command line, the embedding API and the test server.
 */
import { resolve } from 'node:path';
import { type Clock, systemClock } from './base/clock.ts';
import { AwsError, errorMessage } from './base/errors.ts';
import { uuid } from './base/ids.ts';
import type { Logger } from './base/log.ts';
import { type Random, systemRandom } from './base/random.ts';
import { AddressError, type Config } from './config.ts';
import { type Ownership, takeOwnership } from './engine/partition/ownership.ts';
import { type DnsListener, listenDns } from './dns-listener.ts';
import { createLogger } from './logger.ts';
import { findFunctionUrl } from './function-urls.ts';
import { Membership, type MembershipOptions } from './installation/membership.ts';
import type { SupervisorPort } from './installation/supervisor-port.ts';
import type { openRegion, Region } from './region.ts';
import { readVersion } from './version.ts';
import { platformRoutes } from './platform-routes.ts';
import { findHint } from './services/hints.ts';
import type { Service } from './services/service.ts';
import { createMemoryStore } from './storage/memory/store.ts';
import { openSqliteStore } from './storage/sqlite/store.ts';
import type { Store } from './storage/store.ts';
import { HttpServer } from './wire/http.ts';
import type { KnownKey } from './wire/sigv4.ts';
import { LocalTls } from './wire/tls/local-tls.ts';
import { Wire } from './wire/wire.ts';

/** What a test or an embedder may put in the place of the system's. */
export interface ServerOverrides {
  readonly clock?: Clock;
  readonly random?: Random;
  readonly log?: Logger;
  readonly store?: Store;
  /** Of a process that one has started. */
  readonly supervisor?: SupervisorPort;
}

export interface Server extends AsyncDisposable {
  /** Such as `http://127.0.0.1:4566`. */
  readonly endpoint: string;
  readonly port: number;
  readonly region: string;
  /** Where the region keeps its files; undefined when it is in memory. */
  readonly dataDir: string | undefined;
  /** Resolves once the server has stopped, for whatever reason. */
  readonly stopped: Promise<void>;
  /** Removes everything, as if the server had just been started for the first time. */
  reset(): Promise<void>;
  close(): Promise<void>;
}

/** Resolves when requests are answered. */
export async function startServer(config: Config, overrides: ServerOverrides = {}): Promise<Server> {
  const log = overrides.log ?? createLogger(config.logLevel);
  // The engines and services are half of all code: they load while the threads of the store start.
  const [store, region, withPeers] = await Promise.all([
    overrides.store ?? openStore(config, { ...overrides, log }),
    import('./region.ts'),
    config.peers.length === 0 ? undefined : import('./installation/with-peers.ts'),
  ]);
  const parts: Parts = {
    config,
    clock: overrides.clock ?? systemClock,
    random: overrides.random ?? systemRandom,
    log,
    store,
    supervisor: overrides.supervisor,
    openRegion: region.openRegion,
    openWithPeers: withPeers?.openWithPeers,
  };
  const server = new RunningServer(parts);
  await server.start();
  return server;
}

interface Parts {
  readonly config: Config;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Logger;
  readonly store: Store;
  readonly supervisor: SupervisorPort | undefined;
  readonly openRegion: typeof openRegion;
  readonly openWithPeers: MembershipOptions['openWithPeers'];
}

async function openStore(config: Config, parts: ServerOverrides & { log: Logger }): Promise<Store> {
  const { clock = systemClock, log } = parts;
  if (config.memory) return createMemoryStore({ clock });
  return openSqliteStore({ directory: regionDirectory(config), clock, log });
}

/** Absolute, since functions run in directories of their own. */
function regionDirectory(config: Config): string {
  return resolve(config.dataDir, config.region);
}

class RunningServer implements Server {
  readonly #parts: Parts;
  readonly #stopped = Promise.withResolvers<void>();
  /** Always the same map, since the wire holds it; its entries change with a reset. */
  readonly #services = new Map<string, Service>();
  readonly #http: HttpServer;
  readonly #tls: LocalTls;
  readonly #membership: Membership;
  #region: Region | undefined;
  #dns: DnsListener | undefined;
  #port = 0;
  #isClosing = false;

  constructor(parts: Parts) {
    this.#parts = parts;
    const { config, clock, random, log } = parts;
    this.#tls = new LocalTls({
      // Above the directories of the regions: whoever trusts one of them trusts all.
      directory: config.memory ? undefined : resolve(config.dataDir, 'tls'),
      hosts: [config.host, ...(config.secondAddress?.split(':').slice(0, 1) ?? [])],
      region: config.region,
      clock: systemClock,
      log,
    });
    this.#membership = new Membership({
      ...parts,
      isCaughtUp: (peer) => this.#region?.records.streams.isCaughtUp(peer) ?? false,
    });
    const wire = new Wire({
      services: this.#services,
      answer: (handler, input, facts) => this.#openRegion.answer(handler, input, facts),
      mode: config.auth,
      credentials: { lookup: (accessKeyId) => this.#lookup(accessKeyId) },
      defaultRegion: config.region,
      routes: platformRoutes({
        server: this,
        config,
        version: readVersion(),
        region: () => this.#openRegion,
        membership: this.#membership,
        supervisor: parts.supervisor,
        authority: () => this.#tls.authority(),
      }),
      findPublished: findFunctionUrl(() => this.#openRegion),
      elsewhere: this.#membership.elsewhere,
      findHint,
      allowedHosts: config.allowedHosts,
      isHosted: (name) => this.#region?.dns.zones.zoneFor(name) !== undefined,
      allowedOrigins: [],
      clock,
      random,
      log,
    });
    this.#http = new HttpServer({ wire, clock, log, tls: this.#tls, forwarder: this.#membership.forwarder });
    // Whoever waits for the end is told of a failure; nobody has to wait.
    this.#stopped.promise.catch(() => undefined);
  }

  get endpoint(): string {
    const { host } = this.#parts.config;
    return `http://${host.includes(':') ? `[${host}]` : host}:${this.#port}`;
  }

  get port(): number {
    return this.#port;
  }

  get region(): string {
    return this.#parts.config.region;
  }

  get dataDir(): string | undefined {
    const { config } = this.#parts;
    return config.memory ? undefined : regionDirectory(config);
  }

  get stopped(): Promise<void> {
    return this.#stopped.promise;
  }

  async start(): Promise<void> {
    const { config, store, log } = this.#parts;
    store.onFailure((error) => this.#fail(error));
    try {
      const owner = await this.#takeOwnership();
      this.#dns = await this.#listenDns();
      this.#port = await this.#listen();
      // In the same turn as the listening began: no request can come in before everything is recovered.
      this.#open(owner);
    } catch (error) {
      // The process may live on: neither the port nor the lock of the data stays with it.
      this.#isClosing = true;
      this.#membership.close();
      await Promise.allSettled([this.#http.close(), this.#dns?.close(), store.close()]);
      throw error;
    }
    await this.#membership.listen((socket) => this.#http.accept(socket));
    log.info({ endpoint: this.endpoint, region: config.region }, 'ready');
    this.#tls.prepare();
  }

  async reset(): Promise<void> {
    const { store } = this.#parts;
    const region = this.#openRegion;
    this.#region = undefined;
    await region.close();
    await store.whenDurable(store.commit({ puts: [], deletes: [], deleteRanges: [EVERYTHING] }));
    this.#open(await this.#takeOwnership());
  }

  async close(): Promise<void> {
    if (!this.#isClosing) {
      this.#isClosing = true;
      this.#membership.closeListener();
      await Promise.all([this.#http.close(), this.#dns?.close()]);
      await this.#region?.close();
      this.#membership.close();
      await this.#parts.store.close();
      this.#stopped.resolve();
    }
    await this.#stopped.promise;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  get #openRegion(): Region {
    if (this.#region !== undefined) return this.#region;
    throw new AwsError('ServiceUnavailable', 'The region is starting.', { httpStatus: 503, fault: 'server' });
  }

  #lookup(accessKeyId: string): KnownKey | undefined {
    const { account, rootAccessKeyId, rootSecretAccessKey } = this.#parts.config;
    if (accessKeyId === rootAccessKeyId && rootSecretAccessKey !== undefined) {
      return { secretAccessKey: rootSecretAccessKey, account };
    }
    return this.#openRegion.credentials.lookup(accessKeyId);
  }

  async #listen(): Promise<number> {
    const { host, port } = this.#parts.config;
    try {
      return (await this.#http.listen({ host, port })).port;
    } catch (error) {
      throw new AddressError({ host, port }, error as NodeJS.ErrnoException);
    }
  }

  /** Questions that come before the region is open are answered with a failure, as those over HTTP are. */
  #listenDns(): Promise<DnsListener> {
    const { config, clock, log } = this.#parts;
    return listenDns(config, { respond: (question) => this.#openRegion.dns.respond(question), clock, log });
  }

  /** The name is new each time, even where a test seeds what is random: who was before is another owner. */
  #takeOwnership(): Promise<Ownership> {
    return takeOwnership({ ...this.#parts, owner: uuid(systemRandom) });
  }

  #open(owner: Ownership): void {
    const installation = this.#membership.open(this.endpoint);
    installation.report('dnsPort', () => this.#dns?.port);
    if (installation.peers.length > 0) {
      installation.report('replication', () => this.#parts.config.replication);
    }
    const region = this.#parts.openRegion({
      ...this.#parts,
      owner,
      installation,
      endpoint: this.endpoint,
      dataDir: this.dataDir,
      region: this.region,
      peerSecret: this.#parts.config.peerSecret,
      replication: this.#parts.config.replication,
      lease: this.#membership.lease,
      auth: this.#parts.config.auth,
      executionRetentionDays: this.#parts.config.executionRetentionDays,
      onFatal: (error) => this.#fail(error),
    });
    for (const [id, service] of region.services) this.#services.set(id, service);
    this.#membership.restore(region.loop);
    this.#region = region;
  }

  /** Memory and disk may differ, or the disk is gone: nothing more may be answered; the next start recovers. */
  #fail(error: Error): void {
    if (this.#isClosing) return;
    this.#isClosing = true;
    this.#parts.log.error(
      { error: error.message, cause: error.cause === undefined ? undefined : errorMessage(error.cause) },
      'the region cannot go on',
    );
    const region = this.#region;
    this.#region = undefined;
    this.#stopped.reject(error);
    // The process may live on: then nothing listens any more, no function runs and no turn is taken.
    region?.loop.close();
    this.#membership.close();
    void Promise.allSettled([
      this.#http.close(),
      this.#dns?.close(),
      region?.close(),
      this.#parts.store.close(),
    ]);
  }
}

/** The range of all keys: no key starts with three bytes of 0xff. */
const EVERYTHING = ['', '\u00ff\u00ff\u00ff'] as const;
