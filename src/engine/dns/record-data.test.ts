import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { recordDataProblem } from './record-data.ts';

const GOOD: readonly [string, string][] = [
  ['A', '192.0.2.1'],
  ['AAAA', '2001:db8::1'],
  ['AAAA', '::ffff:192.0.2.1'],
  ['CNAME', 'www.example.com'],
  ['NS', 'ns1.example.com.'],
  ['PTR', 'host.example.com'],
  ['MX', '10 mail.example.com'],
  ['MX', '0 .'],
  ['SRV', '10 5 80 host.example.com.'],
  ['TXT', '"v=spf1 -all"'],
  ['TXT', '"one" "two with \\"quotes\\" and \\344"'],
  ['TXT', `"${'a'.repeat(255)}" "${'b'.repeat(255)}"`],
  ['TXT', '""'],
  ['SPF', '"v=spf1 -all"'],
  ['SOA', 'ns1.example.com. host.example.com. 1 7200 900 1209600 86400'],
  ['CAA', '0 issue "ca.example.com; a=b"'],
  ['NAPTR', '100 50 "u" "E2U+sip" "!^.*$!sip:a@example.com!" .'],
  ['DS', '12345 13 2 0123456789ABCDEF'],
  ['SSHFP', '1 1 0123456789abcdef'],
  ['TLSA', '3 1 1 0123456789abcdef'],
  ['HTTPS', '1 . alpn="h2,h3" port=443'],
];

const BAD: readonly [string, string, RegExp][] = [
  ['A', 'host.example.com', /^ARRDATAIllegalIPv4Address \(Value is not a valid IPv4 address\)$/],
  ['A', '1.2.3', /^ARRDATAIllegalIPv4Address/],
  ['A', '1.2.3.4 ', /^ARRDATAIllegalIPv4Address/],
  ['AAAA', '1.2.3.4', /^AAAARRDATAIllegalIPv6Address/],
  ['AAAA', 'fe80::1%eth0', /^AAAARRDATAIllegalIPv6Address/],
  ['CNAME', '', /^DomainNameEmpty/],
  ['CNAME', 'a..b', /^DomainLabelEmpty/],
  ['MX', 'mail.example.com', /^MXRRDATAInvalidFields/],
  ['MX', '70000 mail.example.com', /^InvalidNumber/],
  ['MX', '10 a b', /^MXRRDATAInvalidFields/],
  ['TXT', 'v=spf1', /^InvalidCharacterString \(Value should be enclosed in quotation marks\)$/],
  ['TXT', '"a" b', /^InvalidCharacterString/],
  ['TXT', '"a"b"', /^InvalidCharacterString/],
  ['TXT', '"a""b"', /^InvalidCharacterString/],
  ['TXT', '"open', /^InvalidCharacterString/],
  ['TXT', '"open\\"', /^InvalidCharacterString/],
  ['TXT', '', /^InvalidCharacterString/],
  ['TXT', `"${'a'.repeat(256)}"`, /^CharacterStringTooLong \(Value is too long\)$/],
  ['TXT', '"ä"', /^UnsupportedCharacter/],
  ['CAA', '0 issue ca.example.com', /^InvalidCharacterString/],
  ['CAA', '256 issue "a"', /^InvalidNumber/],
  ['DS', '1 1 1 xyz', /^InvalidHexString/],
  ['SOA', 'ns1. host. 1 2 3 4', /^SOARRDATAInvalidFields/],
];

suite('values of records', () => {
  test('are taken in the form of their type', () => {
    for (const [type, value] of GOOD)
      assert.equal(recordDataProblem(type, value), undefined, `${type} ${value}`);
  });

  test('are refused with the problem that Route 53 names', () => {
    for (const [type, value, problem] of BAD) {
      assert.match(recordDataProblem(type, value) ?? 'none', problem, `${type} ${value}`);
    }
  });

  test('made of nothing but quotes, backslashes and spaces are refused, too', () => {
    for (const value of ['"\\'.repeat(2000), '"'.repeat(3999), ' '.repeat(4000), '\\'.repeat(4000)]) {
      assert.notEqual(recordDataProblem('TXT', value), undefined);
    }
  });
});
