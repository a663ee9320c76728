/**
 * Values of DNS records from the form of zone files into what `dns-packet` encodes. The services have checked each
 * value when it came in; what does not fit here all the same is left out of an answer by the caller, never guessed
 * at.
 */
import type { Answer } from 'dns-packet';
import type { DnsRecord } from '../../base/dns.ts';

const CHARACTER_STRING_BYTES_MAX = 255;

/** Throws for a value that does not have the form of its type, and for types that have no form here. */
export function toAnswer({ name, type, ttlSeconds, value }: DnsRecord): Answer {
  const head = { name: name === '' ? '.' : name, ttl: ttlSeconds };
  switch (type) {
    case 'A':
    case 'AAAA':
      return { ...head, type, data: value };
    case 'CNAME':
    case 'NS':
    case 'PTR':
      return { ...head, type, data: bare(value) };
    case 'TXT':
      return { ...head, type, data: characterStrings(value) };
    case 'SPF':
      // The library has no name for type 99, and takes its bytes by number.
      return { ...head, type: 'UNKNOWN_99' as 'NULL', data: joinStrings(characterStrings(value)) };
    default:
      return structured(head, type, fieldsOf(value));
  }
}

type Head = Pick<Answer, 'name'> & { readonly ttl: number };

function structured(head: Head, type: string, fields: readonly string[]): Answer {
  const text = (index: number): string => {
    const field = fields[index];
    if (field === undefined) throw new Error(`a ${type} record has no field ${index + 1}`);
    return field;
  };
  const number = (index: number): number => {
    const value = Number(text(index));
    if (!Number.isInteger(value) || value < 0) throw new Error(`${text(index)} is no number`);
    return value;
  };
  const domain = (index: number): string => bare(text(index));
  const quoted = (index: number): string => characterStrings(text(index)).join('');
  switch (type) {
    case 'MX':
      return { ...head, type, data: { preference: number(0), exchange: domain(1) } };
    case 'SRV':
      return {
        ...head,
        type,
        data: { priority: number(0), weight: number(1), port: number(2), target: domain(3) },
      };
    case 'CAA':
      return { ...head, type, data: { flags: number(0), tag: text(1) as 'issue', value: quoted(2) } };
    case 'SOA':
      return {
        ...head,
        type,
        data: {
          mname: domain(0),
          rname: domain(1),
          serial: number(2),
          refresh: number(3),
          retry: number(4),
          expire: number(5),
          minimum: number(6),
        },
      };
    case 'NAPTR': {
      const data = { order: number(0), preference: number(1), flags: quoted(2), services: quoted(3) };
      return { ...head, type, data: { ...data, regexp: quoted(4), replacement: domain(5) } };
    }
    case 'DS': {
      const digest = Buffer.from(fields.slice(3).join(''), 'hex');
      return {
        ...head,
        type,
        data: { keyTag: number(0), algorithm: number(1), digestType: number(2), digest },
      };
    }
    case 'SSHFP':
      return { ...head, type, data: { algorithm: number(0), hash: number(1), fingerprint: text(2) } };
    case 'TLSA': {
      const certificate = Buffer.from(fields.slice(3).join(''), 'hex');
      return {
        ...head,
        type,
        data: { usage: number(0), selector: number(1), matchingType: number(2), certificate },
      };
    }
    default:
      throw new Error(`records of type ${type} are not written`);
  }
}

/** Names are without the dot at the end; the root is `.`. */
function bare(name: string): string {
  return name.endsWith('.') && name !== '.' ? name.slice(0, -1) : name;
}

/** Fields between spaces; one in quotes keeps them and may hold spaces. */
function fieldsOf(value: string): string[] {
  return scanFields(value).map(({ raw }) => raw);
}

/** The strings of a TXT value, quoted or not, as the bytes that they stand for. */
function characterStrings(value: string): Buffer[] {
  return scanFields(value).map(({ bytes }) => {
    if (bytes.length > CHARACTER_STRING_BYTES_MAX) throw new Error('a string is longer than 255 bytes');
    return Buffer.from(bytes);
  });
}

interface Field {
  readonly raw: string;
  readonly bytes: readonly number[];
}

/** One pass over the text: quotes, spaces, `\"`, `\\` and `\123` (three octal digits, as Route 53 has them). */
function scanFields(value: string): Field[] {
  const text = Buffer.from(value, 'utf8');
  const fields: Field[] = [];
  let at = 0;
  while (at < text.length) {
    if (isSpace(text[at])) {
      at += 1;
      continue;
    }
    const start = at;
    const isQuoted = text[at] === QUOTE;
    const bytes: number[] = [];
    at += isQuoted ? 1 : 0;
    while (at < text.length && (isQuoted ? text[at] !== QUOTE : !isSpace(text[at]))) {
      const { byte, next } = scanByte(text, at);
      bytes.push(byte);
      at = next;
    }
    at += isQuoted ? 1 : 0;
    fields.push({ raw: text.toString('utf8', start, at), bytes });
  }
  return fields;
}

const QUOTE = 0x22;
const BACKSLASH = 0x5c;

function isSpace(byte: number | undefined): boolean {
  return byte === 0x20 || byte === 0x09;
}

function scanByte(text: Buffer, at: number): { readonly byte: number; readonly next: number } {
  const byte = text[at] ?? 0;
  if (byte !== BACKSLASH) return { byte, next: at + 1 };
  const octal = /^[0-3][0-7]{2}/.exec(text.toString('latin1', at + 1, at + 4))?.[0];
  if (octal !== undefined) return { byte: Number.parseInt(octal, 8), next: at + 4 };
  return { byte: text[at + 1] ?? BACKSLASH, next: at + 2 };
}

function joinStrings(strings: readonly Buffer[]): Buffer {
  return Buffer.concat(strings.flatMap((bytes) => [Buffer.from([bytes.length]), bytes]));
}
