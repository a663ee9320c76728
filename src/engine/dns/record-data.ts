/**
 * What a value of each record type looks like, and what Route 53 says of one that does not. The problems of addresses,
 * names and quoted strings are those of recorded answers; those of types with several fields are worded alike.
 *
 * Source: https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/ResourceRecordTypes.html
 */
import { isIPv4, isIPv6 } from 'node:net';
import { parseDomainName } from './domain-name.ts';

const CHARACTER_STRING_BYTES_MAX = 255;
const UNQUOTED = 'InvalidCharacterString (Value should be enclosed in quotation marks)';
const UNSUPPORTED = 'UnsupportedCharacter (Value contains unsupported characters)';
const TOO_LONG = 'CharacterStringTooLong (Value is too long)';

/** The problem of one field; undefined when there is none. */
type Field = (text: string) => string | undefined;

const domainName: Field = (text) => {
  const name = parseDomainName(text);
  return typeof name === 'string' ? undefined : name.problem;
};

/** A name that may be the root: there is none. */
const domainNameOrRoot: Field = (text) => (text === '.' ? undefined : domainName(text));

function numberUpTo(max: number): Field {
  return (text) => {
    const isNumber = /^\d{1,10}$/.test(text) && Number(text) <= max;
    return isNumber ? undefined : `InvalidNumber (Value is not a number from 0 to ${max})`;
  };
}

const octet = numberUpTo(255);
const short = numberUpTo(65_535);
const long = numberUpTo(4_294_967_295);

const word: Field = (text) => (/^[A-Za-z0-9]{1,255}$/.test(text) ? undefined : UNSUPPORTED);

const hex: Field = (text) =>
  text.length % 2 === 0 && /^[\dA-Fa-f]+$/.test(text)
    ? undefined
    : 'InvalidHexString (Value is not a string of hexadecimal digits)';

const quoted: Field = (text) => {
  if (!/^"(?:[^"\\]|\\[\s\S])*"$/.test(text)) return UNQUOTED;
  // Three octal digits stand for a byte, as does a quote or backslash behind a backslash.
  const bytes = text.slice(1, -1).replaceAll(/\\(?:[0-3][0-7]{2}|.)/g, '.');
  if (/[^\u0020-\u007e]/.test(bytes)) return UNSUPPORTED;
  return bytes.length > CHARACTER_STRING_BYTES_MAX ? TOO_LONG : undefined;
};

const parameter: Field = (text) =>
  /^[a-z0-9-]{1,63}(?:=\S*)?$/.test(text) ? undefined : 'InvalidSvcParam (Value is not key=value)';

interface Format {
  readonly fields: readonly Field[];
  /** What further fields must be; absent where there may be none. */
  readonly rest?: Field;
}

const FORMATS: ReadonlyMap<string, Format> = new Map<string, Format>([
  ['TXT', { fields: [quoted], rest: quoted }],
  ['SPF', { fields: [quoted], rest: quoted }],
  ['MX', { fields: [short, domainNameOrRoot] }],
  ['SRV', { fields: [short, short, short, domainNameOrRoot] }],
  ['CAA', { fields: [octet, word, quoted] }],
  ['SOA', { fields: [domainName, domainName, long, long, long, long, long] }],
  ['NAPTR', { fields: [short, short, quoted, quoted, quoted, domainNameOrRoot] }],
  ['DS', { fields: [short, octet, octet, hex] }],
  ['SSHFP', { fields: [octet, octet, hex] }],
  ['TLSA', { fields: [octet, octet, octet, hex] }],
  ['SVCB', { fields: [short, domainNameOrRoot], rest: parameter }],
  ['HTTPS', { fields: [short, domainNameOrRoot], rest: parameter }],
]);

/** What is wrong with a value, as Route 53 says it: `ARRDATAIllegalIPv4Address (...)`. Undefined for a good one. */
export function recordDataProblem(type: string, value: string): string | undefined {
  switch (type) {
    case 'A':
      return isIPv4(value) ? undefined : 'ARRDATAIllegalIPv4Address (Value is not a valid IPv4 address)';
    case 'AAAA':
      // `node:net` takes a zone after `%`, which is no part of an address.
      return isIPv6(value) && !value.includes('%')
        ? undefined
        : 'AAAARRDATAIllegalIPv6Address (Value is not a valid IPv6 address)';
    case 'CNAME':
    case 'NS':
    case 'PTR':
      return domainName(value);
    default: {
      const format = FORMATS.get(type);
      return format === undefined ? UNSUPPORTED : fieldsProblem(type, format, value);
    }
  }
}

function fieldsProblem(type: string, { fields, rest }: Format, value: string): string | undefined {
  const texts = splitFields(value);
  if (texts.length < fields.length || (rest === undefined && texts.length > fields.length)) {
    const count = `does not contain ${fields.length} fields separated by whitespace`;
    return fields[0] === quoted ? UNQUOTED : `${type}RRDATAInvalidFields (Value ${count})`;
  }
  for (const [index, text] of texts.entries()) {
    const problem = (fields[index] ?? rest)?.(text);
    if (problem !== undefined) return problem;
  }
  return undefined;
}

/** Fields between spaces; quotes hold spaces together, wherever in a field they stand. One pass over the text. */
function splitFields(value: string): string[] {
  const fields: string[] = [];
  let field = '';
  let isQuoted = false;
  for (let at = 0; at < value.length; at += 1) {
    const character = value.charAt(at);
    if (!isQuoted && (character === ' ' || character === '\t')) {
      if (field !== '') fields.push(field);
      field = '';
      continue;
    }
    field += character;
    if (character === '"') isQuoted = !isQuoted;
    else if (character === '\\' && isQuoted) {
      at += 1;
      field += value.charAt(at);
    }
  }
  if (field !== '') fields.push(field);
  return fields;
}
