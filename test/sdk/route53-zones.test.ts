import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite, test } from 'node:test';
import * as route53 from '@aws-sdk/client-route-53';
import { startTestServer } from '../../src/testing/test-server.ts';
import { aRecord, create, refused, startRoute53 } from './route53-fixture.ts';

suite('Route 53 hosted zones', () => {
  test('come with name servers, their NS and their SOA', async () => {
    await using fixture = await startRoute53();
    const { client, server } = fixture;
    const created = await client.send(
      new route53.CreateHostedZoneCommand({
        Name: 'Example.COM',
        CallerReference: 'a',
        HostedZoneConfig: { Comment: 'mine' },
      }),
    );
    const { HostedZone: zone, DelegationSet: delegation, ChangeInfo: change, Location: location } = created;
    assert.match(zone?.Id ?? '', /^\/hostedzone\/Z[A-Z0-9]{20}$/);
    assert.equal(zone?.Name, 'example.com.');
    assert.deepEqual(zone?.Config, { Comment: 'mine', PrivateZone: false });
    assert.equal(zone?.ResourceRecordSetCount, 2);
    assert.equal(location, `${server.endpoint}/2013-04-01${zone?.Id}`);
    assert.match(change?.Id ?? '', /^\/change\/C[A-Z0-9]{20}$/);
    assert.equal(delegation?.NameServers?.length, 4);
    for (const name of delegation.NameServers)
      assert.match(name, /^ns-\d{1,4}\.awsdns-\d\d\.(com|net|org|co\.uk)$/);
    const { ResourceRecordSets: sets } = await client.send(
      new route53.ListResourceRecordSetsCommand({ HostedZoneId: zone?.Id }),
    );
    assert.deepEqual(
      sets?.map(({ Name, Type, TTL }) => [Name, Type, TTL]),
      [
        ['example.com.', 'NS', 172_800],
        ['example.com.', 'SOA', 900],
      ],
    );
    assert.deepEqual(
      sets?.[0]?.ResourceRecords?.map(({ Value }) => Value),
      delegation.NameServers.map((name) => `${name}.`),
    );
    assert.equal(
      sets?.[1]?.ResourceRecords?.[0]?.Value,
      `${delegation.NameServers[0]}. awsdns-hostmaster.amazon.com. 1 7200 900 1209600 86400`,
    );
    const { ChangeInfo: seen } = await client.send(new route53.GetChangeCommand({ Id: change?.Id }));
    assert.equal(seen?.Status, 'INSYNC');
    assert.deepEqual(seen?.SubmittedAt, change?.SubmittedAt);
    const got = await client.send(new route53.GetHostedZoneCommand({ Id: zone?.Id }));
    assert.deepEqual(got.HostedZone, zone);
    assert.deepEqual(got.DelegationSet, delegation);
  });

  test('are known by their reference, and are deleted only when they are empty', async () => {
    await using fixture = await startRoute53();
    const { client } = fixture;
    const input = { Name: 'example.com', CallerReference: 'once' };
    const { HostedZone: zone } = await client.send(new route53.CreateHostedZoneCommand(input));
    const Id = zone?.Id;
    await refused(
      client.send(new route53.CreateHostedZoneCommand(input)),
      'HostedZoneAlreadyExists',
      'A hosted zone has already been created with the specified caller reference.',
    );
    await fixture.change(Id ?? '', create({ Name: 'www.example.com' }));
    await refused(
      client.send(new route53.DeleteHostedZoneCommand({ Id })),
      'HostedZoneNotEmpty',
      'The specified hosted zone contains non-required resource record sets and so cannot be deleted.',
    );
    await fixture.change(Id ?? '', {
      Action: 'DELETE',
      ResourceRecordSet: aRecord({ Name: 'www.example.com' }),
    });
    await client.send(new route53.DeleteHostedZoneCommand({ Id }));
    await refused(
      client.send(new route53.GetHostedZoneCommand({ Id })),
      'NoSuchHostedZone',
      `No hosted zone found with ID: ${Id?.replace('/hostedzone/', '')}`,
    );
    const { HostedZoneCount: count } = await client.send(new route53.GetHostedZoneCountCommand({}));
    assert.equal(count, 0);
  });

  test('are listed in pages, by id and by name from the right', async () => {
    await using fixture = await startRoute53();
    const { client } = fixture;
    for (const name of ['b.example', 'z.a.example', 'a.example', 'example']) await fixture.createZone(name);
    const ids: string[] = [];
    for await (const page of route53.paginateListHostedZones({ client, pageSize: 3 }, {})) {
      ids.push(...(page.HostedZones ?? []).map(({ Id = '' }) => Id));
    }
    assert.deepEqual(
      ids,
      ids.toSorted((a, b) => (a < b ? -1 : 1)),
    );
    assert.equal(ids.length, 4);
    const first = await client.send(new route53.ListHostedZonesByNameCommand({ MaxItems: 2 }));
    assert.deepEqual(
      first.HostedZones?.map(({ Name }) => Name),
      ['example.', 'a.example.'],
    );
    assert.equal(first.IsTruncated, true);
    assert.equal(first.NextDNSName, 'z.a.example.');
    const rest = await client.send(
      new route53.ListHostedZonesByNameCommand({
        DNSName: first.NextDNSName,
        HostedZoneId: first.NextHostedZoneId,
      }),
    );
    assert.deepEqual(
      rest.HostedZones?.map(({ Name }) => Name),
      ['z.a.example.', 'b.example.'],
    );
    assert.equal(rest.IsTruncated, false);
    await refused(client.send(new route53.ListHostedZonesCommand({ MaxItems: 0 })), 'InvalidInput');
  });

  test('have comments and tags', async () => {
    await using fixture = await startRoute53();
    const { client } = fixture;
    const id = await fixture.createZone();
    await client.send(new route53.UpdateHostedZoneCommentCommand({ Id: id, Comment: 'new' }));
    const got = await client.send(new route53.GetHostedZoneCommand({ Id: id }));
    assert.equal(got.HostedZone?.Config?.Comment, 'new');
    const resource = { ResourceType: 'hostedzone', ResourceId: id } as const;
    await client.send(
      new route53.ChangeTagsForResourceCommand({
        ...resource,
        AddTags: [
          { Key: '__proto__', Value: 'a' },
          { Key: 'b', Value: '' },
        ],
      }),
    );
    await client.send(
      new route53.ChangeTagsForResourceCommand({
        ...resource,
        AddTags: [{ Key: 'c' }],
        RemoveTagKeys: ['b'],
      }),
    );
    const { ResourceTagSet: one } = await client.send(new route53.ListTagsForResourceCommand(resource));
    const expected = {
      ...resource,
      Tags: [
        { Key: '__proto__', Value: 'a' },
        { Key: 'c', Value: '' },
      ],
    };
    assert.deepEqual(one, expected);
    const { ResourceTagSets: many } = await client.send(
      new route53.ListTagsForResourcesCommand({ ResourceType: 'hostedzone', ResourceIds: [id] }),
    );
    assert.deepEqual(many, [expected]);
    const tags = Array.from({ length: 10 }, (_, index) => ({ Key: `k${index}`, Value: '' }));
    for (let round = 0; round < 4; round += 1) {
      const AddTags = tags.map(({ Key }) => ({ Key: `${Key}-${round}`, Value: '' }));
      await client.send(new route53.ChangeTagsForResourceCommand({ ...resource, AddTags }));
    }
    await refused(
      client.send(new route53.ChangeTagsForResourceCommand({ ...resource, AddTags: tags })),
      'InvalidInput',
    );
  });

  test('belong to their account, whatever region is signed', async () => {
    await using fixture = await startRoute53();
    const id = await fixture.createZone();
    const elsewhere = new route53.Route53Client(fixture.server.clientConfig({ region: 'eu-west-1' }));
    const got = await elsewhere.send(new route53.GetHostedZoneCommand({ Id: id }));
    assert.equal(got.HostedZone?.Name, 'example.com.');
    const stranger = new route53.Route53Client(fixture.server.clientConfig({ accessKeyId: '111111111111' }));
    await refused(stranger.send(new route53.GetHostedZoneCommand({ Id: id })), 'NoSuchHostedZone');
    elsewhere.destroy();
    stranger.destroy();
  });

  test('have limits that can be asked for, and no signatures', async () => {
    await using fixture = await startRoute53();
    const { client } = fixture;
    const id = await fixture.createZone();
    const account = await client.send(
      new route53.GetAccountLimitCommand({ Type: 'MAX_HOSTED_ZONES_BY_OWNER' }),
    );
    assert.deepEqual([account.Limit?.Value, account.Count], [500, 1]);
    const zone = await client.send(
      new route53.GetHostedZoneLimitCommand({ HostedZoneId: id, Type: 'MAX_RRSETS_BY_ZONE' }),
    );
    assert.deepEqual([zone.Limit?.Value, zone.Count], [10_000, 2]);
    const signing = await client.send(new route53.GetDNSSECCommand({ HostedZoneId: id }));
    assert.equal(signing.Status?.ServeSignature, 'NOT_SIGNING');
  });

  test('are refused for names that are none, and for what is not built', async () => {
    await using fixture = await startRoute53();
    const { client } = fixture;
    await refused(fixture.createZone('a..b'), 'InvalidDomainName');
    await refused(fixture.createZone(`${'a'.repeat(64)}.b`), 'InvalidDomainName');
    const VPC = { VPCId: 'vpc-1', VPCRegion: 'us-east-1' } as const;
    const call = client.send(new route53.CreateHostedZoneCommand({ Name: 'a.b', CallerReference: 'c', VPC }));
    await refused(call, 'NotImplemented', /private hosted zone/);
    await refused(client.send(new route53.ListTrafficPoliciesCommand({})), 'NotImplemented');
  });

  test('outlive the server, with their record sets, tags and changes', async (t) => {
    const dataDir = mkdtempSync(join(tmpdir(), 'millrace-'));
    t.after(() => rmSync(dataDir, { recursive: true }));
    const settings = { memory: false, dataDir };
    let before: unknown;
    let id = '';
    {
      await using fixture = await startRoute53({ settings });
      id = await fixture.createZone();
      await fixture.change(id, create({ Name: '*.example.com' }), create({ Name: 'gone.example.com' }));
      await fixture.change(id, {
        Action: 'DELETE',
        ResourceRecordSet: aRecord({ Name: 'gone.example.com' }),
      });
      before = (await fixture.client.send(new route53.ListResourceRecordSetsCommand({ HostedZoneId: id })))
        .ResourceRecordSets;
    }
    await using fixture = await startRoute53({ settings });
    const { ResourceRecordSets: after } = await fixture.client.send(
      new route53.ListResourceRecordSetsCommand({ HostedZoneId: id }),
    );
    assert.deepEqual(after, before);
    assert.equal(after?.length, 3);
  });

  test('are for those who sign, where signatures are verified', async () => {
    const root = { accessKeyId: 'AKIAROOTROOTROOTROOT', secretAccessKey: 'a-secret-of-twenty-characters' };
    const settings = {
      auth: 'verify',
      rootAccessKeyId: root.accessKeyId,
      rootSecretAccessKey: root.secretAccessKey,
    } as const;
    await using server = await startTestServer({ settings });
    const createAs = async (credentials: typeof root) => {
      const client = new route53.Route53Client({ ...server.clientConfig(), credentials, maxAttempts: 1 });
      const command = new route53.CreateHostedZoneCommand({ Name: 'a.b', CallerReference: 'c' });
      return client.send(command).finally(() => client.destroy());
    };
    await refused(
      createAs({ ...root, secretAccessKey: 'another-secret-of-twenty' }),
      'SignatureDoesNotMatch',
    );
    await refused(createAs({ ...root, accessKeyId: 'AKIASTRANGERSTRANGER' }), 'InvalidClientTokenId');
    const unsigned = await fetch(`${server.endpoint}/2013-04-01/hostedzone`);
    assert.equal(unsigned.status, 403);
    assert.match(await unsigned.text(), /<Code>MissingAuthenticationToken<\/Code>/);
    const { HostedZone: zone } = await createAs(root);
    assert.equal(zone?.Name, 'a.b.');
  });
});
