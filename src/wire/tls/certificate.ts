/**
 * Certificates after RFC 5280: the two kinds that Millrace makes, both of keys on P-256 and signed with SHA-256.
 * `node:crypto` makes keys and signatures and reads certificates, but writes none, and the libraries that do bring 20
 * packages along or know no elliptic curves: docs/adr/0005-tls-on-the-same-port.md. `authority.ts` alone calls this.
 */
import { createHash, type KeyObject, randomBytes, sign } from 'node:crypto';
import { isIP } from 'node:net';
import { formatIsoSeconds } from '../../base/clock.ts';
import * as der from './der.ts';

export interface KeyPair {
  readonly publicKey: KeyObject;
  readonly privateKey: KeyObject;
}

export interface Issuer {
  /** Exactly as in its own certificate. */
  readonly commonName: string;
  readonly keys: KeyPair;
}

export interface Validity {
  readonly fromMs: number;
  readonly untilMs: number;
}

const OID = {
  organization: '2.5.4.10',
  commonName: '2.5.4.3',
  subjectKeyId: '2.5.29.14',
  keyUsage: '2.5.29.15',
  subjectAltName: '2.5.29.17',
  basicConstraints: '2.5.29.19',
  authorityKeyId: '2.5.29.35',
  extendedKeyUsage: '2.5.29.37',
  serverAuth: '1.3.6.1.5.5.7.3.1',
  ecdsaWithSha256: '1.2.840.10045.4.3.2',
} as const;

const SIGNATURE_ALGORITHM = der.sequence(der.objectId(OID.ecdsaWithSha256));
const VERSION_3 = der.explicit(0, der.integer(Buffer.of(2)));
const SERIAL_SIZE_BYTES = 16;
/** An uncompressed point of P-256, which is the end of such a public key. */
const POINT_SIZE_BYTES = 65;
const PEM_LINE_LENGTH = 64;

/** What clients are told to trust: it signs certificates of servers, and no further authorities. PEM. */
export function createAuthorityCertificate(issuer: Issuer, validity: Validity): string {
  return createCertificate(issuer, {
    commonName: issuer.commonName,
    publicKey: issuer.keys.publicKey,
    validity,
    extensions: [
      extension(OID.basicConstraints, der.sequence(der.boolean(true), der.integer(Buffer.of(0))), true),
      // keyCertSign and cRLSign.
      extension(OID.keyUsage, der.bitString(Buffer.of(0b0000_0110), 1), true),
    ],
  });
}

/** Of a server that is reached by `names`: DNS names, with `*` as the first label for all, and addresses. PEM. */
export function createServerCertificate(
  issuer: Issuer,
  { names, publicKey, validity }: { names: readonly string[]; publicKey: KeyObject; validity: Validity },
): string {
  const authorityKeyId = der.sequence(der.context(0, keyId(issuer.keys.publicKey)));
  return createCertificate(issuer, {
    commonName: 'Millrace',
    publicKey,
    validity,
    extensions: [
      extension(OID.basicConstraints, der.sequence(), true),
      // digitalSignature, which is all that TLS does with such a key.
      extension(OID.keyUsage, der.bitString(Buffer.of(0b1000_0000), 7), true),
      extension(OID.extendedKeyUsage, der.sequence(der.objectId(OID.serverAuth))),
      extension(OID.authorityKeyId, authorityKeyId),
      extension(OID.subjectAltName, der.sequence(...names.map(generalName))),
    ],
  });
}

interface Subject {
  readonly commonName: string;
  readonly publicKey: KeyObject;
  readonly validity: Validity;
  readonly extensions: readonly Buffer[];
}

function createCertificate(issuer: Issuer, subject: Subject): string {
  const { commonName, publicKey, validity } = subject;
  const extensions = [...subject.extensions, extension(OID.subjectKeyId, der.octetString(keyId(publicKey)))];
  const signed = der.sequence(
    VERSION_3,
    der.integer(serialNumber()),
    SIGNATURE_ALGORITHM,
    distinguishedName(issuer.commonName),
    der.sequence(der.time(formatIsoSeconds(validity.fromMs)), der.time(formatIsoSeconds(validity.untilMs))),
    distinguishedName(commonName),
    publicKey.export({ type: 'spki', format: 'der' }),
    der.explicit(3, der.sequence(...extensions)),
  );
  const signature = sign('sha256', signed, issuer.keys.privateKey);
  return toPem(der.sequence(signed, SIGNATURE_ALGORITHM, der.bitString(signature)));
}

/** From the system, never from a seeded source: two certificates of one authority may not share it. */
function serialNumber(): Buffer {
  const bytes = randomBytes(SERIAL_SIZE_BYTES);
  // Positive, and without a zero in front.
  bytes.writeUInt8((bytes.readUInt8() & 0x7f) | 0x40);
  return bytes;
}

function distinguishedName(commonName: string): Buffer {
  return der.sequence(attribute(OID.organization, 'Millrace'), attribute(OID.commonName, commonName));
}

function attribute(type: string, text: string): Buffer {
  return der.set(der.sequence(der.objectId(type), der.utf8String(text)));
}

function extension(type: string, content: Buffer, isCritical = false): Buffer {
  const critical = isCritical ? [der.boolean(true)] : [];
  return der.sequence(der.objectId(type), ...critical, der.octetString(content));
}

/** RFC 5280, 4.2.1.2, method 1. Here SHA-1 only makes a short name of the key. */
function keyId(publicKey: KeyObject): Buffer {
  const point = publicKey.export({ type: 'spki', format: 'der' }).subarray(-POINT_SIZE_BYTES);
  return createHash('sha1').update(point).digest();
}

function generalName(name: string): Buffer {
  const family = isIP(name);
  if (family === 0) return der.context(2, Buffer.from(name, 'latin1'));
  return der.context(7, family === 4 ? Buffer.from(name.split('.').map(Number)) : ipv6Bytes(name));
}

function ipv6Bytes(address: string): Buffer {
  // The URL parser writes what is left of a dotted tail, and of leading zeros, in one way.
  const canonical = new URL(`http://[${address}]`).hostname.slice(1, -1);
  const [head = '', tail] = canonical.split('::');
  const groups = (text: string | undefined): string[] => (text ? text.split(':') : []);
  const zeros = 8 - groups(head).length - groups(tail).length;
  const all = [...groups(head), ...Array<string>(zeros).fill('0'), ...groups(tail)];
  return Buffer.from(all.map((group) => group.padStart(4, '0')).join(''), 'hex');
}

function toPem(bytes: Buffer): string {
  const text = bytes.toString('base64');
  const lines = ['-----BEGIN CERTIFICATE-----'];
  for (let at = 0; at < text.length; at += PEM_LINE_LENGTH) lines.push(text.slice(at, at + PEM_LINE_LENGTH));
  return `${[...lines, '-----END CERTIFICATE-----'].join('\n')}\n`;
}
