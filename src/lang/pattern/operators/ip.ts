/** IP addresses as sortable text: 8 hexadecimal digits for version 4, 32 for version 6. */

const IPV4_LENGTH_MAX = 64;
const IPV6_GROUPS = 8;

/** The address that a text spells, or `undefined`. Version 6 addresses that map a version 4 one are that one. */
export function canonicalIp(text: string): string | undefined {
  // Most strings are no address: decide on the first character.
  const first = text.charCodeAt(0);
  const plausible =
    (first >= 48 && first <= 58) || (first >= 65 && first <= 70) || (first >= 97 && first <= 102);
  if (!plausible || text.length > IPV4_LENGTH_MAX) return undefined;
  if (text.includes(':')) return canonicalIpv6(text);
  return text.includes('.') ? canonicalIpv4(text) : undefined;
}

/** True for a text in the shape of an address, even one with numbers out of range. */
export function looksLikeIp(text: string): boolean {
  return /^\d+\.\d+\.\d+\.\d+$/.test(text) || /^[0-9a-fA-F:]*:[0-9a-fA-F:]*$/.test(text);
}

function canonicalIpv4(text: string): string | undefined {
  const parts = text.split('.');
  if (parts.length !== 4) return undefined;
  let hex = '';
  for (const part of parts) {
    if (!/^\d+$/.test(part)) return undefined;
    // Leading zeros are decimal here, as in AWS's matcher.
    const value = Number(part);
    if (value > 255) return undefined;
    hex += value.toString(16).padStart(2, '0');
  }
  return hex.toUpperCase();
}

function canonicalIpv6(text: string): string | undefined {
  const halves = text.split('::');
  if (halves.length > 2) return undefined;
  const head = groups(halves[0] ?? '');
  const tail = groups(halves[1] ?? '');
  if (head === undefined || tail === undefined) return undefined;
  const missing = IPV6_GROUPS - head.length - tail.length;
  if (halves.length === 2 ? missing < 1 : missing !== 0) return undefined;
  const hex = [...head, ...Array.from({ length: missing }, () => '0000'), ...tail].join('').toUpperCase();
  return hex.startsWith('00000000000000000000FFFF') ? hex.slice(24) : hex;
}

function groups(text: string): string[] | undefined {
  if (text === '') return [];
  const found = text.split(':');
  return found.every((group) => /^[0-9a-fA-F]{1,4}$/.test(group))
    ? found.map((group) => group.padStart(4, '0'))
    : undefined;
}
