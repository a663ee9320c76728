/**
 * Secrets at rest: access keys, the environment of functions, the authorization of connections. A secret is sealed
 * with AES-256-GCM under the key of the data directory and bound to the record that it belongs to, so that bytes moved
 * from one record to another do not open.
 *
 *   u8 version (1) | 12 bytes nonce | ciphertext | 16 bytes tag
 */
import { createCipheriv, createDecipheriv, createSecretKey, randomBytes } from 'node:crypto';
import { linkSync, openSync, closeSync, fsyncSync, readFileSync, rmSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';
import { invariant } from '../base/assert.ts';
import { syncDirectory } from '../base/sync-directory.ts';

const VERSION = 1;
const KEY_SIZE_BYTES = 32;
const NONCE_SIZE_BYTES = 12;
const TAG_SIZE_BYTES = 16;
const HEAD_SIZE_BYTES = 1 + NONCE_SIZE_BYTES;

export interface SecretBox {
  /** `aad` names the record and the member that the secret is of; the same text is needed to open it. */
  seal(text: string, aad: string): Buffer;
  /** Throws for bytes that were changed, sealed under another key or for another `aad`. */
  open(sealed: Uint8Array, aad: string): string;
}

/** `keyBytes` are 32 random bytes. */
export function createSecretBox(keyBytes: Uint8Array): SecretBox {
  invariant(keyBytes.length === KEY_SIZE_BYTES, `a secret key has ${KEY_SIZE_BYTES} bytes`);
  const secretKey = createSecretKey(keyBytes);
  return {
    seal(text, aad) {
      // From the system, never from a seeded source: a nonce that repeats under one key gives GCM away.
      const nonce = randomBytes(NONCE_SIZE_BYTES);
      const cipher = createCipheriv('aes-256-gcm', secretKey, nonce).setAAD(Buffer.from(aad));
      const body = [cipher.update(text, 'utf8'), cipher.final()];
      return Buffer.concat([Buffer.of(VERSION), nonce, ...body, cipher.getAuthTag()]);
    },
    open(sealed, aad) {
      invariant(
        sealed[0] === VERSION && sealed.length >= HEAD_SIZE_BYTES + TAG_SIZE_BYTES,
        'no sealed secret',
      );
      const nonce = sealed.subarray(1, HEAD_SIZE_BYTES);
      const decipher = createDecipheriv('aes-256-gcm', secretKey, nonce, { authTagLength: TAG_SIZE_BYTES });
      decipher.setAAD(Buffer.from(aad)).setAuthTag(sealed.subarray(-TAG_SIZE_BYTES));
      const body = decipher.update(sealed.subarray(HEAD_SIZE_BYTES, -TAG_SIZE_BYTES));
      return Buffer.concat([body, decipher.final()]).toString('utf8');
    },
  };
}

/**
 * The key in the file at `path`, made at the first start with mode 0600. It is linked into place once it is whole and
 * on disk: neither a crash nor a second process can leave secrets sealed under a key that is lost.
 */
export function loadSecretKey(path: string): Buffer {
  const existing = readKey(path);
  if (existing !== undefined) {
    // The process that linked it may have been killed before it could do this.
    syncDirectory(dirname(path));
    return existing;
  }
  const draft = `${path}.${process.pid}`;
  const file = openSync(draft, 'w', 0o600);
  try {
    writeSync(file, randomBytes(KEY_SIZE_BYTES));
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
  try {
    linkSync(draft, path);
  } catch (error) {
    // Another process was first; its key is the one.
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  } finally {
    rmSync(draft, { force: true });
  }
  syncDirectory(dirname(path));
  const key = readKey(path);
  invariant(key !== undefined, `the key file ${path} is gone`);
  return key;
}

function readKey(path: string): Buffer | undefined {
  try {
    const key = readFileSync(path);
    if (key.length !== KEY_SIZE_BYTES) throw new Error(`${path} is no key file: it has ${key.length} bytes`);
    return key;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

/** A key that nothing outlives, for stores in memory. */
export function ephemeralSecretKey(): Buffer {
  return randomBytes(KEY_SIZE_BYTES);
}
