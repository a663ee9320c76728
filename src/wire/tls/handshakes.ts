/**
 * TLS handshakes on connections that others accepted, each with a certificate for the name that its client asks for.
 * What is done shaking hands is handed on as a socket like any other. Loaded with the first such connection, by
 * `local-tls.ts`: it loads `node:tls`, and nobody else does.
 *
 * Bounded: handshakes and connections at a time, the time of each handshake, and certificates that are kept.
 */
import { generateKeyPairSync } from 'node:crypto';
import type { Socket } from 'node:net';
import { createSecureContext, createServer, type SecureContext, type Server } from 'node:tls';
import type { Clock } from '../../base/clock.ts';
import { errorMessage } from '../../base/errors.ts';
import type { Logger } from '../../base/log.ts';
import type { ServeHttp } from '../first-byte.ts';
import type { Authority } from './authority.ts';
import { isCertifiable } from './server-names.ts';

export interface TlsLimits {
  /** Of one client, from its first byte on. */
  readonly handshakeTimeoutMs: number;
  /** At a time; a further client is cut off, and tries again. Each takes half a millisecond of CPU. */
  readonly handshakeCount: number;
  /** With those that are over it. Measured: each takes 58 KiB, three times what one of plain HTTP does. */
  readonly connectionCount: number;
  /** Certificates for names that were asked for. */
  readonly certificateCount: number;
}

export interface HandshakeOptions {
  /** Reads or makes the authority: at once, and again before certificates end. */
  readonly openAuthority: () => Authority;
  /** Names in each certificate. */
  readonly names: readonly string[];
  readonly serve: ServeHttp;
  readonly limits: TlsLimits;
  /** Of real time, which is what clients judge by. */
  readonly clock: Clock;
  readonly log: Logger;
}

const DAY_MS = 86_400_000;
/** A certificate is replaced this long before its end. */
const RENEWAL_DAYS = 30;
/** When one could not be replaced; the old one is good for a month still. */
const RETRY_MS = 3_600_000;

export class Handshakes {
  readonly #options: HandshakeOptions;
  readonly #server: Server;
  /** The connections that are shaking hands, by their addresses. */
  readonly #going = new Map<string, Socket>();
  /** By the name that was asked for, the longest unused first. */
  readonly #contexts = new Map<string, SecureContext>();
  #identity: Identity;
  #openCount = 0;

  constructor(options: HandshakeOptions) {
    this.#options = options;
    this.#identity = createIdentity(options);
    this.#server = createServer({
      ...this.#identity.credentials,
      minVersion: 'TLSv1.2',
      ALPNProtocols: ['http/1.1'],
      handshakeTimeout: options.limits.handshakeTimeoutMs,
      SNICallback: (name, done) => {
        try {
          done(null, this.#contextFor(name.toLowerCase()));
        } catch (error) {
          done(error as Error);
        }
      },
    });
    this.#server.on('secureConnection', (secured) => {
      this.#going.delete(addressesOf(secured));
      options.serve(secured);
    });
    this.#server.on('tlsClientError', (error, secured) => {
      options.log.debug({ error: error.message }, 'a TLS handshake failed');
      secured.destroy();
    });
  }

  /** Takes a connection that has sent something, or cuts it off. */
  accept(socket: Socket): void {
    const { handshakeCount, connectionCount } = this.#options.limits;
    if (this.#going.size >= handshakeCount || this.#openCount >= connectionCount) {
      socket.destroy();
      return;
    }
    this.#renewInTime();
    this.#openCount += 1;
    const addresses = addressesOf(socket);
    this.#going.set(addresses, socket);
    socket.once('close', () => {
      this.#openCount -= 1;
      // By now another connection can have the same.
      if (this.#going.get(addresses) === socket) this.#going.delete(addresses);
    });
    this.#server.emit('connection', socket);
  }

  /** Cuts the handshakes that are going on. */
  close(): void {
    for (const socket of this.#going.values()) socket.destroy();
  }

  /** Undefined is the certificate without a name of its own. */
  #contextFor(name: string): SecureContext | undefined {
    const { names, limits } = this.#options;
    if (names.includes(name) || !isCertifiable(name)) return undefined;
    const context = this.#contexts.get(name) ?? createSecureContext(this.#identity.credentialsFor([name]));
    this.#contexts.delete(name);
    this.#contexts.set(name, context);
    const [unused] = this.#contexts.keys();
    if (this.#contexts.size > limits.certificateCount && unused !== undefined) this.#contexts.delete(unused);
    return context;
  }

  /** When the clock was set back, what is there may not be valid yet. */
  #renewInTime(): void {
    const now = this.#options.clock.now();
    const { fromMs, renewAtMs } = this.#identity;
    if (now >= fromMs && now < renewAtMs) return;
    try {
      this.#identity = createIdentity(this.#options);
      this.#server.setSecureContext(this.#identity.credentials);
      this.#contexts.clear();
    } catch (error) {
      this.#identity = { ...this.#identity, fromMs: now, renewAtMs: now + RETRY_MS };
      this.#options.log.error({ error: errorMessage(error) }, 'the TLS certificate cannot be renewed');
    }
  }
}

interface Credentials {
  readonly key: string;
  readonly cert: string;
}

/** What the server shows of itself for a time: a key, which never leaves the process, and certificates for it. */
interface Identity {
  readonly fromMs: number;
  readonly renewAtMs: number;
  readonly credentials: Credentials;
  /** With further names. */
  readonly credentialsFor: (names: readonly string[]) => Credentials;
}

function createIdentity({ openAuthority, names, clock }: HandshakeOptions): Identity {
  const authority = openAuthority();
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const key = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
  const { pem, untilMs } = authority.issue(names, publicKey);
  return {
    fromMs: clock.now(),
    renewAtMs: untilMs - RENEWAL_DAYS * DAY_MS,
    credentials: { key, cert: pem },
    credentialsFor: (more) => ({ key, cert: authority.issue([...more, ...names], publicKey).pem }),
  };
}

/** Tells connections apart, and is the same for a socket and for what a handshake makes of it. */
function addressesOf({ remoteAddress, remotePort, localAddress }: Socket): string {
  return `${remoteAddress} ${remotePort} ${localAddress}`;
}
