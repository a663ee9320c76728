/**
 * A process's part in its installation, for `server.ts`: alone or with peers, it is opened once the port is known and
 * closed with the process. It outlives a reset of the region, as the peers do.
 */
import { createServer, isIP, type Server, type Socket } from 'node:net';
import type { Clock } from '../base/clock.ts';
import { errorMessage } from '../base/errors.ts';
import type { Logger } from '../base/log.ts';
import type { Config } from '../config.ts';
import { KEYSPACE } from '../engine/keyspace.ts';
import type { Loop } from '../engine/loop.ts';
import { alone } from '../engine/region/alone.ts';
import type { LeaseKeeper } from '../engine/region/lease-keeper.ts';
import type { Installation, Peer } from '../engine/region/ports.ts';
import { decodeHead, encodeRecord } from '../storage/codec.ts';
import { key } from '../storage/keys.ts';
import type { Forwarder } from '../wire/forwarder.ts';
import type { WireOptions } from '../wire/wire.ts';
import type { HomeRecord } from './home.ts';
import type { PeerInstallation } from './installation.ts';
import type { SupervisorPort } from './supervisor-port.ts';
import type { openWithPeers, WithPeers } from './with-peers.ts';

export interface MembershipOptions {
  readonly config: Config;
  readonly clock: Clock;
  readonly log: Logger;
  /** Of `with-peers.ts`; undefined for a process without peers. */
  readonly openWithPeers: typeof openWithPeers | undefined;
  readonly supervisor: SupervisorPort | undefined;
  /** Whether a peer has all that this region has sent. */
  readonly isCaughtUp: (region: string) => boolean;
}

/** At the second address, as at the first one (`wire/http.ts`). */
const CONNECTIONS_MAX = 16_384;

const HOME_KEY = key(KEYSPACE.home);

export class Membership {
  readonly #options: MembershipOptions;
  #installation: Installation | undefined;
  #peers: WithPeers | undefined;
  #second: Server | undefined;

  constructor(options: MembershipOptions) {
    this.#options = options;
  }

  /** For the sockets; undefined for a process without peers, whose requests then pay nothing for it. */
  get forwarder(): Forwarder | undefined {
    if (this.#options.openWithPeers === undefined) return undefined;
    return { find: (request) => this.#peers?.forwarding.find(request) };
  }

  /** For the wire, likewise. */
  get elsewhere(): WireOptions['elsewhere'] {
    if (this.#options.openWithPeers === undefined) return undefined;
    return (service, operation, request) => this.#peers?.forwarding.globalWrite(service, operation, request);
  }

  /** Undefined for a process without peers. */
  get withPeers(): PeerInstallation | undefined {
    return this.#peers?.installation;
  }

  /** Undefined for a process without peers, and where there is no witness. */
  get lease(): LeaseKeeper | undefined {
    return this.#peers?.lease;
  }

  /** The same for as long as the process lives; made by the first call, when it is known where it listens. */
  open(endpoint: string): Installation {
    if (this.#installation !== undefined) return this.#installation;
    const { config, openWithPeers: open } = this.#options;
    const own: Peer = { region: config.region, endpoint, address: ownAddress(config) };
    const { peerSecret: secret } = config;
    this.#peers = secret === undefined ? undefined : open?.({ ...this.#options, own, secret });
    this.#installation = this.#peers?.installation ?? alone(own);
    this.#installation.report('pid', () => process.pid);
    this.#installation.report('address', () => own.address);
    return this.#installation;
  }

  /** Reads which region is home from a store that has just been opened, and keeps it there. */
  restore(loop: Loop): void {
    const kept = loop.store.get(HOME_KEY);
    this.#peers?.installation.restoreHome(kept && decodeHead<HomeRecord>(kept), (home) => {
      loop.turn((turn) => turn.put(HOME_KEY, encodeRecord(home)));
    });
  }

  /** Listens on the second address, as best it can: names of regions differ by it, and all that needs is one port. */
  async listen(accept: (socket: Socket) => void): Promise<void> {
    const { config, log } = this.#options;
    if (config.secondAddress === undefined) return;
    const [host, port] = config.secondAddress.split(':');
    const server = createServer({ allowHalfOpen: true, noDelay: true }, accept);
    server.maxConnections = CONNECTIONS_MAX;
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    server.once('error', reject).listen({ host, port: Number(port) }, resolve);
    try {
      await promise;
      this.#second = server.off('error', reject);
      server.on('error', (error) => log.error({ error: error.message }, 'the second listener failed'));
    } catch (error) {
      log.warn(
        { address: config.secondAddress, error: errorMessage(error) },
        'no second address for this region',
      );
    }
  }

  /** Takes no more connections at the second address, as at the first one. */
  closeListener(): void {
    this.#second?.close();
  }

  close(): void {
    this.closeListener();
    this.#peers?.lease?.close();
    this.#peers?.forwarding.close();
    this.#peers?.installation.close();
  }
}

function ownAddress({ address, secondAddress, host }: Config): string {
  if (address !== undefined) return address;
  if (secondAddress !== undefined) return secondAddress.split(':')[0] ?? '';
  return isIP(host) === 0 || host === '0.0.0.0' || host === '::' ? '127.0.0.1' : host;
}
