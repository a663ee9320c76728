/**
 * The tokens of transactions that were carried out lately, so that one sent again is not carried out again. A token
 * is on disk with the transaction itself: a caller that lost its answer in a crash can ask once more.
 *
 * Tokens leave as new ones come: those past their time, and the oldest beyond a bound, since SDKs make one up for
 * every transaction.
 */
import type { Scope } from '../../base/arn.ts';
import { decodeHead, encodeRecord } from '../../storage/codec.ts';
import { key, prefixRange } from '../../storage/keys.ts';
import type { Key, Position } from '../../storage/store.ts';
import { KEYSPACE } from '../keyspace.ts';
import type { Loop, Turn } from '../loop.ts';

/** "A client request token is valid for 10 minutes" (API reference, TransactWriteItems). */
const VALID_MS = 10 * 60_000;
const TOKENS_MAX = 100_000;
/** More than one leaves for each that comes, so a backlog melts. */
const FORGOTTEN_PER_TURN_MAX = 4;

interface TokenRecord {
  /** Of what the transaction was to do. */
  readonly digest: string;
  readonly atMs: number;
}

export interface RememberedToken extends TokenRecord {
  /** The commit of the transaction; 0 when it was recovered. */
  readonly position: Position;
}

export class TransactionTokens {
  readonly #loop: Loop;
  // In the order of their times, since they come in it.
  readonly #tokens = new Map<Key, RememberedToken>();

  constructor(loop: Loop) {
    this.#loop = loop;
  }

  start(): void {
    const entries = this.#loop.store
      .range(...prefixRange(key(KEYSPACE.transactionToken)))
      .map((entry) => [entry.key, { ...decodeHead<TokenRecord>(entry.value), position: 0 }] as const);
    for (const [tokenKey, token] of entries.toSorted((a, b) => a[1].atMs - b[1].atMs)) {
      this.#tokens.set(tokenKey, token);
    }
  }

  find(scope: Scope, token: string): RememberedToken | undefined {
    const found = this.#tokens.get(tokenKeyOf(scope, token));
    const isValid = found !== undefined && this.#loop.clock.now() - found.atMs < VALID_MS;
    return isValid ? found : undefined;
  }

  remember(turn: Turn, scope: Scope, token: string, digest: string): void {
    this.#forgetOld(turn);
    const tokenKey = tokenKeyOf(scope, token);
    const record: TokenRecord = { digest, atMs: turn.now };
    turn.put(tokenKey, encodeRecord(record));
    this.#tokens.delete(tokenKey);
    this.#tokens.set(tokenKey, { ...record, position: turn.position });
  }

  #forgetOld(turn: Turn): void {
    let count = 0;
    for (const [tokenKey, { atMs }] of this.#tokens) {
      const isOld = turn.now - atMs >= VALID_MS || this.#tokens.size >= TOKENS_MAX;
      if (!isOld || count >= FORGOTTEN_PER_TURN_MAX) return;
      this.#tokens.delete(tokenKey);
      turn.delete(tokenKey);
      count += 1;
    }
  }
}

function tokenKeyOf(scope: Scope, token: string): Key {
  return key(KEYSPACE.transactionToken, scope.account, scope.region, token);
}
