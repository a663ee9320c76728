/**
 * Packages that only some requests need, loaded by the first of them: a start that reads them all is slower, and most
 * regions never need one. Both are CommonJS, so they can be loaded in the middle of a synchronous turn.
 */
import { createRequire } from 'node:module';
import type * as DnsPacket from 'dns-packet';
import type * as Saxes from 'saxes';

const require = createRequire(import.meta.url);

let saxes: typeof Saxes | undefined;
let dnsPacket: typeof DnsPacket | undefined;

/** Reads XML. */
export function loadSaxes(): typeof Saxes {
  saxes ??= require('saxes') as typeof Saxes;
  return saxes;
}

/** Reads and writes messages of the Domain Name System. */
export function loadDnsPacket(): typeof DnsPacket {
  dnsPacket ??= require('dns-packet') as typeof DnsPacket;
  return dnsPacket;
}
