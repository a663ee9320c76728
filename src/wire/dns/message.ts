/**
 * DNS messages: bytes to a question, and a reply to bytes. Pure, and total: whatever comes in, the result is an answer
 * or silence. `server.ts` has the sockets.
 *
 * This server is authoritative for what the regions know and asks nobody else: no recursion, no transfers of zones, no
 * expansion of ANY (RFC 8482), one question a message. EDNS (RFC 6891) for larger answers over UDP, and the client's
 * network is echoed with scope 0 (RFC 7871): answers do not depend on it.
 */
import type { Answer, DecodedPacket, OptAnswer, Packet } from 'dns-packet';
import type { DnsQuestion, DnsRecord, DnsReply } from '../../base/dns.ts';
import { loadDnsPacket } from '../lazy-packages.ts';
import { toAnswer } from './rdata.ts';

/** What answers a question. It must not throw; if it does, the client is told SERVFAIL. */
export type DnsResponder = (question: DnsQuestion) => DnsReply;

/** Larger answers over UDP are cut, and asked for again over TCP: the size that passes everywhere unfragmented. */
const UDP_SIZE_MAX = 1232;
/** Without EDNS. RFC 1035 section 2.3.4 */
const UDP_SIZE_PLAIN = 512;
const TCP_SIZE_MAX = 65_535;
const HEADER_SIZE = 12;

const FLAG = { authoritative: 1 << 10, truncated: 1 << 9, recursionDesired: 1 << 8 } as const;
/** Zero is a query; all else (NOTIFY, UPDATE) is not served. */
const OPCODE_BITS = 0xf << 11;
const CODE = { NOERROR: 0, FORMERR: 1, SERVFAIL: 2, NXDOMAIN: 3, NOTIMP: 4, REFUSED: 5 } as const;
/** An extended code: its low four bits are in the header, the rest in the OPT record. */
const BADVERS_HIGH_BITS = 1;

/** RFC 8482 section 4.2: an answer to ANY that says that there will be no other. */
const ANY_TTL_SECONDS = 3789;

type Code = keyof typeof CODE;

interface Draft {
  readonly code: Code;
  readonly isAuthoritative?: boolean;
  readonly answers?: readonly Answer[];
  readonly authorities?: readonly Answer[];
  readonly additionals?: readonly Answer[];
  readonly isBadVersion?: boolean;
}

/** The reply to a message, or undefined where silence is the answer: to what is no question at all. */
export function answerMessage(
  bytes: Buffer,
  respond: DnsResponder,
  transport: 'udp' | 'tcp',
): Buffer | undefined {
  // A reply to a reply could be answered in turn, for ever.
  if (bytes.length < HEADER_SIZE || isReply(bytes)) return undefined;
  const query = tryDecode(bytes);
  if (query === undefined) return malformed(bytes);
  const opt = (query.additionals ?? []).find((record): record is OptAnswer => record.type === 'OPT');
  const draft = decide(query, opt, respond);
  const sizeMax = transport === 'tcp' ? TCP_SIZE_MAX : udpSize(opt);
  try {
    const { encode } = loadDnsPacket();
    const reply = encode(toPacket(query, opt, draft));
    if (reply.length <= sizeMax) return reply;
    return transport === 'tcp'
      ? encode(toPacket(query, opt, { code: 'SERVFAIL' }))
      : encode(toPacket(query, opt, { code: draft.code }, FLAG.truncated));
  } catch {
    // What could be read and cannot be written.
    return malformed(bytes, CODE.SERVFAIL);
  }
}

/** A reply that says no more than "come again over TCP": for a source that asks more than its share. */
export function truncatedReply(bytes: Buffer): Buffer | undefined {
  if (bytes.length < HEADER_SIZE || isReply(bytes)) return undefined;
  const query = tryDecode(bytes);
  return query === undefined
    ? undefined
    : loadDnsPacket().encode(toPacket(query, undefined, { code: 'NOERROR' }, FLAG.truncated));
}

function isReply(bytes: Buffer): boolean {
  return ((bytes[2] ?? 0) & 0x80) !== 0;
}

function tryDecode(bytes: Buffer): DecodedPacket | undefined {
  try {
    return loadDnsPacket().decode(bytes);
  } catch {
    return undefined;
  }
}

/** The header alone comes back: what follows could not be read. */
function malformed(bytes: Buffer, code: number = CODE.FORMERR): Buffer {
  const reply = Buffer.alloc(HEADER_SIZE);
  bytes.copy(reply, 0, 0, 2);
  const opcodeAndRecursion = (bytes[2] ?? 0) & 0x79;
  reply[2] = 0x80 | opcodeAndRecursion;
  reply[3] = code;
  return reply;
}

function udpSize(opt: OptAnswer | undefined): number {
  if (opt === undefined) return UDP_SIZE_PLAIN;
  return Math.min(Math.max(opt.udpPayloadSize, UDP_SIZE_PLAIN), UDP_SIZE_MAX);
}

function decide(query: DecodedPacket, opt: OptAnswer | undefined, respond: DnsResponder): Draft {
  if (opt !== undefined && opt.ednsVersion > 0) return { code: 'NOERROR', isBadVersion: true };
  if (((query.flags ?? 0) & OPCODE_BITS) !== 0) return { code: 'NOTIMP' };
  const [question, ...others] = query.questions ?? [];
  if (question === undefined || others.length > 0) return { code: 'FORMERR' };
  if (question.class !== 'IN' || question.type === 'AXFR' || question.type === 'IXFR') {
    return { code: 'REFUSED' };
  }
  const name = question.name === '.' ? '' : question.name.toLowerCase();
  const type: string = question.type;
  const reply = ask(respond, { name, type: type === 'ANY' ? 'HINFO' : type });
  // Names come back as they were asked for: some resolvers check that their mix of cases does (DNS 0x20).
  const answers = toAnswers(reply.answers, name, question.name);
  if (type === 'ANY' && reply.code === 'NOERROR' && reply.isAuthoritative && answers.length === 0) {
    const data = { cpu: 'RFC8482', os: '' };
    const hint: Answer = { type: 'HINFO', name: question.name, ttl: ANY_TTL_SECONDS, data };
    return { code: 'NOERROR', isAuthoritative: true, answers: [hint] };
  }
  return {
    code: reply.code,
    isAuthoritative: reply.isAuthoritative,
    answers,
    authorities: toAnswers(reply.authorities),
    additionals: toAnswers(reply.additionals ?? []),
  };
}

const FAILED: DnsReply = { code: 'SERVFAIL', isAuthoritative: false, answers: [], authorities: [] };

function ask(respond: DnsResponder, question: DnsQuestion): DnsReply {
  try {
    return respond(question);
  } catch {
    return FAILED;
  }
}

function toAnswers(records: readonly DnsRecord[], asked?: string, shown = asked): Answer[] {
  const answers: Answer[] = [];
  for (const record of records) {
    try {
      const answer = toAnswer(record);
      answers.push(shown !== undefined && record.name === asked ? { ...answer, name: shown || '.' } : answer);
    } catch {
      // The others are as right as they would be without it.
    }
  }
  return answers;
}

function toPacket(query: DecodedPacket, opt: OptAnswer | undefined, draft: Draft, moreFlags = 0): Packet {
  const recursionDesired = query.flag_rd ? FLAG.recursionDesired : 0;
  const authoritative = draft.isAuthoritative ? FLAG.authoritative : 0;
  const opcode = (query.flags ?? 0) & OPCODE_BITS;
  return {
    id: query.id ?? 0,
    type: 'response',
    flags: opcode | authoritative | recursionDesired | moreFlags | CODE[draft.code],
    questions: query.questions ?? [],
    answers: [...(draft.answers ?? [])],
    authorities: [...(draft.authorities ?? [])],
    additionals: [...(draft.additionals ?? []), ...(opt === undefined ? [] : [optReply(opt, draft)])],
  };
}

function optReply(asked: OptAnswer, { isBadVersion = false }: Draft): OptAnswer {
  const options = asked.options.flatMap(({ code, data }) =>
    code === CLIENT_SUBNET && data !== undefined && data.length >= 4 ? [withoutScope(data)] : [],
  );
  return {
    type: 'OPT',
    name: '.',
    udpPayloadSize: UDP_SIZE_MAX,
    extendedRcode: isBadVersion ? BADVERS_HIGH_BITS : 0,
    ednsVersion: 0,
    flags: 0,
    flag_do: false,
    options,
  };
}

const CLIENT_SUBNET = 8;

/** Family and prefix as they were sent; the fourth byte is the scope. RFC 7871 section 6 */
function withoutScope(sent: Buffer): OptAnswer['options'][number] {
  const data = Buffer.from(sent);
  data[3] = 0;
  // The library writes `data` as it stands; `ip` is for those who have none.
  return { code: CLIENT_SUBNET, data, ip: undefined };
}
