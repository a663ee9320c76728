import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import * as route53 from '@aws-sdk/client-route-53';
import { aRecord, create, refused, startRoute53 } from './route53-fixture.ts';

const HEALTH_CHECK = { Type: 'TCP', IPAddress: '127.0.0.1', Port: 80 } as const;

suite('Route 53 record sets', () => {
  test('come back as they were written, every kind of them, in order', async () => {
    await using fixture = await startRoute53();
    const { client } = fixture;
    const id = await fixture.createZone();
    const { HealthCheck: check } = await client.send(
      new route53.CreateHealthCheckCommand({ CallerReference: 'c', HealthCheckConfig: HEALTH_CHECK }),
    );
    const sets = [
      aRecord({ Name: 'a.example.com.' }),
      aRecord({ Name: 'a.example.com.', Type: 'TXT', ResourceRecords: [{ Value: '"<a> & b"' }] }),
      aRecord({
        Name: 'f.example.com.',
        SetIdentifier: 'one',
        Failover: 'PRIMARY',
        HealthCheckId: check?.Id,
      }),
      aRecord({
        Name: 'f.example.com.',
        SetIdentifier: 'two',
        Failover: 'SECONDARY',
        TTL: undefined,
        ResourceRecords: undefined,
        AliasTarget: { HostedZoneId: id, DNSName: 'a.example.com.', EvaluateTargetHealth: true },
      }),
      aRecord({ Name: 'g.example.com.', SetIdentifier: 'g', GeoLocation: { CountryCode: '*' } }),
      aRecord({ Name: 'l.example.com.', SetIdentifier: 'l', Region: 'eu-west-1' }),
      aRecord({ Name: 'm.example.com.', SetIdentifier: 'm', MultiValueAnswer: true }),
      aRecord({ Name: 'w.example.com.', SetIdentifier: 'w', Weight: 0 }),
    ];
    await fixture.change(id, ...sets.toReversed().map((set) => create(set)));
    const listed = await client.send(new route53.ListResourceRecordSetsCommand({ HostedZoneId: id }));
    const rest = (listed.ResourceRecordSets ?? []).filter(({ Name }) => Name !== 'example.com.');
    assert.deepEqual(rest, sets.map(defined));
    assert.equal(listed.MaxItems, 300);
    // Everything that is listed can be deleted as it is listed.
    await fixture.change(
      id,
      ...rest.map((ResourceRecordSet) => ({ Action: 'DELETE', ResourceRecordSet }) as const),
    );
    const { HostedZone: zone } = await client.send(new route53.GetHostedZoneCommand({ Id: id }));
    assert.equal(zone?.ResourceRecordSetCount, 2);
  });

  test('are listed in pages, from any place', async () => {
    await using fixture = await startRoute53();
    const { client } = fixture;
    const id = await fixture.createZone();
    const weighted = ['a', 'b', 'c'].map((SetIdentifier) =>
      create({ Name: 'w.example.com', SetIdentifier, Weight: 1 }),
    );
    await fixture.change(
      id,
      ...weighted,
      create({ Name: '*.example.com' }),
      create({ Name: 'a.w.example.com' }),
    );
    const names: string[] = [];
    let next: Omit<route53.ListResourceRecordSetsCommandInput, 'HostedZoneId'> | undefined = {};
    while (next !== undefined) {
      const page: route53.ListResourceRecordSetsCommandOutput = await client.send(
        new route53.ListResourceRecordSetsCommand({ HostedZoneId: id, MaxItems: 2, ...next }),
      );
      names.push(
        ...(page.ResourceRecordSets ?? []).map((set) =>
          [set.Name, set.Type, set.SetIdentifier].filter(Boolean).join(' '),
        ),
      );
      next = page.IsTruncated
        ? {
            StartRecordName: page.NextRecordName,
            StartRecordType: page.NextRecordType,
            StartRecordIdentifier: page.NextRecordIdentifier,
          }
        : undefined;
    }
    assert.deepEqual(names, [
      'example.com. NS',
      'example.com. SOA',
      '\\052.example.com. A',
      'w.example.com. A a',
      'w.example.com. A b',
      'w.example.com. A c',
      'a.w.example.com. A',
    ]);
    const from = await client.send(
      new route53.ListResourceRecordSetsCommand({ HostedZoneId: id, StartRecordName: 'x.example.com' }),
    );
    assert.deepEqual([from.ResourceRecordSets, from.IsTruncated], [[], false]);
    const typeAlone = { HostedZoneId: id, StartRecordType: 'A' } as const;
    await refused(client.send(new route53.ListResourceRecordSetsCommand(typeAlone)), 'InvalidInput');
  });

  test('are changed all together or not at all', async () => {
    await using fixture = await startRoute53();
    const { client } = fixture;
    const id = await fixture.createZone();
    const batch = [create({ Name: 'a.example.com' }), create({ Name: 'b.example.org' })];
    const error: unknown = await fixture.change(id, ...batch).then(
      () => assert.fail('the batch was taken'),
      (thrown: unknown) => thrown,
    );
    assert.ok(error instanceof route53.InvalidChangeBatch);
    assert.equal(error.message, '[RRSet with DNS name b.example.org. is not permitted in zone example.com.]');
    assert.deepEqual(error.messages, [
      'RRSet with DNS name b.example.org. is not permitted in zone example.com.',
    ]);
    const { HostedZone: zone } = await client.send(new route53.GetHostedZoneCommand({ Id: id }));
    assert.equal(zone?.ResourceRecordSetCount, 2);
  });

  test('whose members do not go together are refused by name', async () => {
    await using fixture = await startRoute53();
    const id = await fixture.createZone();
    const Name = 'a.example.com';
    const at = (identifier: string) =>
      `in Change with [Action=CREATE, Name=${Name}, Type=A, SetIdentifier=${identifier}]`;
    const content = '[AliasTarget, all of [TTL, and ResourceRecords], or TrafficPolicyInstanceId]';
    const routing = '[Weight, Region, Failover, GeoLocation, or MultiValueAnswer]';
    const AliasTarget = { HostedZoneId: id, DNSName: 'example.com', EvaluateTargetHealth: false };
    const cases: [Partial<route53.ResourceRecordSet>, string][] = [
      [
        { TTL: undefined },
        `Invalid request: Expected exactly one of ${content}, but found none ${at('null')}`,
      ],
      [
        { TTL: 1, ResourceRecords: [{ Value: '1.1.1.1' }], AliasTarget },
        `Invalid request: Expected exactly one of ${content}, but found more than one ${at('null')}`,
      ],
      [{ Weight: 1 }, `Invalid request: Missing field 'SetIdentifier' ${at('null')}`],
      [
        { SetIdentifier: 's' },
        `Invalid request: Expected exactly one of ${routing}, but found none ${at('s')}`,
      ],
      [
        { SetIdentifier: 's', Weight: 1, Failover: 'PRIMARY' },
        `Invalid request: Expected exactly one of ${routing}, but found more than one ${at('s')}`,
      ],
    ];
    for (const [set, message] of cases) {
      await refused(fixture.change(id, create({ ...set, Name })), 'InvalidInput', message);
    }
    await refused(
      fixture.change(id, create({ Name, Type: 'X' as 'A' })),
      'InvalidInput',
      /^1 validation error detected: Value 'X' at 'changeBatch.changes.1.member.resourceRecordSet.type' failed to satisfy constraint: Member must satisfy enum value set: \[/,
    );
    await refused(
      fixture.change(id, create({ Name, SetIdentifier: 's', Failover: 'PRIMARY', HealthCheckId: 'none' })),
      'NoSuchHealthCheck',
    );
    await refused(
      fixture.change(
        id,
        create({ Name, GeoProximityLocation: { AWSRegion: 'eu-west-1' }, SetIdentifier: 'g' }),
      ),
      'NotImplemented',
    );
    const nowhere = { SetIdentifier: 'g', GeoLocation: { CountryCode: 'QQ' } };
    await refused(
      fixture.change(id, create({ Name, ...nowhere })),
      'InvalidInput',
      /^Invalid request: Unknown GeoLocation \[ContinentCode=null, CountryCode=QQ, SubdivisionCode=null\]/,
    );
    await refused(
      fixture.change(id, create({ Name: '' })),
      'InvalidChangeBatch',
      "[FATAL problem: DomainNameEmpty (Domain name is empty) encountered with '']",
    );
  });

  test('come in batches of a bounded size', async () => {
    await using fixture = await startRoute53();
    const id = await fixture.createZone();
    const sets = (count: number, valueCount: number) =>
      Array.from({ length: count }, (_, index) => ({
        Name: `n${index}.example.com`,
        ResourceRecords: Array.from({ length: valueCount }, (_value, octet) => ({
          Value: `10.0.0.${octet}`,
        })),
      }));
    const records = '[Number of records limit of 1000 exceeded.]';
    await refused(fixture.change(id, ...sets(101, 10).map(create)), 'InvalidChangeBatch', records);
    const upserts = sets(51, 10).map(
      (set) => ({ Action: 'UPSERT', ResourceRecordSet: aRecord(set) }) as const,
    );
    await refused(fixture.change(id, ...upserts), 'InvalidChangeBatch', records);
    const long = Array.from({ length: 17 }, (_, index) =>
      create({
        Name: `t${index}.example.com`,
        Type: 'TXT',
        ResourceRecords: [{ Value: Array.from({ length: 8 }, () => `"${'x'.repeat(250)}"`).join(' ') }],
      }),
    );
    await refused(
      fixture.change(id, ...long),
      'InvalidChangeBatch',
      '[Number of characters limit of 32000 exceeded.]',
    );
    await fixture.change(id, ...sets(100, 10).map(create));
  });

  test('can be asked for as the name server would', async () => {
    await using fixture = await startRoute53();
    const { client } = fixture;
    const id = await fixture.createZone();
    await fixture.change(id, create({ Name: '*.example.com' }));
    const ask = (RecordName: string, RecordType: route53.RRType) =>
      client.send(new route53.TestDNSAnswerCommand({ HostedZoneId: id, RecordName, RecordType }));
    const found = await ask('www.example.com', 'A');
    assert.deepEqual(
      [found.RecordName, found.RecordType, found.RecordData, found.ResponseCode, found.Protocol],
      ['www.example.com.', 'A', ['192.0.2.1'], 'NOERROR', 'UDP'],
    );
    const none = await ask('www.example.com', 'TXT');
    assert.deepEqual([none.RecordData, none.ResponseCode], [[], 'NOERROR']);
    await fixture.change(id, { Action: 'DELETE', ResourceRecordSet: aRecord({ Name: '*.example.com' }) });
    assert.equal((await ask('www.example.com', 'A')).ResponseCode, 'NXDOMAIN');
    await refused(ask('www.example.org', 'A'), 'InvalidInput');
  });

  test('can be for the places that are listed', async () => {
    await using fixture = await startRoute53();
    const { client } = fixture;
    const places: route53.GeoLocationDetails[] = [];
    let start: route53.ListGeoLocationsCommandInput | undefined = {};
    while (start !== undefined) {
      const page: route53.ListGeoLocationsCommandOutput = await client.send(
        new route53.ListGeoLocationsCommand({ ...start, MaxItems: 70 }),
      );
      places.push(...(page.GeoLocationDetailsList ?? []));
      start = page.IsTruncated
        ? {
            StartContinentCode: page.NextContinentCode,
            StartCountryCode: page.NextCountryCode,
            StartSubdivisionCode: page.NextSubdivisionCode,
          }
        : undefined;
    }
    const codes = places.map(({ CountryCode: country, SubdivisionCode: part, ...place }) =>
      [country ?? `continent ${place.ContinentCode}`, part].filter(Boolean).join('-'),
    );
    assert.equal(new Set(codes).size, codes.length);
    assert.deepEqual(codes.slice(6, 9), ['continent SA', '*', 'AD']);
    const unnamed = places.filter(
      ({ CountryCode, CountryName }) => CountryCode === CountryName && CountryCode,
    );
    assert.deepEqual(unnamed, []);
    const get = async (input: route53.GetGeoLocationCommandInput) =>
      (await client.send(new route53.GetGeoLocationCommand(input))).GeoLocationDetails;
    assert.deepEqual(await get({ CountryCode: 'US', SubdivisionCode: 'WA' }), {
      CountryCode: 'US',
      CountryName: 'United States',
      SubdivisionCode: 'WA',
      SubdivisionName: 'Washington',
    });
    assert.deepEqual(await get({}), { CountryCode: '*', CountryName: 'Default' });
    assert.equal((await get({ ContinentCode: 'EU' }))?.ContinentName, 'Europe');
    await refused(get({ CountryCode: 'QQ' }), 'NoSuchGeoLocation');
    await refused(
      client.send(new route53.ListGeoLocationsCommand({ StartCountryCode: 'QQ' })),
      'NoSuchGeoLocation',
    );
  });
});

/** Without the members that are `undefined`. */
function defined(set: object): route53.ResourceRecordSet {
  const present = Object.entries(set).filter(([, value]) => value !== undefined);
  return Object.fromEntries(present) as unknown as route53.ResourceRecordSet;
}
