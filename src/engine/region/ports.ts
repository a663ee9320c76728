/**
 * What the regions of one installation are to each other. An installation has a *home* region, where global services
 * (IAM, Route 53) are written, and peers, which are processes of their own. Whoever is alone has no peers: then home is
 * the own region and nothing here costs anything.
 *
 * Everything durable goes over one ordered stream per peer (`outbox.ts`, `inbox.ts`); what may be lost (votes of health
 * checkers, signs of life) is told by plain calls.
 */
import type { Turn } from '../loop.ts';
import type { Key, Value } from '../../storage/store.ts';

/** A region with a process of its own. */
export interface Peer {
  readonly region: string;
  /** Where its process listens, such as `http://127.0.0.1:4567`. */
  readonly endpoint: string;
  /** An IPv4 or IPv6 address of that process, as DNS answers give it. */
  readonly address: string;
}

/** Whether a peer answers, as far as is known now: `unknown` until the first answer or failure. */
export type PeerStatus = 'up' | 'down' | 'unknown';

/** The peer did not answer in time, cannot be reached, or is held down. Its outcome is unknown. */
export class PeerUnavailableError extends Error {
  override readonly name = 'PeerUnavailableError';
}

/** The installation, as one of its regions sees it. */
export interface Installation {
  readonly own: Peer;
  /** The region where global services are written. It changes with `millrace region promote`. */
  readonly home: string;
  /** Everybody else. */
  readonly peers: readonly Peer[];
  /** Undefined for the own region, and for names that no process serves. */
  find(region: string): Peer | undefined;
  status(region: string): PeerStatus;
  /** Calls back whenever a peer's status changes. Answers the unsubscribe function. */
  onStatus(subscriber: (region: string, status: PeerStatus) => void): () => void;
  /**
   * Asks a peer: `POST /_millrace/peer/<name>` with a JSON body, signed with the installation's secret, over a
   * kept-alive connection. Answers the JSON of the reply. Rejects with `PeerUnavailableError` when it may or may not
   * have arrived, and with an `AwsError` that the peer answered.
   */
  call(
    region: string,
    name: string,
    body: unknown,
    options?: { readonly timeoutMs?: number },
  ): Promise<unknown>;
  /** Registers what answers `name` when a peer asks. `from` has been verified. */
  handle(name: string, handler: (body: unknown, from: string) => unknown): void;
  /** Adds a member (`lag`, `lease`, `dnsPort`) to what the own region says of itself: in its health, and to its peers. */
  report(member: string, read: () => unknown): void;
  /** What a region says of itself: the own one now, a peer as it last did. Members that are undefined are left out. */
  reportOf(region: string): Readonly<Record<string, unknown>>;
}

/**
 * Records that every region holds, such as users, hosted zones and global endpoints. Each has one region that writes
 * it; the others are told, in the order of the writes, and hold a copy in their own store.
 */
export interface ReplicatedRecords {
  /** In the place of `turn.put`: the record goes to every peer in the same commit. */
  put(turn: Turn, key: Key, value: Value): void;
  delete(turn: Turn, key: Key): void;
  /** Says how an engine takes a record that another region wrote; the record itself has been put in the same turn. */
  follow(keyspace: string, follower: Follower): void;
}

export interface Follower {
  /** `value` is undefined when the record has been deleted. */
  apply(key: Key, value: Value | undefined): void;
  /** Whether the own region writes this record: what a peer that starts empty is told. Default: whether it is home. */
  isOwn?(key: Key, value: Value): boolean;
}
