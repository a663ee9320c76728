/**
 * Who holds which secret: the access keys of users and the temporary keys of sessions. The wire looks keys up here to
 * verify signatures, STS and functions start sessions, IAM manages the keys of users.
 *
 * Secrets are sealed on disk and open in memory, because every signed request needs one. Each region seals under a key
 * of its own; what goes to the other regions is sealed once more, under the key that they share, and sealed anew by
 * whoever gets it. A session that is over is forgotten a while later, not at once, so that its last caller is told
 * "expired" and not "unknown"; each region forgets by itself.
 */
import type { Timer } from '../../base/clock.ts';
import { Fifo } from '../../base/fifo.ts';
import { randomText } from '../../base/ids.ts';
import { decodeHead, encodeRecord } from '../../storage/codec.ts';
import { key, prefixRange } from '../../storage/keys.ts';
import type { Key, Value } from '../../storage/store.ts';
import { KEYSPACE } from '../keyspace.ts';
import type { Loop, Turn } from '../loop.ts';
import { localRecords } from '../region/local-records.ts';
import type { ReplicatedRecords } from '../region/ports.ts';
import type { SecretBox } from '../secrets.ts';
import { createAccessKeyId } from './ids.ts';
import type { Identities } from './identities.ts';
import {
  type AccessKeyRecord,
  identityArn,
  identityKey,
  parseIdentityKey,
  type SessionRecord,
  type UserRecord,
} from './identity-record.ts';

/** Records that are sealed anew in one turn. */
const RESEALED_COUNT_MAX = 200;

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

export type NewSession = Omit<
  SessionRecord,
  'accessKeyId' | 'sealedSecrets' | 'sharedSecrets' | 'startedIn' | 'expiresAtMs' | 'tags'
> & {
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
  /** Opens in every region; absent in one that is alone. */
  readonly shared?: SecretBox;
  readonly records?: ReplicatedRecords;
  /** The own one. */
  readonly region?: string;
}

export class Credentials {
  readonly #loop: Loop;
  readonly #identities: Identities;
  readonly #secrets: SecretBox;
  readonly #accessKeys = new Map<string, AccessKey>();
  readonly #sessions = new Map<string, Session>();
  readonly #shared: SecretBox | undefined;
  readonly #records: ReplicatedRecords;
  readonly #region: string | undefined;
  /** Keys of access keys and sessions that this region, or the others, could not open but with the other seal. */
  readonly #toReseal = new Fifo<string>();
  #resealing: Timer | undefined;
  #sweep: Timer | undefined;

  constructor(options: CredentialsOptions) {
    const { loop, identities, secrets, shared, records = localRecords, region } = options;
    this.#loop = loop;
    this.#identities = identities;
    this.#secrets = secrets;
    this.#shared = shared;
    this.#records = records;
    this.#region = region;
    records.follow(KEYSPACE.identity, {
      apply: (recordKey, value) => this.#apply(recordKey, value),
      isOwn: (_, value) => region !== undefined && decodeHead<SessionRecord>(value).startedIn === region,
    });
  }

  /** Reads keys and sessions back and starts to forget expired ones; the identities have been started before. */
  start(): void {
    const { store, quarantine } = this.#loop;
    quarantine.each('configuration', store.range(...prefixRange(key(KEYSPACE.identity))), ({ value }) => {
      this.#restore(value);
    });
    this.#scheduleSweep();
  }

  close(): void {
    this.#sweep?.cancel();
    this.#resealing?.cancel();
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
    const { account, name: userName } = user;
    const created = { accessKeyId, account, userName, createdAtMs: turn.now, isActive: true };
    const record: AccessKeyRecord = { ...created, ...this.#sealAccessKey(secretAccessKey, accessKeyId) };
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
    this.#records.delete(turn, identityKey(record.account, 'access-key', record.accessKeyId));
    this.#accessKeys.delete(record.accessKeyId);
  }

  /** A temporary key. The caller has checked `sessionCount` against `SESSIONS_MAX`. */
  startSession(turn: Turn, { durationSeconds, tags = [], ...session }: NewSession): SessionSecrets {
    const accessKeyId = createAccessKeyId(turn.random, 'ASIA', session.account);
    const secretAccessKey = randomText(turn.random, SECRET_LENGTH, SECRET_ALPHABET);
    const sessionToken = randomText(turn.random, TOKEN_LENGTH, SECRET_ALPHABET);
    const sealed = this.#sealSession([secretAccessKey, sessionToken], accessKeyId);
    const expiresAtMs = turn.now + durationSeconds * 1000;
    const record: SessionRecord = { ...session, tags, accessKeyId, expiresAtMs, ...sealed };
    this.#records.put(turn, identityKey(record.account, 'session', accessKeyId), encodeRecord(record));
    this.#rememberSession(record, secretAccessKey, sessionToken);
    return { accessKeyId, secretAccessKey, sessionToken, expiresAtMs };
  }

  #putAccessKey(turn: Turn, held: AccessKey): void {
    const { account, accessKeyId } = held.record;
    this.#records.put(turn, identityKey(account, 'access-key', accessKeyId), encodeRecord(held.record));
    this.#accessKeys.set(accessKeyId, held);
  }

  #rememberSession(record: SessionRecord, secretAccessKey: string, sessionToken: string): void {
    const { accessKeyId, account, arn, userId, expiresAtMs, roleArn } = record;
    const holder = { account, arn, userId, expiresAtMs, ...(roleArn === undefined ? {} : { roleArn }) };
    const credential = { accessKeyId, secretAccessKey, sessionToken, ...holder };
    this.#sessions.set(accessKeyId, { record, credential });
  }

  #restore(value: Value): void {
    const record = decodeHead<Partial<AccessKeyRecord & SessionRecord>>(value);
    if (record.sealedSecret !== undefined) this.#restoreAccessKey(record as AccessKeyRecord);
    else if (record.sealedSecrets !== undefined) this.#restoreSession(record as SessionRecord);
  }

  #restoreAccessKey(record: AccessKeyRecord): void {
    const secretAccessKey = this.#open(record, record.sealedSecret, record.sharedSecret);
    if (secretAccessKey === undefined) return;
    this.#accessKeys.set(record.accessKeyId, { record, secretAccessKey });
  }

  #restoreSession(record: SessionRecord): void {
    const text = this.#open(record, record.sealedSecrets, record.sharedSecrets);
    if (text === undefined) return;
    const [secretAccessKey = '', sessionToken = ''] = JSON.parse(text) as string[];
    this.#rememberSession(record, secretAccessKey, sessionToken);
  }

  /** Another region has written it. */
  #apply(recordKey: Key, value: Value | undefined): void {
    const { kind, name } = parseIdentityKey(recordKey);
    if (value !== undefined) this.#restore(value);
    else if (kind === 'access-key') this.#accessKeys.delete(name.toUpperCase());
    else if (kind === 'session') this.#sessions.delete(name.toUpperCase());
  }

  #sealAccessKey(
    secretAccessKey: string,
    accessKeyId: string,
  ): Pick<AccessKeyRecord, 'sealedSecret' | 'sharedSecret'> {
    const [sealedSecret = '', sharedSecret] = this.#seal(secretAccessKey, accessKeyId);
    return sharedSecret === undefined ? { sealedSecret } : { sealedSecret, sharedSecret };
  }

  #sealSession(
    secrets: readonly string[],
    accessKeyId: string,
  ): Pick<SessionRecord, 'sealedSecrets' | 'sharedSecrets' | 'startedIn'> {
    const [sealedSecrets = '', sharedSecrets] = this.#seal(JSON.stringify(secrets), accessKeyId);
    if (sharedSecrets === undefined || this.#region === undefined) return { sealedSecrets };
    return { sealedSecrets, sharedSecrets, startedIn: this.#region };
  }

  /** For this region, and where there are others for those. */
  #seal(text: string, accessKeyId: string): string[] {
    const boxes = this.#shared === undefined ? [this.#secrets] : [this.#secrets, this.#shared];
    return boxes.map((box) => box.seal(text, accessKeyId).toString('base64'));
  }

  /** A secret that does not open loses its one key, not the region: say so and go on. */
  #open(
    { accessKeyId }: { accessKeyId: string },
    own: string,
    shared: string | undefined,
  ): string | undefined {
    try {
      const text = this.#secrets.open(Buffer.from(own, 'base64'), accessKeyId);
      if (shared === undefined && this.#shared !== undefined) this.#resealLater(accessKeyId);
      return text;
    } catch (error) {
      const text = shared === undefined ? undefined : this.#openShared(shared, accessKeyId);
      if (text === undefined) {
        this.#loop.log.error(
          { accessKeyId, error: String(error) },
          'the secret of an access key does not open',
        );
      } else {
        this.#resealLater(accessKeyId);
      }
      return text;
    }
  }

  #openShared(sealed: string, accessKeyId: string): string | undefined {
    try {
      return this.#shared?.open(Buffer.from(sealed, 'base64'), accessKeyId);
    } catch {
      return undefined;
    }
  }

  /** So that this region can open it without the others, and they can without this one. */
  #resealLater(accessKeyId: string): void {
    this.#toReseal.push(accessKeyId);
    const { timers, clock } = this.#loop;
    this.#resealing ??= timers.at(clock.now(), () => {
      this.#resealing = undefined;
      this.#loop.turn((turn) => this.#resealSome(turn));
    });
  }

  #resealSome(turn: Turn): void {
    for (let count = 0; count < RESEALED_COUNT_MAX; count += 1) {
      const accessKeyId = this.#toReseal.take();
      if (accessKeyId === undefined) return;
      this.#reseal(turn, accessKeyId);
    }
    const next = this.#toReseal.take();
    if (next !== undefined) this.#resealLater(next);
  }

  #reseal(turn: Turn, accessKeyId: string): void {
    const held = this.#accessKeys.get(accessKeyId);
    const session = this.#sessions.get(accessKeyId);
    if (held !== undefined) {
      const { record, secretAccessKey } = held;
      const isShared = record.sharedSecret !== undefined;
      const resealed = { ...record, ...this.#sealAccessKey(secretAccessKey, accessKeyId) };
      this.#putResealed(turn, identityKey(record.account, 'access-key', accessKeyId), resealed, isShared);
      this.#accessKeys.set(accessKeyId, { record: resealed, secretAccessKey });
    } else if (session !== undefined) {
      const { record, credential } = session;
      const { secretAccessKey, sessionToken = '' } = credential;
      const isShared = record.sharedSecrets !== undefined;
      const sealed = this.#sealSession([secretAccessKey, sessionToken], accessKeyId);
      const startedIn = record.startedIn ?? sealed.startedIn;
      const resealed = { ...record, ...sealed, ...(startedIn === undefined ? {} : { startedIn }) };
      this.#putResealed(turn, identityKey(record.account, 'session', accessKeyId), resealed, isShared);
      this.#rememberSession(resealed, secretAccessKey, sessionToken);
    }
  }

  /** The others have to hear only of what they could not open before. */
  #putResealed(turn: Turn, recordKey: Key, record: object, isShared: boolean): void {
    if (isShared) turn.put(recordKey, encodeRecord(record));
    else this.#records.put(turn, recordKey, encodeRecord(record));
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
