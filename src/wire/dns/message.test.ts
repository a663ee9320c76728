import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { decode, encode, type Packet } from 'dns-packet';
import fc from 'fast-check';
import type { DnsQuestion, DnsRecord, DnsReply } from '../../base/dns.ts';
import { answerMessage, truncatedReply } from './message.ts';

const TTL = 5;

function record(name: string, type: string, value: string): DnsRecord {
  return { name, type, ttlSeconds: TTL, value };
}

function reply(answers: readonly DnsRecord[], more: Partial<DnsReply> = {}): DnsReply {
  return { code: 'NOERROR', isAuthoritative: true, answers, authorities: [], ...more };
}

/** Asks for what `given` answers and reads the reply back. */
function ask(packet: Packet, given: (question: DnsQuestion) => DnsReply, transport: 'udp' | 'tcp' = 'udp') {
  const bytes = answerMessage(encode({ type: 'query', id: 7, ...packet }), given, transport);
  assert.ok(bytes !== undefined);
  return { ...decode(bytes), size: bytes.length };
}

const A_QUESTION: Packet = { questions: [{ type: 'A', name: 'api.Orders.example' }] };
const CODES = ['NOERROR', 'FORMERR', 'SERVFAIL', 'NXDOMAIN', 'NOTIMP', 'REFUSED'];

function codeOf({ flags = 0 }: Packet): string | undefined {
  return CODES[flags & 0xf];
}

function opt(
  members: Partial<Extract<NonNullable<Packet['additionals']>[number], { type: 'OPT' }>> = {},
): Packet['additionals'] {
  return [
    {
      type: 'OPT',
      name: '.',
      udpPayloadSize: 4096,
      extendedRcode: 0,
      ednsVersion: 0,
      flags: 0,
      flag_do: false,
      options: [],
      ...members,
    },
  ];
}

describe('answerMessage', () => {
  it('answers with authority, in the case of letters that the client used', () => {
    const asked: DnsQuestion[] = [];
    const answer = ask({ ...A_QUESTION, flags: 1 << 8 }, (question) => {
      asked.push(question);
      return reply([record('api.orders.example', 'A', '127.0.0.1')]);
    });
    assert.deepEqual(asked, [{ name: 'api.orders.example', type: 'A' }]);
    assert.equal(answer.id, 7);
    assert.equal(answer.flag_aa, true);
    assert.equal(answer.flag_rd, true);
    assert.equal(answer.flag_ra, false);
    const [first] = answer.answers ?? [];
    assert.equal(first?.name, 'api.Orders.example');
    assert.deepEqual(first, { ...first, type: 'A', ttl: TTL, data: '127.0.0.1' });
  });

  it('writes every type of record in the form that it has on the wire', () => {
    const values: [string, string, unknown][] = [
      ['AAAA', '2001:db8::1', '2001:db8::1'],
      ['CNAME', 'other.example.', 'other.example'],
      ['NS', 'ns-1.example.', 'ns-1.example'],
      ['PTR', 'host.example.', 'host.example'],
      ['MX', '10 mail.example.', { preference: 10, exchange: 'mail.example' }],
      ['SRV', '1 2 443 host.example.', { priority: 1, weight: 2, port: 443, target: 'host.example' }],
      [
        'TXT',
        String.raw`"one two" "\"q\"\101" bare`,
        [Buffer.from('one two'), Buffer.from('"q"A'), Buffer.from('bare')],
      ],
      [
        'SOA',
        'ns.example. admin.example. 1 7200 900 1209600 86400',
        {
          mname: 'ns.example',
          rname: 'admin.example',
          serial: 1,
          refresh: 7200,
          retry: 900,
          expire: 1_209_600,
          minimum: 86_400,
        },
      ],
      [
        'NAPTR',
        '1 2 "u" "E2U+sip" "!^.*$!sip:a@b!" .',
        {
          order: 1,
          preference: 2,
          flags: 'u',
          services: 'E2U+sip',
          regexp: '!^.*$!sip:a@b!',
          replacement: '.',
        },
      ],
      ['DS', '1 8 2 0a0b', { keyTag: 1, algorithm: 8, digestType: 2, digest: Buffer.from('0a0b', 'hex') }],
    ];
    for (const [type, value, expected] of values) {
      const question: Packet = { questions: [{ type: type as 'A', name: 'x.example' }] };
      const { answers = [] } = ask(question, ({ name }) => reply([record(name, type, value)]));
      const [answer] = answers;
      assert.ok(answer !== undefined && 'data' in answer, type);
      assert.deepEqual(answer.data, expected, type);
    }
    const caa = ask({ questions: [{ type: 'CAA', name: 'x.example' }] }, ({ name }) =>
      reply([record(name, 'CAA', '0 issue "ca.example"')]),
    );
    const [authority] = caa.answers ?? [];
    assert.ok(authority?.type === 'CAA');
    assert.deepEqual([authority.data.tag, authority.data.value], ['issue', 'ca.example']);
  });

  it('leaves a value out that does not have the form of its type', () => {
    const answer = ask(A_QUESTION, ({ name }) =>
      reply([record(name, 'MX', 'nothing'), record(name, 'A', '127.0.0.2'), record(name, 'HTTPS', '1 .')]),
    );
    assert.equal(answer.answers?.length, 1);
  });

  it('says what a negative answer says, with its SOA', () => {
    const soa = record('example', 'SOA', 'ns.example. admin.example. 1 2 3 4 5');
    const answer = ask(A_QUESTION, () => reply([], { code: 'NXDOMAIN', authorities: [soa] }));
    assert.equal(codeOf(answer), 'NXDOMAIN');
    assert.equal(answer.authorities?.[0]?.type, 'SOA');
  });

  it('refuses other classes and transfers, knows no other operations, and takes one question', () => {
    const never = (): DnsReply => assert.fail('the question is not passed on');
    assert.equal(codeOf(ask({ questions: [{ type: 'A', name: 'a', class: 'CH' }] }, never)), 'REFUSED');
    assert.equal(codeOf(ask({ questions: [{ type: 'AXFR', name: 'a' }] }, never)), 'REFUSED');
    assert.equal(codeOf(ask({ ...A_QUESTION, flags: 4 << 11 }, never)), 'NOTIMP');
    const two: Packet['questions'] = [
      { type: 'A', name: 'a' },
      { type: 'A', name: 'b' },
    ];
    assert.equal(codeOf(ask({ questions: two }, never)), 'FORMERR');
    assert.equal(codeOf(ask({ questions: [] }, never)), 'FORMERR');
  });

  it('answers ANY with a hint that there is nothing more to come', () => {
    const answer = ask({ questions: [{ type: 'ANY' as 'A', name: 'x.example' }] }, () => reply([]));
    const [hint] = answer.answers ?? [];
    assert.ok(hint?.type === 'HINFO');
    assert.equal(hint.data.cpu, 'RFC8482');
  });

  it('cuts an answer that is larger than the client takes over UDP, and gives it whole over TCP', () => {
    const many = (): DnsReply =>
      reply(Array.from({ length: 60 }, (_, index) => record('api.orders.example', 'A', `10.0.0.${index}`)));
    const plain = ask(A_QUESTION, many);
    assert.equal(plain.flag_tc, true);
    assert.deepEqual(plain.answers, []);
    assert.ok(plain.size <= 512);
    const extended = ask({ ...A_QUESTION, additionals: opt() }, many);
    assert.equal(extended.flag_tc, true, 'no answer over UDP is larger than 1,232 bytes');
    const whole = ask(A_QUESTION, many, 'tcp');
    assert.equal(whole.flag_tc, false);
    assert.equal(whole.answers?.length, 60);
    const twenty = ask({ ...A_QUESTION, additionals: opt() }, () => reply(many().answers.slice(0, 20)));
    assert.ok(twenty.size > 512 && twenty.answers?.length === 20, 'what a client of EDNS takes is not cut');
  });

  it('refuses versions of EDNS that it does not know', () => {
    const answer = ask({ ...A_QUESTION, additionals: opt({ ednsVersion: 1 }) }, () => assert.fail());
    const [sent] = answer.additionals ?? [];
    assert.ok(sent?.type === 'OPT');
    assert.equal(sent.extendedRcode, 1);
    assert.equal(codeOf(answer), 'NOERROR');
  });

  it('echoes the network of the client with scope 0', () => {
    const subnet = { code: 8, ip: '192.0.2.0', sourcePrefixLength: 24, scopePrefixLength: 0 } as const;
    const answer = ask({ ...A_QUESTION, additionals: opt({ options: [subnet] }) }, () => reply([]));
    const [sent] = answer.additionals ?? [];
    assert.ok(sent?.type === 'OPT');
    assert.deepEqual(
      sent.options.map(({ code, data }) => [code, data?.toString('hex')]),
      [[8, '00011800c00002']],
    );
  });

  it('tells of a failure of its own, and does not fall over it', () => {
    const answer = ask(A_QUESTION, () => {
      throw new Error('a bug');
    });
    assert.equal(codeOf(answer), 'SERVFAIL');
  });

  it('is silent to replies, to itself above all', () => {
    const bytes = encode({ type: 'response', id: 1, questions: [{ type: 'A', name: 'a' }] });
    assert.equal(
      answerMessage(bytes, () => reply([]), 'udp'),
      undefined,
    );
    assert.equal(truncatedReply(bytes), undefined);
    assert.equal(
      answerMessage(Buffer.alloc(11), () => reply([]), 'udp'),
      undefined,
    );
  });

  it('answers anything at all within its bounds, or is silent', () => {
    const respond = ({ name }: DnsQuestion): DnsReply => reply([record(name, 'A', '127.0.0.1')]);
    const question = encode({ type: 'query', id: 9, ...A_QUESTION, additionals: opt() });
    const garbage = fc.uint8Array({ maxLength: 600 }).map((bytes) => Buffer.from(bytes));
    const damaged = fc
      .array(fc.tuple(fc.nat(question.length - 1), fc.nat(255)), { minLength: 1, maxLength: 8 })
      .map((changes) => {
        const bytes = Buffer.from(question);
        for (const [at, byte] of changes) bytes[at] = byte;
        return bytes;
      });
    fc.assert(
      fc.property(fc.oneof(garbage, damaged), (bytes) => {
        const answer = answerMessage(bytes, respond, 'udp');
        assert.ok(answer === undefined || (answer.length >= 12 && answer.length <= 1232));
        assert.ok(answer === undefined || answer.readUInt16BE(0) === bytes.readUInt16BE(0));
      }),
      { numRuns: 2000 },
    );
  });
});
