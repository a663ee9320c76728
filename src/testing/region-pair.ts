/**
 * Two regions of one installation in the process of a test, each with a server, a store and a port of its own. Either
 * can be ended and started again on its store, as a process would be.
 */
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Settings } from '../config.ts';
import { startTestServer, type TestServer } from './test-server.ts';

const nextTurn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

const PAIR_SECRET = 'the-secret-of-an-installation-in-a-test';

/** Ports that nobody listens on, taken at the same time so that they differ. */
async function freePorts(count: number): Promise<number[]> {
  const servers = Array.from({ length: count }, () => createServer().listen(0, '127.0.0.1'));
  await Promise.all(servers.map((server) => once(server, 'listening')));
  const ports = servers.map((server) => (server.address() as AddressInfo).port);
  await Promise.all(servers.map((server) => once(server.close(), 'close')));
  return ports;
}

export interface PairHealth {
  readonly home: string;
  readonly regions: Readonly<Record<string, { readonly status: string; readonly pid?: number }>>;
}

export class RegionPair implements AsyncDisposable {
  readonly #servers = new Map<string, TestServer>();
  readonly #dataDir = mkdtempSync(join(tmpdir(), 'millrace-regions-'));
  readonly #ports: ReadonlyMap<string, number>;
  readonly #settings: Settings;

  private constructor(ports: ReadonlyMap<string, number>, settings: Settings) {
    this.#ports = ports;
    this.#settings = settings;
  }

  /** `us-east-1`, which is home, and `us-west-2`. */
  static async start(settings: Settings = {}): Promise<RegionPair> {
    const [east = 0, west = 0] = await freePorts(2);
    const ports = new Map([
      ['us-east-1', east],
      ['us-west-2', west],
    ]);
    const pair = new RegionPair(ports, settings);
    try {
      for (const region of ports.keys()) await pair.startRegion(region);
      for (const region of ports.keys()) await pair.whenStatus(region, 'running');
      return pair;
    } catch (error) {
      await pair[Symbol.asyncDispose]();
      throw error;
    }
  }

  /** Resolves once the other region says so of this one. Each look is a request. */
  async whenStatus(region: string, status: string): Promise<void> {
    const other = region === 'us-east-1' ? 'us-west-2' : 'us-east-1';
    while ((await this.health(other)).regions[region]?.status !== status) await nextTurn();
  }

  async health(region: string): Promise<PairHealth> {
    return (await (await fetch(`${this.server(region).endpoint}/_millrace/health`)).json()) as PairHealth;
  }

  server(region: string): TestServer {
    const server = this.#servers.get(region);
    if (server === undefined) throw new Error(`${region} has not been started`);
    return server;
  }

  async startRegion(region: string, settings: Settings = {}): Promise<TestServer> {
    const peer = [...this.#ports]
      .filter(([other]) => other !== region)
      .map(([other, port]) => `${other}=http://127.0.0.1:${port}`);
    const own = { region, port: this.#ports.get(region), peer, peerSecret: PAIR_SECRET };
    const kept = { memory: false, dataDir: this.#dataDir };
    const server = await startTestServer({ settings: { ...own, ...kept, ...this.#settings, ...settings } });
    this.#servers.set(region, server);
    return server;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all([...this.#servers.values()].map((server) => server.close()));
    rmSync(this.#dataDir, { recursive: true, force: true });
  }
}
