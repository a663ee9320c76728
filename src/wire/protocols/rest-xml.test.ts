import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import fc from 'fast-check';
import { model } from '../../api/route53.ts';
import { AwsError } from '../../base/errors.ts';
import { authorization, createTestWire, testRequest } from '../../testing/wire-fixture.ts';
import type { Seen } from '../../testing/wire-fixture.ts';
import { RestXml } from './rest-xml.ts';
import { parseXml } from './xml-parse.ts';

const NAMESPACE = 'https://route53.amazonaws.com/doc/2013-04-01/';
const headers = { authorization: authorization('route53') };

function decode(operation: string, text: string, labels: readonly [string, string][] = []): unknown {
  const codec = new RestXml(model).operation(operation, model.operations[operation] ?? assert.fail());
  return structuredClone(codec.decode(testRequest({ text }), new Map(labels)));
}

suite('REST XML', () => {
  test('takes a document without a content type, with labels from the path, and answers one with headers', async () => {
    const seen: Seen[] = [];
    const wire = createTestWire(
      {
        handlers: {
          'route53:CreateHostedZone': () => ({
            HostedZone: { Id: '/hostedzone/Z1', Name: 'a&b.', CallerReference: 'c' },
            ChangeInfo: { Id: '/change/C1', Status: 'INSYNC', SubmittedAt: 1_700_000_000_123 },
            DelegationSet: { NameServers: ['ns1.', 'ns2.'] },
            Location: 'http://x/2013-04-01/hostedzone/Z1',
          }),
        },
      },
      seen,
    );
    const text = `<CreateHostedZoneRequest xmlns="${NAMESPACE}"><Name>a&amp;b</Name><CallerReference>c</CallerReference></CreateHostedZoneRequest>`;
    const answer = await wire.handle(testRequest({ url: '/2013-04-01/hostedzone', headers, text }));
    assert.equal(answer.status, 201, String(answer.body));
    assert.equal(answer.headers['Content-Type'], 'text/xml');
    assert.equal(answer.headers['Location'], 'http://x/2013-04-01/hostedzone/Z1');
    assert.equal(
      answer.body,
      `<?xml version="1.0"?>\n<CreateHostedZoneResponse xmlns="${NAMESPACE}">` +
        '<ChangeInfo><Id>/change/C1</Id><Status>INSYNC</Status><SubmittedAt>2023-11-14T22:13:20.123Z</SubmittedAt></ChangeInfo>' +
        '<DelegationSet><NameServers><NameServer>ns1.</NameServer><NameServer>ns2.</NameServer></NameServers></DelegationSet>' +
        '<HostedZone><CallerReference>c</CallerReference><Id>/hostedzone/Z1</Id><Name>a&amp;b.</Name></HostedZone>' +
        '</CreateHostedZoneResponse>',
    );
    assert.deepEqual(seen[0]?.input, { Name: 'a&b', CallerReference: 'c' });
  });

  test('reads numbers, Booleans, lists and nested structures by the model', () => {
    const record =
      '<Name>a.</Name><Type>A</Type><TTL>60</TTL><MultiValueAnswer>true</MultiValueAnswer>' +
      '<ResourceRecords><ResourceRecord><Value><![CDATA["a"]]></Value></ResourceRecord></ResourceRecords>';
    const changes = `<Change><Action>CREATE</Action><ResourceRecordSet>${record}</ResourceRecordSet></Change>`;
    const text = `<r:ChangeResourceRecordSetsRequest xmlns:r="${NAMESPACE}" xmlns="${NAMESPACE}">\n <ChangeBatch><Changes>${changes}</Changes></ChangeBatch>\n</r:ChangeResourceRecordSetsRequest>`;
    assert.deepEqual(decode('ChangeResourceRecordSets', text, [['Id', 'Z1']]), {
      HostedZoneId: 'Z1',
      ChangeBatch: {
        Changes: [
          {
            Action: 'CREATE',
            ResourceRecordSet: {
              Name: 'a.',
              Type: 'A',
              TTL: 60,
              MultiValueAnswer: true,
              ResourceRecords: [{ Value: '"a"' }],
            },
          },
        ],
      },
    });
  });

  test('refuses what is no document of the operation, in the words of Route 53', () => {
    const wrap = (inner: string): string => `<CreateHostedZoneRequest>${inner}</CreateHostedZoneRequest>`;
    const cases: [string, string, RegExp][] = [
      ['<ChangeBatch/>', 'MalformedInput', /^ChangeBatch is not valid, expected CreateHostedZoneRequest$/],
      [wrap('<Nam>a</Nam>'), 'InvalidInput', /Invalid content was found starting with element 'Nam'/],
      [wrap('<Name>a</Name><Name>b</Name>'), 'InvalidInput', /starting with element 'Name'/],
      [wrap('<Name><b/></Name>'), 'InvalidInput', /starting with element 'b'/],
      [
        wrap('<HostedZoneConfig><PrivateZone>ja</PrivateZone></HostedZoneConfig>'),
        'InvalidInput',
        /'ja' is no Boolean/,
      ],
      ['<CreateHostedZoneRequest>', 'InvalidInput', /^Invalid XML ; /],
      ['{}', 'InvalidInput', /^Invalid XML ; /],
    ];
    for (const [text, code, message] of cases) {
      assert.throws(() => decode('CreateHostedZone', text), { code, message }, text);
    }
  });

  test('writes errors with what they have besides a message', () => {
    const error = new AwsError('InvalidChangeBatch', '[a, b]', { members: { messages: ['a', 'b'] } });
    const answer = new RestXml(model).error(error, 'r');
    assert.equal(answer.status, 400);
    assert.equal(
      answer.body,
      `<?xml version="1.0"?>\n<ErrorResponse xmlns="${NAMESPACE}"><Error><Type>Sender</Type><Code>InvalidChangeBatch</Code>` +
        '<Message>[a, b]</Message><messages><Message>a</Message><Message>b</Message></messages></Error>' +
        '<RequestId>r</RequestId></ErrorResponse>',
    );
    const missing = new RestXml(model).error(new AwsError('NoSuchHostedZone', 'No hosted zone'), 'r');
    assert.equal(missing.status, 404);
  });

  test('validates with the code of Route 53, and names the members as it does', async () => {
    const wire = createTestWire({ handlers: { 'route53:CreateHostedZone': () => ({}) } }, []);
    const text = '<CreateHostedZoneRequest><Name>a</Name></CreateHostedZoneRequest>';
    const answer = await wire.handle(testRequest({ url: '/2013-04-01/hostedzone', headers, text }));
    assert.equal(answer.status, 400);
    assert.match(
      String(answer.body),
      /<Code>InvalidInput<\/Code><Message>1 validation error detected: Value null at &apos;callerReference&apos; failed/,
    );
  });
});

suite('XML from callers', () => {
  test('is read or refused, whatever it is', () => {
    const markup =
      '<a> </a> <b_x="1"> </b> <a/> &lt; &#0; &x; <![CDATA[ ]]> <!-- --> <?xml_version="1.0"?> <?p?>';
    const pieces = markup.split(' ').map((piece) => piece.replace('_', ' '));
    const piece = fc.constantFrom(
      ...pieces,
      '<!DOCTYPE a>',
      '\u0000',
      ' ',
      'x',
      '<',
      '>',
      '"',
      ':',
      'xmlns:a="u"',
    );
    fc.assert(
      fc.property(
        fc.oneof(
          fc.array(piece).map((parts) => parts.join('')),
          fc.string(),
        ),
        (text) => {
          try {
            assert.equal(typeof parseXml(text).name, 'string');
          } catch (error) {
            assert.ok(error instanceof AwsError, String(error));
            assert.equal(error.code, 'InvalidInput');
          }
        },
      ),
      { numRuns: 2000 },
    );
  });

  test('has no document type and no entities but those of XML itself', () => {
    const bomb = '<!DOCTYPE a [<!ENTITY b "bbbb"><!ENTITY c "&b;&b;">]><a>&c;</a>';
    assert.throws(() => parseXml(bomb), { code: 'InvalidInput', message: /DOCTYPE is disallowed/ });
    assert.throws(() => parseXml('<!DOCTYPE a SYSTEM "file:///etc/passwd"><a/>'), { code: 'InvalidInput' });
    assert.throws(() => parseXml('<a>&b;</a>'), { code: 'InvalidInput' });
    assert.equal(parseXml('<a>&lt;&#65;</a>').text, '<A');
  });

  test('is bounded in depth and in elements', () => {
    const nested = (depth: number): string => '<a>'.repeat(depth) + '</a>'.repeat(depth);
    assert.equal(parseXml(nested(32)).name, 'a');
    assert.throws(() => parseXml(nested(33)), { code: 'InvalidInput', message: /nested 32 levels/ });
    assert.throws(() => parseXml(nested(1_000_000)), { code: 'InvalidInput' });
    assert.throws(() => parseXml(`<a>${'<b/>'.repeat(100_000)}</a>`), { code: 'InvalidInput' });
  });
});
