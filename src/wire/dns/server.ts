/**
 * The sockets of the DNS server, UDP and TCP on one port, bounded like those of HTTP. It knows nothing of zones: the
 * responder is given by `server.ts`. Whatever a client sends, nothing here throws, and nothing is kept of it.
 */
import type { Socket as UdpSocket, RemoteInfo } from 'node:dgram';
import type { AddressInfo, Server as TcpServer, Socket } from 'node:net';
import { createServer } from 'node:net';
import type { Clock } from '../../base/clock.ts';
import { errorMessage } from '../../base/errors.ts';
import type { Logger } from '../../base/log.ts';
import { answerMessage, type DnsResponder, truncatedReply } from './message.ts';
import { SourceLimits } from './source-limits.ts';

// Read when it is needed: most of what starts a region has no use for it.
const { createSocket } = process.getBuiltinModule('node:dgram');

export interface DnsServerOptions {
  readonly respond: DnsResponder;
  readonly clock: Clock;
  readonly log: Logger;
}

const QUESTIONS_PER_SECOND = 1000;
const SOURCES_MAX = 10_000;
const TCP_CONNECTIONS_MAX = 256;
/** RFC 7766 section 6.2.3 leaves it to the server; resolvers come back for each few questions. */
const TCP_IDLE_MS = 10_000;
/** No question comes near it; zone updates and transfers would, and are not served. */
const QUERY_SIZE_MAX = 4096;
const LENGTH_SIZE = 2;
/** A port of UDP and TCP both is looked for so often where any will do. */
const FREE_PORT_TRIES = 20;

export class DnsServer implements AsyncDisposable {
  readonly #options: DnsServerOptions;
  readonly #limits = new SourceLimits({ perSecond: QUESTIONS_PER_SECOND, sourcesMax: SOURCES_MAX });
  readonly #connections = new Set<Socket>();
  #udp: UdpSocket | undefined;
  #tcp: TcpServer | undefined;

  constructor(options: DnsServerOptions) {
    this.#options = options;
  }

  /** Resolves to the port; 0 takes one that is free for both. Rejects with Node's error when it cannot be bound. */
  async listen(address: { readonly host: string; readonly port: number }): Promise<number> {
    const tries = address.port === 0 ? FREE_PORT_TRIES : 1;
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await this.#bind(address);
      } catch (error) {
        await this.close();
        if (attempt >= tries) throw error;
      }
    }
  }

  async close(): Promise<void> {
    for (const socket of this.#connections) socket.destroy();
    const [udp, tcp] = [this.#udp, this.#tcp];
    this.#udp = this.#tcp = undefined;
    await Promise.all([
      udp && new Promise<void>((resolve) => udp.close(() => resolve())),
      tcp && new Promise<void>((resolve) => tcp.close(() => resolve())),
    ]);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #bind({ host, port }: { readonly host: string; readonly port: number }): Promise<number> {
    const tcp = createServer({ noDelay: true }, (socket) => this.#serve(socket));
    tcp.maxConnections = TCP_CONNECTIONS_MAX;
    this.#tcp = tcp;
    await settled(tcp, () => tcp.listen({ host, port }));
    const bound = (tcp.address() as AddressInfo).port;
    const udp = createSocket({ type: host.includes(':') ? 'udp6' : 'udp4' });
    this.#udp = udp;
    await settled(udp, () => udp.bind(bound, host));
    udp.on('message', (bytes, source) => this.#receive(udp, bytes, source));
    for (const listener of [tcp, udp]) {
      listener.on('error', (error) =>
        this.#options.log.error({ error: error.message }, 'the DNS server failed'),
      );
    }
    return bound;
  }

  #receive(udp: UdpSocket, bytes: Buffer, { address, port }: RemoteInfo): void {
    const { respond, clock } = this.#options;
    const verdict = this.#limits.judge(address, clock.monotonicMs());
    if (verdict === 'drop') return;
    const reply = verdict === 'answer' ? answerMessage(bytes, respond, 'udp') : truncatedReply(bytes);
    // A reply that cannot be sent is one that got lost, which resolvers are used to.
    if (reply !== undefined) udp.send(reply, port, address, () => undefined);
  }

  #serve(socket: Socket): void {
    this.#connections.add(socket);
    socket.once('close', () => this.#connections.delete(socket));
    socket.on('error', (error) =>
      this.#options.log.debug({ error: errorMessage(error) }, 'a DNS client left'),
    );
    socket.setTimeout(TCP_IDLE_MS, () => socket.destroy());
    let pending: Buffer = Buffer.alloc(0);
    socket.on('data', (chunk) => {
      pending = pending.length === 0 ? chunk : Buffer.concat([pending, chunk]);
      pending = this.#answerAll(socket, pending);
      if (pending.length > LENGTH_SIZE + QUERY_SIZE_MAX) socket.destroy();
    });
  }

  /** Answers the whole messages among `bytes`; the rest is the beginning of the next. */
  #answerAll(socket: Socket, bytes: Buffer): Buffer {
    let rest = bytes;
    while (rest.length >= LENGTH_SIZE) {
      const size = rest.readUInt16BE(0);
      if (size > QUERY_SIZE_MAX) {
        socket.destroy();
        return EMPTY;
      }
      if (rest.length < LENGTH_SIZE + size) break;
      const reply = answerMessage(
        rest.subarray(LENGTH_SIZE, LENGTH_SIZE + size),
        this.#options.respond,
        'tcp',
      );
      rest = rest.subarray(LENGTH_SIZE + size);
      if (reply === undefined) continue;
      const length = Buffer.alloc(LENGTH_SIZE);
      length.writeUInt16BE(reply.length);
      // A client that asks and does not read would have its answers pile up here.
      if (!socket.write(Buffer.concat([length, reply])) && socket.writableLength > UNREAD_MAX) {
        socket.destroy();
        return EMPTY;
      }
    }
    return rest;
  }
}

const EMPTY: Buffer = Buffer.alloc(0);
const UNREAD_MAX = 256 * 1024;

/** Resolves when what `begin` starts is listening, rejects when it cannot. */
function settled(listener: UdpSocket | TcpServer, begin: () => void): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const emitter: NodeJS.EventEmitter = listener;
  emitter.once('error', reject);
  emitter.once('listening', () => {
    emitter.off('error', reject);
    resolve();
  });
  begin();
  return promise;
}
