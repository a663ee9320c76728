/**
 * Who holds which secret: the access keys of users and the temporary keys of sessions. The wire looks keys up here to
 * verify signatures, STS and functions start sessions, IAM manages the keys of users.
 *
 * Secrets are sealed on disk and open in memory, because every signed request needs one. A session that is over is
 * forgotten a while later, not at once, so that its last caller is told "expired" and not "unknown".
 */
import type { Timer } from '../../base/clock.ts';
import { randomText } from '../../base/ids.ts';
import { decodeHead, encodeRecord } from '../../storage/codec.ts';
import { key, prefixRange } from '../../storage/keys.ts';
import { KEYSPACE } from '../keyspace.ts';
import type { Loop, Turn } from '../loop.ts';
import type { SecretBox } from '../secrets.ts';
import { createAccessKeyId } from './ids.ts';
import type { Identities } from './identities.ts';
import {
  type AccessKeyRecord,
  identityArn,
  identityKey,
  type SessionRecord,
  type UserRecord,
} from './identity-record.ts';

/** A temporary key takes 1 KB of memory, so these are 100 MB; starting more is refused until some are over. */
export const SESSIONS_MAX = 100_000;

/** How often sessions are looked over for those to forget; they last 15 minutes at least. */
const SWEEP_INTERVAL_MS = 5 * 60_000;
/** How long after its end a session is still known as expired. */
const EXPIRED_KNOWN_MS = 15 * 60_000;

const SECRET_ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';
const SECRET_LENGTH = 40;
/** 192 bytes in base 64; AWS's are of no fixed length and callers must not assume one. */
const TOKEN_LENGTH = 256;

/** What a known access key says of its holder. */
export interface KnownCredential {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  /** Temporary keys only: requests have to carry it. */
  readonly sessionToken?: string;
  readonly account: string;
  readonly arn: string;
  /** `AIDA...`, or `AROA...:session`, or the account for its root. */
  readonly userId: string;
  /** Temporary keys only, milliseconds since the epoch; whoever verifies a request refuses it from then on. */
  readonly expiresAtMs?: number;
  /** The user that holds a long-lived key. */
  readonly userName?: string;
  /** The role that a session assumed. */
  readonly roleArn?: string;
}

export type NewSession = Omit<SessionRecord, 'accessKeyId' | 'sealedSecrets' | 'expiresAtMs' | 'tags'> & {
  readonly durationSeconds: number;
  readonly tags?: SessionRecord['tags'];
};

/** What the caller of a session is given. */
export interface SessionSecrets {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken: string;
  readonly expiresAtMs: number;
}

interface Session {
  readonly record: SessionRecord;
  readonly credential: KnownCredential;
}

export interface AccessKey {
  readonly record: AccessKeyRecord;
  readonly secretAccessKey: string;
}

export interface CredentialsOptions {
  readonly loop: Loop;
  readonly identities: Identities;
  readonly secrets: SecretBox;
}

export class Credentials {
  readonly #loop: Loop;
  readonly #identities: Identities;
  readonly #secrets: SecretBox;
  readonly #accessKeys = new Map<string, AccessKey>();
  readonly #sessions = new Map<string, Session>();
  #sweep: Timer | undefined;

  constructor({ loop, identities, secrets }: CredentialsOptions) {
    this.#loop = loop;
    this.#identities = identities;
    this.#secrets = secrets;
  }

  /** Reads keys and sessions back and starts to forget expired ones; the identities have been started before. */
  start(): void {
    const { store, quarantine } = this.#loop;
    quarantine.each('configuration', store.range(...prefixRange(key(KEYSPACE.identity))), ({ value }) => {
      const record = decodeHead<Partial<AccessKeyRecord & SessionRecord>>(value);
      if (record.sealedSecret !== undefined) this.#restoreAccessKey(record as AccessKeyRecord);
      else if (record.sealedSecrets !== undefined) this.#restoreSession(record as SessionRecord);
    });
    this.#scheduleSweep();
  }

  close(): void {
    this.#sweep?.cancel();
  }

  get sessionCount(): number {
    return this.#sessions.size;
  }

  /** The holder of a key, expired or not; undefined for keys that are unknown or switched off. */
  lookup(accessKeyId: string): KnownCredential | undefined {
    const session = this.#sessions.get(accessKeyId);
    if (session !== undefined) return session.credential;
    const held = this.#accessKeys.get(accessKeyId);
    if (held === undefined || !held.record.isActive) return undefined;
    const { account, userName } = held.record;
    const user = this.#identities.find('user', account, userName);
    if (user === undefined) return undefined;
    const { secretAccessKey } = held;
    return { accessKeyId, secretAccessKey, account, userName, arn: identityArn(user), userId: user.id };
  }

  accessKey(accessKeyId: string): AccessKeyRecord | undefined {
    return this.#accessKeys.get(accessKeyId)?.record;
  }

  /** The keys of a user, switched off or not, the oldest first. */
  accessKeysOf(user: Pick<UserRecord, 'account' | 'name'>): AccessKeyRecord[] {
    const name = user.name.toLowerCase();
    return [...this.#accessKeys.values()]
      .map(({ record }) => record)
      .filter((record) => record.account === user.account && record.userName.toLowerCase() === name)
      .toSorted((a, b) => a.createdAtMs - b.createdAtMs);
  }

  /** The only time that the secret is told. */
  createAccessKey(turn: Turn, user: UserRecord): AccessKey {
    const accessKeyId = createAccessKeyId(turn.random, 'AKIA', user.account);
    const secretAccessKey = randomText(turn.random, SECRET_LENGTH, SECRET_ALPHABET);
    const sealedSecret = this.#secrets.seal(secretAccessKey, accessKeyId).toString('base64');
    const { account, name: userName } = user;
    const record = { accessKeyId, account, userName, sealedSecret, createdAtMs: turn.now, isActive: true };
    this.#putAccessKey(turn, { record, secretAccessKey });
    return { record, secretAccessKey };
  }

  updateAccessKey(
    turn: Turn,
    accessKeyId: string,
    change: Partial<Pick<AccessKeyRecord, 'isActive' | 'userName'>>,
  ): void {
    const held = this.#accessKeys.get(accessKeyId);
    if (held !== undefined) this.#putAccessKey(turn, { ...held, record: { ...held.record, ...change } });
  }

  deleteAccessKey(turn: Turn, record: AccessKeyRecord): void {
    turn.delete(identityKey(record.account, 'access-key', record.accessKeyId));
    this.#accessKeys.delete(record.accessKeyId);
  }

  /** A temporary key. The caller has checked `sessionCount` against `SESSIONS_MAX`. */
  startSession(turn: Turn, { durationSeconds, tags = [], ...session }: NewSession): SessionSecrets {
    const accessKeyId = createAccessKeyId(turn.random, 'ASIA', session.account);
    const secretAccessKey = randomText(turn.random, SECRET_LENGTH, SECRET_ALPHABET);
    const sessionToken = randomText(turn.random, TOKEN_LENGTH, SECRET_ALPHABET);
    const text = JSON.stringify([secretAccessKey, sessionToken]);
    const sealedSecrets = this.#secrets.seal(text, accessKeyId).toString('base64');
    const expiresAtMs = turn.now + durationSeconds * 1000;
    const record: SessionRecord = { ...session, tags, accessKeyId, sealedSecrets, expiresAtMs };
    turn.put(identityKey(record.account, 'session', accessKeyId), encodeRecord(record));
    this.#rememberSession(record, secretAccessKey, sessionToken);
    return { accessKeyId, secretAccessKey, sessionToken, expiresAtMs };
  }

  #putAccessKey(turn: Turn, held: AccessKey): void {
    const { account, accessKeyId } = held.record;
    turn.put(identityKey(account, 'access-key', accessKeyId), encodeRecord(held.record));
    this.#accessKeys.set(accessKeyId, held);
  }

  #rememberSession(record: SessionRecord, secretAccessKey: string, sessionToken: string): void {
    const { accessKeyId, account, arn, userId, expiresAtMs, roleArn } = record;
    const holder = { account, arn, userId, expiresAtMs, ...(roleArn === undefined ? {} : { roleArn }) };
    const credential = { accessKeyId, secretAccessKey, sessionToken, ...holder };
    this.#sessions.set(accessKeyId, { record, credential });
  }

  #restoreAccessKey(record: AccessKeyRecord): void {
    const secretAccessKey = this.#open(record.sealedSecret, record.accessKeyId);
    if (secretAccessKey === undefined) return;
    this.#accessKeys.set(record.accessKeyId, { record, secretAccessKey });
  }

  #restoreSession(record: SessionRecord): void {
    const text = this.#open(record.sealedSecrets, record.accessKeyId);
    if (text === undefined) return;
    const [secretAccessKey = '', sessionToken = ''] = JSON.parse(text) as string[];
    this.#rememberSession(record, secretAccessKey, sessionToken);
  }

  /** A secret that does not open loses its one key, not the region: say so and go on. */
  #open(sealed: string, accessKeyId: string): string | undefined {
    try {
      return this.#secrets.open(Buffer.from(sealed, 'base64'), accessKeyId);
    } catch (error) {
      this.#loop.log.error(
        { accessKeyId, error: String(error) },
        'the secret of an access key does not open',
      );
      return undefined;
    }
  }

  #scheduleSweep(): void {
    const { timers, clock } = this.#loop;
    this.#sweep = timers.at(clock.now() + SWEEP_INTERVAL_MS, () => {
      const over = [...this.#sessions.values()].filter(
        ({ record }) => record.expiresAtMs + EXPIRED_KNOWN_MS <= clock.now(),
      );
      if (over.length > 0) this.#loop.turn((turn) => this.#forget(turn, over));
      this.#scheduleSweep();
    });
  }

  #forget(turn: Turn, sessions: readonly Session[]): void {
    for (const { record } of sessions) {
      turn.delete(identityKey(record.account, 'session', record.accessKeyId));
      this.#sessions.delete(record.accessKeyId);
    }
  }
}
