/**
 * Several regions on one machine: a process each, which this one starts, restarts and stops. It serves no request of a
 * client and loads nothing of the engines, so it is small, and there is little that could end it before its regions.
 * `millrace start` opens one when it is given more than one region.
 *
 * What it knows is in memory and in the channels to its children. Its own end, however it comes, closes those, and that
 * ends the regions: no process, port or lock stays behind. The next start begins anew, with all regions.
 */
import { randomBytes } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Clock, systemClock } from '../base/clock.ts';
import { errorMessage } from '../base/errors.ts';
import type { Logger } from '../base/log.ts';
import { AddressError, type Config, environmentWith, type Settings } from '../config.ts';
import { Witness } from '../engine/region/witness.ts';
import { loadSecretKey } from '../engine/secrets.ts';
import type { SupervisedState } from '../installation/health.ts';
import { createLogger } from '../logger.ts';
import { answerWitnessCall } from '../witness/witness-calls.ts';
import { openWitness } from '../witness/witness-file.ts';
import { chooseAddresses, type RegionAddress } from './addresses.ts';
import { Control } from './control.ts';
import { tagLine } from './log-lines.ts';
import type { Command, ToSupervisor } from './messages.ts';
import { RegionEndedError, RegionProcess } from './region-process.ts';
import { removeSupervisorFile, writeSupervisorFile } from './state-file.ts';
import { whenAllKnowAll } from './when-ready.ts';

/** Longer than a region waits for its answers (10 s) before it cuts them. */
const DRAIN_MS = 15_000;
/** As `cli/exit-codes.ts` has it: what a process says of an address that it cannot listen on. */
const ADDRESS_TAKEN = 5;

/** The command line's entry in this build. */
const MAIN = fileURLToPath(
  new URL(import.meta.url.endsWith('.ts') ? '../main.ts' : '../main.js', import.meta.url),
);

export interface RegionSummary extends SupervisedState {
  readonly endpoint: string;
}

export interface SupervisorOverrides {
  readonly clock?: Clock;
  readonly log?: Logger;
}

/** Resolves when all regions answer and know each other. Throws when one of them ends before. */
export async function startSupervisor(
  config: Config,
  overrides: SupervisorOverrides = {},
): Promise<Supervisor> {
  mkdirSync(resolve(config.dataDir), { recursive: true });
  const addresses = await chooseAddresses(config);
  const supervisor = new Supervisor(config, addresses, overrides);
  await supervisor.start();
  return supervisor;
}

export class Supervisor implements AsyncDisposable {
  readonly #config: Config;
  readonly #addresses: readonly RegionAddress[];
  readonly #clock: Clock;
  readonly #log: Logger;
  readonly #regions = new Map<string, RegionProcess>();
  readonly #control: Control;
  readonly #token = randomBytes(32).toString('base64url');
  readonly #witness: Witness;
  readonly #stopped = Promise.withResolvers<void>();
  #stopping: Promise<void> | undefined;

  constructor(config: Config, addresses: readonly RegionAddress[], overrides: SupervisorOverrides) {
    this.#config = config;
    this.#addresses = addresses;
    this.#clock = overrides.clock ?? systemClock;
    this.#log = overrides.log ?? createLogger(config.logLevel);
    this.#witness = openWitnessOf(config, this.#clock);
    const secret = peerSecret(config);
    for (const [index, address] of addresses.entries()) {
      const region = new RegionProcess({
        region: address.region,
        // What is told by the environment is told twice, for those who look at the list of processes.
        command: [process.execPath, MAIN, 'start', '--supervised', '--region', address.region],
        environment: environmentWith({
          ...regionSettings(config, address, addresses),
          peerSecret: secret,
          dnsPort: dnsPortOf(config, index),
        }),
        clock: this.#clock,
        log: this.#log,
        onLine: (line) => process.stderr.write(`${tagLine(address.region, line)}\n`),
        onMessage: (message) => this.#hear(region, message),
        onChange: () => this.#tellStates(),
      });
      this.#regions.set(address.region, region);
    }
    this.#control = new Control({ token: this.#token, answer: (target) => this.#answer(target) });
  }

  /** Resolves once everything has been stopped. */
  get stopped(): Promise<void> {
    return this.#stopped.promise;
  }

  /** In the order of the settings: the first is home unless that has been moved. */
  get regions(): Readonly<Record<string, RegionSummary>> {
    return Object.fromEntries(
      this.#addresses.map(({ region, endpoint }) => [region, { endpoint, ...this.#require(region).state }]),
    );
  }

  async start(): Promise<void> {
    const { dataDir, home } = this.#config;
    try {
      const control = await this.#control.listen();
      await Promise.all([...this.#regions.values()].map((region) => region.start()));
      await whenAllKnowAll(this.#addresses, this.#clock);
      const regions = Object.fromEntries(
        this.#addresses.map(({ region, endpoint }) => [region, { endpoint }]),
      );
      writeSupervisorFile(dataDir, { pid: process.pid, control, token: this.#token, home, regions });
    } catch (error) {
      await this.#end(0);
      throw this.#explain(error);
    }
    this.#log.info({ regions: this.regions, pid: process.pid }, 'all regions are ready');
  }

  /** Lets the regions finish what they are answering, all at the same time, then ends. */
  stop(): Promise<void> {
    this.#stopping ??= this.#end(DRAIN_MS).then(() => {
      removeSupervisorFile(this.#config.dataDir);
      this.#stopped.resolve();
    });
    return this.#stopping;
  }

  /** Ends the regions at once, which is safe: it is how they must survive a crash. */
  kill(): void {
    for (const region of this.#regions.values()) region.kill();
  }

  async fail(name: string): Promise<void> {
    const region = this.#require(name);
    this.#log.warn({ region: name }, 'a region is failed by its operator');
    await region.fail();
  }

  async restore(name: string): Promise<void> {
    const region = this.#require(name);
    this.#log.info({ region: name }, 'a region is restored by its operator');
    await region.restore();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.stop();
  }

  async #end(drainMs: number): Promise<void> {
    await Promise.all([...this.#regions.values()].map((region) => region.stop(drainMs)));
    await this.#control[Symbol.asyncDispose]();
  }

  #require(name: string): RegionProcess {
    const region = this.#regions.get(name);
    if (region !== undefined) return region;
    throw new Error(`there is no region ${name} here; there are ${[...this.#regions.keys()].join(', ')}`);
  }

  #perform(command: Command, region: string): Promise<void> {
    return command === 'fail' ? this.fail(region) : this.restore(region);
  }

  #answer(target: string): Promise<unknown> | undefined {
    if (target === 'GET /regions') return Promise.resolve(this.regions);
    const [, region, command] = /^POST \/regions\/([a-z0-9-]+)\/(fail|restore)$/.exec(target) ?? [];
    if (region === undefined) return undefined;
    return this.#perform(command as Command, region).then(() => this.regions[region]);
  }

  #hear(asker: RegionProcess, message: ToSupervisor): void {
    if (message.kind === 'ready') return;
    const { id } = message;
    this.#reply(asker.region, message).then(
      (answer) => asker.send({ kind: 'done', id, answer }),
      (error: unknown) => asker.send({ kind: 'done', id, error: errorMessage(error) }),
    );
  }

  async #reply(asker: string, message: Exclude<ToSupervisor, { kind: 'ready' }>): Promise<unknown> {
    if (message.kind === 'ask') return await this.#perform(message.command, message.region);
    return answerWitnessCall(this.#witness, message.name, message.body, asker);
  }

  #tellStates(): void {
    const states = Object.fromEntries([...this.#regions].map(([name, { state }]) => [name, state]));
    for (const region of this.#regions.values()) region.send({ kind: 'states', states });
  }

  /** What the region's process has told on stderr, in the form that the command line has an exit code for. */
  #explain(error: unknown): unknown {
    if (!(error instanceof RegionEndedError) || error.exit.code !== ADDRESS_TAKEN) return error;
    const { host, port } = this.#config;
    return new AddressError({ host, port }, Object.assign(new Error(error.message), { code: 'REGION' }));
  }
}

/** What it has granted outlives this process, unless nothing of the installation does. */
function openWitnessOf({ memory, dataDir }: Config, clock: Clock): Witness {
  const monotonicMs = (): number => clock.monotonicMs();
  return memory
    ? new Witness({ records: [], save: () => undefined, monotonicMs })
    : openWitness(join(resolve(dataDir), 'witness.json'), monotonicMs);
}

/** The installation's, made by the first start and kept, so that it outlives this process. */
function peerSecret({ memory, dataDir, peerSecret: given }: Config): string {
  if (given !== undefined) return given;
  const bytes = memory ? randomBytes(32) : loadSecretKey(join(resolve(dataDir), 'peer.secret'));
  return bytes.toString('base64url');
}

/** The first region's is the one of the settings, and each further one has the next; 0 is any for all of them. */
function dnsPortOf({ dnsPort }: Config, index: number): number | undefined {
  return dnsPort === undefined || dnsPort === 0 ? dnsPort : dnsPort + index;
}

/** Those of the supervisor, but for what differs between its regions. */
function regionSettings(config: Config, own: RegionAddress, all: readonly RegionAddress[]): Settings {
  const { regions: _regions, peers: _peers, address: _address, ...common } = config;
  const peers = all.filter(({ region }) => region !== own.region);
  return {
    ...common,
    region: own.region,
    port: own.port,
    secondAddress: own.secondAddress,
    peer: peers
      .map(({ region, endpoint, secondAddress }) => {
        const [address] = secondAddress?.split(':') ?? [];
        return address === undefined ? `${region}=${endpoint}` : `${region}=${endpoint},${address}`;
      })
      .join(' '),
  };
}
