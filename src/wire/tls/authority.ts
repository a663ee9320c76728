/**
 * The certificate authority of an installation. It is made once and lies in the data directory, above those of the
 * regions, so that whoever trusts it trusts them all. Only this file touches it; `local-tls.ts` opens it.
 *
 *   tls/authority-1.pem   mode 0600: the private key and its certificate, in one file, so that no crash parts them
 *   tls/ca.pem            what clients are told to trust: the certificates alone, the newest first
 *
 * Before it ends a further one is made, with the next number. A number is taken by linking a whole file into its
 * place, which one of several processes does; the others then read that one.
 */
import {
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  type KeyObject,
  randomBytes,
  X509Certificate,
} from 'node:crypto';
import {
  closeSync,
  fsyncSync,
  linkSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { invariant } from '../../base/assert.ts';
import { type Clock, parseInstant } from '../../base/clock.ts';
import { errorMessage } from '../../base/errors.ts';
import { syncDirectory } from '../../base/sync-directory.ts';
import {
  createAuthorityCertificate,
  createServerCertificate,
  type Issuer,
  type KeyPair,
} from './certificate.ts';

export interface Authority {
  /** What clients have to trust, as PEM. */
  readonly caPem: string;
  /** The file that holds it; undefined when it is in memory. */
  readonly caPath: string | undefined;
  readonly untilMs: number;
  /** A certificate for a server with these names and this key, and when it ends. */
  issue(names: readonly string[], publicKey: KeyObject): { readonly pem: string; readonly untilMs: number };
}

const DAY_MS = 86_400_000;
const AUTHORITY_DAYS = 3650;
/** Long before its end, so that there is time to make the next one known. */
const AUTHORITY_RENEWAL_DAYS = 180;
/** Clients of Apple refuse more than 825: https://support.apple.com/103769. A new one costs a millisecond. */
const SERVER_DAYS = 90;
/** Clocks of clients that are behind by less are no obstacle. */
const BACKDATED_DAYS = 1;

export interface AuthorityOptions {
  /** Undefined keeps it in memory. */
  readonly directory: string | undefined;
  /** Of real time, which is what clients judge by. */
  readonly clock: Clock;
}

/** Reads the authority, or makes it. Throws when the directory cannot be written, or holds a damaged one. */
export function openAuthority({ directory, clock }: AuthorityOptions): Authority {
  if (directory === undefined) return toAuthority([parseGeneration(newGeneration(clock), 1)], { clock });
  const known = readGenerations(directory);
  const newest = known.at(-1);
  if (newest !== undefined && clock.now() < newest.untilMs - AUTHORITY_RENEWAL_DAYS * DAY_MS) {
    return publish(directory, known, clock);
  }
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  const number = (newest?.number ?? 0) + 1;
  linkNew(join(directory, `authority-${number}.pem`), newGeneration(clock));
  return publish(directory, readGenerations(directory), clock);
}

interface Generation {
  readonly number: number;
  readonly issuer: Issuer;
  readonly certificatePem: string;
  readonly untilMs: number;
}

function newGeneration(clock: Clock): string {
  const keys = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  // The names differ, so that in a list of what is trusted one can be told from another.
  const commonName = `Millrace local CA ${randomBytes(4).toString('hex')}`;
  const validity = {
    fromMs: clock.now() - BACKDATED_DAYS * DAY_MS,
    untilMs: clock.now() + AUTHORITY_DAYS * DAY_MS,
  };
  const certificate = createAuthorityCertificate({ commonName, keys }, validity);
  return keys.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString() + certificate;
}

function parseGeneration(pem: string, number: number): Generation {
  const certificate = new X509Certificate(pem);
  const privateKey = createPrivateKey(pem);
  invariant(certificate.checkPrivateKey(privateKey), 'the key is not that of the certificate');
  const keys: KeyPair = { privateKey, publicKey: createPublicKey(privateKey) };
  const commonName = /^CN=(.+)$/m.exec(certificate.subject)?.[1];
  const untilMs = parseInstant(certificate.validTo);
  invariant(commonName !== undefined && untilMs !== undefined, 'the certificate has no name or no end');
  return { number, issuer: { commonName, keys }, certificatePem: certificate.toString(), untilMs };
}

/** The oldest first. */
function readGenerations(directory: string): readonly Generation[] {
  const numbers = readNames(directory).flatMap((name) => {
    const number = /^authority-(\d{1,9})\.pem$/.exec(name)?.[1];
    return number === undefined ? [] : [Number(number)];
  });
  return numbers
    .toSorted((a, b) => a - b)
    .map((number) => {
      const path = join(directory, `authority-${number}.pem`);
      try {
        return parseGeneration(readFileSync(path, 'utf8'), number);
      } catch (error) {
        // Another one in its place would have to be trusted anew, which is for a person to decide.
        const advice = 'remove it, and let clients trust the one that is made then';
        throw new Error(`${path} holds no key with its certificate: ${errorMessage(error)}; ${advice}`, {
          cause: error,
        });
      }
    });
}

function readNames(directory: string): readonly string[] {
  try {
    return readdirSync(directory);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
}

/** Makes `path`, or leaves what another process has put there. */
function linkNew(path: string, text: string): void {
  const draft = writeDraft(path, text, 0o600);
  try {
    linkSync(draft, path);
  } catch (error) {
    // Another process was first; its authority is the one.
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  } finally {
    rmSync(draft, { force: true });
  }
}

/** Processes in containers can share both the directory and their number, so the name is a random one. */
function writeDraft(path: string, text: string, mode: number): string {
  const draft = `${path}.${randomBytes(8).toString('hex')}`;
  const file = openSync(draft, 'wx', mode);
  try {
    writeSync(file, text);
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
  return draft;
}

/** Writes what clients are to trust beside the keys, unless it is there. */
function publish(directory: string, generations: readonly Generation[], clock: Clock): Authority {
  const caPath = join(directory, 'ca.pem');
  const authority = toAuthority(generations, { clock, caPath });
  const names = readNames(directory);
  if (!names.includes('ca.pem') || readFileSync(caPath, 'utf8') !== authority.caPem) {
    renameSync(writeDraft(caPath, authority.caPem, 0o644), caPath);
  }
  syncDirectory(directory);
  return authority;
}

function toAuthority(
  generations: readonly Generation[],
  { clock, caPath }: { readonly clock: Clock; readonly caPath?: string },
): Authority {
  const newest = generations.at(-1);
  invariant(newest !== undefined, 'the authority is gone');
  // One that is about to end stays beside its successor: processes that started before still use it.
  const trusted = generations.filter(
    ({ untilMs, number }) => number === newest.number || untilMs > clock.now(),
  );
  return {
    caPem: trusted
      .toReversed()
      .map(({ certificatePem }) => certificatePem)
      .join(''),
    caPath,
    untilMs: newest.untilMs,
    issue(names, publicKey) {
      const now = clock.now();
      const untilMs = Math.min(now + SERVER_DAYS * DAY_MS, newest.untilMs);
      const validity = { fromMs: now - BACKDATED_DAYS * DAY_MS, untilMs };
      return { pem: createServerCertificate(newest.issuer, { names, publicKey, validity }), untilMs };
    },
  };
}
