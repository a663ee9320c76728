/**
 * How the regions of an installation know each other: HMAC-SHA256 with their common secret, over everything that must
 * not be changed. A call is for one receiver, within a time, and only once; its answer is signed too, so that a
 * stranger on the port of a dead peer cannot say that it has what it was sent.
 *
 * A forwarded request has a mark of its own, which says less: that a peer has already looked where it belongs. It is
 * good for as many requests as its time lasts, since it lets nobody in: the request still has its own signature.
 */
import { createHmac, createSecretKey, hash, timingSafeEqual, type KeyObject } from 'node:crypto';
import type { Clock } from '../base/clock.ts';
import { randomText } from '../base/ids.ts';
import { systemRandom } from '../base/random.ts';

/** Clocks of two hosts differ, and a call takes its time. */
export const TIME_WINDOW_MS = 30_000;
/** How far a call may be behind a later one of the same process: one that was overtaken by more is refused. */
const OVERTAKEN_MAX = 4096;
/** Processes whose calls are told apart: each start of each peer is one, until its last call is too old anyway. */
const SESSIONS_MAX = 256;
const NONCE_ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
const SESSION_LENGTH = 22;
const NONCE = /^([\w-]{22})\.(\d{1,15})$/;
const SIGNATURE = /^[\w-]{43}$/;

export interface PeerCall {
  readonly path: string;
  readonly from: string;
  readonly to: string;
  readonly body: string | Uint8Array;
}

/** What goes with a call, as headers. */
export interface CallStamp {
  readonly atMs: number;
  /** The process that calls, and the number of the call: `session.number`. */
  readonly nonce: string;
  readonly signature: string;
}

/** Why a call is not believed. */
export type Disbelief = 'signature' | 'time' | 'replay';

/** The calls of one process that have come. */
interface Session {
  highest: number;
  /** Those within reach of the highest. */
  readonly seen: Set<number>;
  lastMs: number;
}

export interface PeerSignerOptions {
  readonly secret: string;
  readonly clock: Clock;
}

export class PeerSigner {
  readonly #key: KeyObject;
  readonly #clock: Clock;
  // From the system, even where a test seeds what is random: two processes must not have the same.
  readonly #session = randomText(systemRandom, SESSION_LENGTH, NONCE_ALPHABET);
  #number = 0;
  readonly #sessions = new Map<string, Session>();

  constructor({ secret, clock }: PeerSignerOptions) {
    this.#key = createSecretKey(Buffer.from(secret));
    this.#clock = clock;
  }

  signCall(call: PeerCall): CallStamp {
    const atMs = this.#clock.now();
    this.#number += 1;
    const nonce = `${this.#session}.${this.#number}`;
    return { atMs, nonce, signature: this.#ofCall(call, atMs, nonce) };
  }

  /** Undefined for a call that is believed, and from then on not once more. */
  checkCall(call: PeerCall, { atMs, nonce, signature }: CallStamp): Disbelief | undefined {
    if (!isSame(signature, this.#ofCall(call, atMs, nonce))) return 'signature';
    if (!this.#isInTime(atMs)) return 'time';
    return this.#isFirst(nonce) ? undefined : 'replay';
  }

  signAnswer(nonce: string, status: number, body: string | Uint8Array): string {
    return this.#sign('answer', nonce, String(status), hash('sha256', body, 'hex'));
  }

  isAnswer(
    signature: string,
    nonce: string,
    { status, body }: { status: number; body: Uint8Array },
  ): boolean {
    return isSame(signature, this.signAnswer(nonce, status, body));
  }

  /** `from;to;time;scheme;client;signature`. `target` is the method and the URL. */
  signForward({ from, to, scheme, client }: Forward, target: string): string {
    const parts = [from, to, String(this.#clock.now()), scheme, client];
    return [...parts, this.#sign('forward', ...parts, target)].join(';');
  }

  /** Undefined for a mark that is of no peer, for another region, another request, or too old. */
  readForward(mark: string, target: string): Forward | undefined {
    const parts = mark.split(';');
    const [from = '', to = '', atMs = '', scheme = '', client = '', signature = ''] = parts;
    if (!isSame(signature, this.#sign('forward', ...parts.slice(0, 5), target))) return undefined;
    if (!this.#isInTime(Number(atMs))) return undefined;
    return { from, to, scheme: scheme === 'https' ? 'https' : 'http', client };
  }

  #isFirst(nonce: string): boolean {
    const [, name = '', digits = ''] = NONCE.exec(nonce) ?? [];
    const session = this.#sessions.get(name) ?? this.#addSession(name);
    const number = Number(digits);
    if (session === undefined || digits === '') return false;
    session.lastMs = this.#clock.now();
    if (number <= session.highest - OVERTAKEN_MAX || session.seen.has(number)) return false;
    session.seen.add(number);
    if (number > session.highest) session.highest = number;
    if (session.seen.size > 2 * OVERTAKEN_MAX) {
      for (const each of session.seen) if (each <= session.highest - OVERTAKEN_MAX) session.seen.delete(each);
    }
    return true;
  }

  #addSession(name: string): Session | undefined {
    if (this.#sessions.size >= SESSIONS_MAX) {
      // A clock may be ahead by one window, and then a call is in time for two.
      const tooOldMs = this.#clock.now() - 2 * TIME_WINDOW_MS;
      for (const [each, { lastMs }] of this.#sessions) if (lastMs < tooOldMs) this.#sessions.delete(each);
      if (this.#sessions.size >= SESSIONS_MAX) return undefined;
    }
    const session: Session = { highest: 0, seen: new Set(), lastMs: 0 };
    this.#sessions.set(name, session);
    return session;
  }

  #ofCall({ path, from, to, body }: PeerCall, atMs: number, nonce: string): string {
    return this.#sign('call', path, String(atMs), nonce, from, to, hash('sha256', body, 'hex'));
  }

  /** None of the parts can hold a line break: they are names, numbers, digests, and what HTTP takes for a URL. */
  #sign(...parts: readonly string[]): string {
    return createHmac('sha256', this.#key).update(parts.join('\n')).digest('base64url');
  }

  #isInTime(atMs: number): boolean {
    return Math.abs(this.#clock.now() - atMs) <= TIME_WINDOW_MS;
  }
}

/** What a forwarded request says of its way. */
export interface Forward {
  readonly from: string;
  readonly to: string;
  /** That of the client: answers hold URLs for it. */
  readonly scheme: 'http' | 'https';
  /** The address of the client; empty where it is not known. */
  readonly client: string;
}

function isSame(given: string, expected: string): boolean {
  return SIGNATURE.test(given) && timingSafeEqual(Buffer.from(given), Buffer.from(expected));
}
