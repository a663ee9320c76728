/**
 * Several protocols on one port, told apart by the first byte of a connection: 0x16 begins a TLS handshake
 * (RFC 8446, section 5.1) and no HTTP request. `HttpServer` owns one and lets it stand in front of Node's HTTP server.
 *
 * Plain HTTP must not pay for it: a connection costs one listener more until its first bytes are here, and nothing
 * from then on. Whoever sends nothing is cut off here, since Node's own timeouts begin with the hand-over.
 */
import type { Server } from 'node:http';
import type { Socket } from 'node:net';
import type { Clock, Timer } from '../base/clock.ts';

/** Serves HTTP on a connection, be it a socket of the system or what a handshake has made of one. */
export type ServeHttp = (socket: Socket) => void;

/** What takes connections that begin with a handshake. */
export interface TlsPort {
  /** `socket` is paused, what it has sent can be read from it, and its errors are passed over. */
  accept(socket: Socket, serve: ServeHttp): void;
  /** Cuts the handshakes that are going on. */
  close(): void;
}

export interface FirstByteOptions {
  readonly clock: Clock;
  readonly tls: TlsPort | undefined;
  /** How long a client may stay silent after it has connected. */
  readonly timeoutMs: number;
}

/** Type of the TLS record that carries a ClientHello. */
const HANDSHAKE_RECORD = 0x16;

const ignore = (): void => undefined;

export class FirstByte {
  readonly #options: FirstByteOptions;
  readonly #serve: ServeHttp;
  /** Those that have not sent anything, the longest-waiting first, each with the end of its time. */
  readonly #silent = new Map<Socket, number>();
  #timer: Timer | undefined;

  /** Puts itself between the connections of `server` and what Node does with them. */
  constructor(server: Server, options: FirstByteOptions) {
    this.#options = options;
    const listeners = server.listeners('connection');
    server.removeAllListeners('connection');
    this.#serve = (socket) => {
      for (const listener of listeners) listener.call(server, socket);
    };
    // The same two functions for all connections.
    const { closed, first } = this.#listeners();
    server.on('connection', (socket: Socket) => {
      this.#watch(socket);
      // Whoever ends without having asked anything gets the same back.
      socket.allowHalfOpen = false;
      socket.on('error', ignore);
      socket.on('close', closed);
      socket.on('data', first);
    });
  }

  /** Cuts those that have not sent anything yet, and the handshakes. */
  close(): void {
    this.#options.tls?.close();
    for (const socket of this.#silent.keys()) socket.destroy();
    this.#timer?.cancel();
    this.#timer = undefined;
  }

  #listeners(): { closed: (this: Socket) => void; first: (this: Socket, chunk: Buffer) => void } {
    const silent = this.#silent;
    const serve = this.#serve;
    const { tls } = this.#options;
    const closed = function (this: Socket): void {
      silent.delete(this);
    };
    const first = function (this: Socket, chunk: Buffer): void {
      silent.delete(this);
      this.off('close', closed);
      this.off('data', first);
      if (tls !== undefined && chunk[0] === HANDSHAKE_RECORD) {
        // Before the bytes are put back, lest they are read by nobody.
        this.pause();
        this.unshift(chunk);
        tls.accept(this, serve);
        return;
      }
      this.off('error', ignore);
      this.allowHalfOpen = true;
      // From here on Node listens for errors itself.
      serve(this);
      this.unshift(chunk);
    };
    return { closed, first };
  }

  #watch(socket: Socket): void {
    const { clock, timeoutMs } = this.#options;
    const untilMs = clock.now() + timeoutMs;
    this.#silent.set(socket, untilMs);
    // It is left to run when nobody is silent any more: making one for each connection would cost more.
    this.#timer ??= clock.callAt(untilMs, () => this.#sweep());
  }

  #sweep(): void {
    const { clock } = this.#options;
    const now = clock.now();
    this.#timer = undefined;
    for (const [socket, untilMs] of this.#silent) {
      if (untilMs > now) {
        this.#timer = clock.callAt(untilMs, () => this.#sweep());
        return;
      }
      this.#silent.delete(socket);
      socket.destroy();
    }
  }
}
