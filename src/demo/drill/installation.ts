/** The two regions of a drill, with a supervisor and a directory of their own, and how its clients find them. */
import { mkdtempSync, rmSync } from 'node:fs';
import { Resolver } from 'node:dns/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { AwsClient } from '../../cli/aws-client.ts';
import { parseConfig } from '../../config.ts';
import { startSupervisor, type Supervisor } from '../../supervisor/supervisor.ts';
import { type DrillRegion, PRIMARY, REGIONS, SECONDARY } from './names.ts';

interface RegionHealth {
  readonly status: string;
  readonly pid: number;
  readonly endpoint: string;
  readonly address: string;
  readonly dnsPort: number;
  /** By peer. */
  readonly lag?: Readonly<Record<string, { readonly waiting: number }>>;
  /** Events that came from another region long after they were put. */
  readonly late?: number;
}

export type InstallationHealth = Readonly<Record<DrillRegion, RegionHealth>>;

const LOOKUP_TIMEOUT_MS = 300;

export class DrillInstallation implements AsyncDisposable {
  readonly #supervisor: Supervisor;
  readonly #dataDir: string;
  readonly #keys: { readonly accessKeyId: string; readonly secretAccessKey: string };
  readonly #resolvers = new Map<DrillRegion, Resolver>();
  /** Where the regions are, by the address that DNS answers. */
  #endpoints: ReadonlyMap<string, string> = new Map();

  private constructor(supervisor: Supervisor, dataDir: string, account: string) {
    this.#supervisor = supervisor;
    this.#dataDir = dataDir;
    this.#keys = { accessKeyId: account, secretAccessKey: 'test' };
  }

  static async start(account: string): Promise<DrillInstallation> {
    const dataDir = mkdtempSync(join(tmpdir(), 'millrace-drill-'));
    const config = parseConfig({ region: [...REGIONS], port: 0, dataDir, account, logLevel: 'error' }, {});
    const supervisor = await startSupervisor(config);
    const installation = new DrillInstallation(supervisor, dataDir, account);
    await installation.#learn();
    return installation;
  }

  client(region: DrillRegion): AwsClient {
    return new AwsClient({ url: this.#endpointOf(region), region, ...this.#keys });
  }

  /** A client of whoever is at `address`, whose requests are good in all regions. */
  clientAt(address: string): AwsClient {
    const url = this.#endpoints.get(address);
    if (url === undefined) throw new Error(`no region is at ${address}`);
    return new AwsClient({ url, region: '*', ...this.#keys });
  }

  /** What the DNS server of a region says of a name; undefined when it says nothing. */
  async resolve(region: DrillRegion, name: string): Promise<string | undefined> {
    try {
      return (await this.#resolvers.get(region)?.resolve4(name))?.[0];
    } catch {
      return undefined;
    }
  }

  /** What the first DNS server says that answers, as a client's resolver asks them. */
  async resolveAny(name: string): Promise<string | undefined> {
    return (await this.resolve(PRIMARY, name)) ?? (await this.resolve(SECONDARY, name));
  }

  async health(asked: DrillRegion = SECONDARY): Promise<InstallationHealth> {
    const { body } = await this.client(asked).platform<{ regions: InstallationHealth }>(
      'GET',
      '/_millrace/health',
    );
    return body.regions;
  }

  fail(region: DrillRegion): Promise<void> {
    return this.#supervisor.fail(region);
  }

  async restore(region: DrillRegion): Promise<void> {
    await this.#supervisor.restore(region);
    // A free port of DNS is another one after a restart.
    await this.#learn();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#supervisor.stop();
    rmSync(this.#dataDir, { recursive: true, force: true });
  }

  /** Reads where the regions are, from each of them: one that has just started is not known to the other yet. */
  async #learn(): Promise<void> {
    const endpoints = new Map<string, string>();
    for (const region of REGIONS) {
      const { [region]: own } = await this.health(region);
      endpoints.set(own.address, own.endpoint);
      const resolver = new Resolver({ timeout: LOOKUP_TIMEOUT_MS, tries: 1 });
      resolver.setServers([`127.0.0.1:${own.dnsPort}`]);
      this.#resolvers.set(region, resolver);
    }
    this.#endpoints = endpoints;
  }

  #endpointOf(region: DrillRegion): string {
    return this.#supervisor.regions[region]?.endpoint ?? '';
  }
}
