/**
 * TLS on the port of plain HTTP. This file is what is there before anybody asks for it: keys, certificates and
 * `node:tls` are loaded with the first connection that begins a handshake, or shortly after the start, so that neither
 * a start nor an idle region pays for them. `server.ts` opens it; `HttpServer` hands connections to it.
 */
import type { Socket } from 'node:net';
import type { Clock, Timer } from '../../base/clock.ts';
import { errorMessage } from '../../base/errors.ts';
import type { Logger } from '../../base/log.ts';
import type { ServeHttp, TlsPort } from '../first-byte.ts';
import type { Authority } from './authority.ts';
import type { Handshakes, TlsLimits } from './handshakes.ts';

export interface LocalTlsOptions {
  /** Where the authority is kept; undefined keeps it in memory. */
  readonly directory: string | undefined;
  /** The addresses that are listened on, and the region: they are in the names of the server. */
  readonly hosts: readonly string[];
  readonly region: string;
  readonly limits?: Partial<TlsLimits>;
  /** Of real time, whatever the region's clock says: clients judge certificates by it. */
  readonly clock: Clock;
  readonly log: Logger;
}

const DEFAULT_LIMITS: TlsLimits = {
  handshakeTimeoutMs: 10_000,
  handshakeCount: 512,
  connectionCount: 4096,
  certificateCount: 64,
};

/** Once the start is over, and soon enough for a script that waits for the server and then for the file. */
const PREPARATION_DELAY_MS = 20;

export class LocalTls implements TlsPort {
  readonly #options: LocalTlsOptions;
  readonly #limits: TlsLimits;
  /** Connections that wait for the code to be loaded. */
  readonly #waiting = new Set<Socket>();
  #memoryAuthority: Promise<Authority> | undefined;
  #handshakes: Handshakes | undefined;
  #loading: Promise<Handshakes> | undefined;
  #preparation: Timer | undefined;
  #lastProblem: string | undefined;

  constructor(options: LocalTlsOptions) {
    this.#options = options;
    this.#limits = { ...DEFAULT_LIMITS, ...options.limits };
  }

  /** The authority as it is on disk. Rejects when it can be neither read nor made. */
  authority(): Promise<Authority> {
    const { directory, clock } = this.#options;
    const open = async (): Promise<Authority> => {
      const { openAuthority } = await import('./authority.ts');
      return openAuthority({ directory, clock });
    };
    if (directory !== undefined) return open();
    this.#memoryAuthority ??= open();
    return this.#memoryAuthority;
  }

  /** Makes the authority in a moment, if there is none or it is about to end: clients look for its file. */
  prepare(): void {
    const { directory, clock } = this.#options;
    if (directory === undefined) return;
    this.#preparation = clock.callAt(clock.now() + PREPARATION_DELAY_MS, () => {
      this.authority().catch((error: unknown) => this.#report(error));
    });
  }

  accept(socket: Socket, serve: ServeHttp): void {
    if (this.#handshakes !== undefined) this.#handshakes.accept(socket);
    else if (this.#waiting.size >= this.#limits.handshakeCount) socket.destroy();
    else void this.#acceptLater(socket, serve);
  }

  close(): void {
    this.#preparation?.cancel();
    this.#handshakes?.close();
    for (const socket of this.#waiting) socket.destroy();
  }

  async #acceptLater(socket: Socket, serve: ServeHttp): Promise<void> {
    this.#waiting.add(socket);
    try {
      this.#loading ??= this.#load(serve);
      const handshakes = await this.#loading;
      if (!socket.destroyed) handshakes.accept(socket);
    } catch (error) {
      // The next connection tries again: the disk may have been full.
      this.#loading = undefined;
      this.#report(error);
      socket.destroy();
    } finally {
      this.#waiting.delete(socket);
    }
  }

  async #load(serve: ServeHttp): Promise<Handshakes> {
    const { hosts, region, directory, clock, log } = this.#options;
    const [modules, names, first] = await Promise.all([
      Promise.all([import('./authority.ts'), import('./handshakes.ts')]),
      import('./server-names.ts'),
      this.authority(),
    ]);
    const [{ openAuthority }, { Handshakes: Opened }] = modules;
    this.#handshakes = new Opened({
      openAuthority: () => (directory === undefined ? first : openAuthority({ directory, clock })),
      names: names.ownNames(hosts, region),
      serve,
      limits: this.#limits,
      clock,
      log,
    });
    return this.#handshakes;
  }

  /** Once for as long as it is the same. */
  #report(error: unknown): void {
    const problem = errorMessage(error);
    if (problem === this.#lastProblem) return;
    this.#lastProblem = problem;
    this.#options.log.error({ error: problem }, 'TLS is not available; plain HTTP is');
  }
}
