import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import '@aws-sdk/signature-v4a';
import * as eb from '@aws-sdk/client-eventbridge';
import { CreateHealthCheckCommand, Route53Client, UpdateHealthCheckCommand } from '@aws-sdk/client-route-53';
import { RegionPair } from '../../src/testing/region-pair.ts';
import { startTestServer, type TestServer } from '../../src/testing/test-server.ts';
import { ENTRY, refusal } from './events-fixture.ts';

const EAST = 'us-east-1';
const WEST = 'us-west-2';
const ACCOUNT = '000000000000';
const BUS = 'orders';
const ROLE_ARN = `arn:aws:iam::${ACCOUNT}:role/replication`;
const CHECK_ARN = 'arn:aws:route53:::healthcheck/0a1b2c3d-0000-4000-8000-000000000000';

const busArn = (region: string, name = BUS, account = ACCOUNT): string =>
  `arn:aws:events:${region}:${account}:event-bus/${name}`;

const routing = (healthCheck = CHECK_ARN, route = WEST): eb.RoutingConfig => ({
  FailoverConfig: { Primary: { HealthCheck: healthCheck }, Secondary: { Route: route } },
});

const ENDPOINT: eb.CreateEndpointCommandInput = {
  Name: 'shop',
  RoutingConfig: routing(),
  EventBuses: [{ EventBusArn: busArn(EAST) }, { EventBusArn: busArn(WEST) }],
  RoleArn: ROLE_ARN,
};

const clientOf = (server: TestServer, region: string, options: eb.EventBridgeClientConfig = {}) =>
  new eb.EventBridgeClient({ ...server.clientConfig({ region }), maxAttempts: 1, ...options });

/** One process that serves both regions, with a bus in each. */
async function startBoth(options: eb.EventBridgeClientConfig = {}, settings = {}) {
  const server = await startTestServer({ settings });
  const [east, west] = [EAST, WEST].map((region) => clientOf(server, region, options)) as [
    eb.EventBridgeClient,
    eb.EventBridgeClient,
  ];
  for (const client of [east, west]) await client.send(new eb.CreateEventBusCommand({ Name: BUS }));
  return { server, east, west, [Symbol.asyncDispose]: () => server.close() };
}

suite('the operations of global endpoints', () => {
  test('create, describe, update, list and delete', async () => {
    await using both = await startBoth();
    const { east, west } = both;
    const created = await east.send(new eb.CreateEndpointCommand({ ...ENDPOINT, Description: 'first' }));
    const arn = `arn:aws:events:${EAST}:${ACCOUNT}:endpoint/shop`;
    const expected = {
      Name: 'shop',
      Arn: arn,
      RoutingConfig: routing(),
      ReplicationConfig: { State: 'ENABLED' },
      EventBuses: ENDPOINT.EventBuses,
      RoleArn: ROLE_ARN,
      State: 'ACTIVE',
    };
    const { $metadata: _, ...answered } = created;
    assert.deepEqual(answered, expected);
    for (const client of [east, west]) {
      const { $metadata: __, ...found } = await client.send(new eb.DescribeEndpointCommand({ Name: 'shop' }));
      const { EndpointId: id, EndpointUrl: url, CreationTime: at, LastModifiedTime: last, ...rest } = found;
      assert.match(id ?? '', /^[a-z0-9]{10}\.veo$/);
      assert.equal(url, `https://${id}.endpoint.events.amazonaws.com`);
      assert.ok(at instanceof Date && last instanceof Date);
      assert.deepEqual(rest, { ...expected, Description: 'first' });
    }
    const disabled = { Name: 'shop', ReplicationConfig: { State: 'DISABLED' } } as const;
    const updated = await east.send(new eb.UpdateEndpointCommand(disabled));
    assert.deepEqual(updated.ReplicationConfig, { State: 'DISABLED' });
    assert.equal(updated.RoleArn, ROLE_ARN);
    await east.send(new eb.DeleteEndpointCommand({ Name: 'shop' }));
    assert.deepEqual(await refusal(east.send(new eb.DescribeEndpointCommand({ Name: 'shop' }))), [
      'ResourceNotFoundException',
      'Endpoint shop does not exist.',
    ]);
  });

  test('list in pages, by prefix and by home region, in either region', async () => {
    await using both = await startBoth();
    const { east, west } = both;
    for (const name of ['a-1', 'a-2', 'b-1']) {
      await east.send(new eb.CreateEndpointCommand({ ...ENDPOINT, Name: name }));
    }
    await west.send(
      new eb.CreateEndpointCommand({ ...ENDPOINT, Name: 'a-1', RoutingConfig: routing(CHECK_ARN, EAST) }),
    );
    const list = async (input: eb.ListEndpointsCommandInput) => {
      const arns: (string | undefined)[] = [];
      let token: string | undefined;
      do {
        const page = await west.send(
          new eb.ListEndpointsCommand({ ...input, MaxResults: 2, NextToken: token }),
        );
        arns.push(...(page.Endpoints ?? []).map(({ Arn: arn }) => arn?.split(':').slice(3).join(':')));
        token = page.NextToken;
      } while (token !== undefined);
      return arns;
    };
    const of = (region: string, name: string) => `${region}:${ACCOUNT}:endpoint/${name}`;
    const all = [of(EAST, 'a-1'), of(WEST, 'a-1'), of(EAST, 'a-2'), of(EAST, 'b-1')];
    assert.deepEqual(await list({}), all);
    assert.deepEqual(await list({ NamePrefix: 'a' }), all.slice(0, 3));
    assert.deepEqual(await list({ HomeRegion: WEST }), [of(WEST, 'a-1')]);
    const home = new eb.DescribeEndpointCommand({ Name: 'a-1', HomeRegion: EAST });
    assert.equal((await west.send(home)).Arn, `arn:aws:events:${of(EAST, 'a-1')}`);
  });

  test('refuse what does not make an endpoint', async () => {
    await using both = await startBoth();
    const { east, west } = both;
    const create = (change: Partial<eb.CreateEndpointCommandInput>) =>
      refusal(east.send(new eb.CreateEndpointCommand({ ...ENDPOINT, ...change })));
    const buses = (...arns: string[]) => ({ EventBuses: arns.map((arn) => ({ EventBusArn: arn })) });
    const wrong: [Partial<eb.CreateEndpointCommandInput>, RegExp][] = [
      [{ RoleArn: undefined }, /RoleArn is required/],
      [buses(busArn(EAST)), /'eventBuses' failed to satisfy constraint/],
      [buses(busArn(EAST), busArn(EAST)), /in different Regions/],
      [buses(busArn(EAST), busArn(WEST, 'other')), /names of the event buses must be identical/],
      [buses(busArn(EAST), busArn(WEST, BUS, '111111111111')), /in the account 000000000000/],
      [buses(busArn('eu-west-1'), busArn(WEST)), /in the Region us-east-1/],
      [{ RoutingConfig: routing(CHECK_ARN, 'eu-west-1') }, /secondary Region must be us-west-2/],
      [{ RoutingConfig: routing('arn:aws:iam::0:role/x') }, /failed to satisfy constraint/],
    ];
    for (const [change, message] of wrong) {
      const [code, text] = await create(change);
      assert.equal(code, 'ValidationException');
      assert.match(text, message);
    }
    assert.deepEqual(await create(buses(busArn(EAST, 'none'), busArn(WEST, 'none'))), [
      'ResourceNotFoundException',
      'Event bus none does not exist.',
    ]);
    await east.send(new eb.CreateEndpointCommand(ENDPOINT));
    assert.deepEqual(await create({}), ['ResourceAlreadyExistsException', 'Endpoint shop already exists.']);
    const elsewhere = [
      new eb.UpdateEndpointCommand({ Name: 'shop' }),
      new eb.DeleteEndpointCommand({ Name: 'shop' }),
    ];
    for (const command of elsewhere) {
      const [code] = await refusal(west.send(command as eb.DeleteEndpointCommand));
      assert.equal(code, 'ResourceNotFoundException');
    }
  });

  test('take a hundred endpoints of an account in a region', async () => {
    await using both = await startBoth();
    for (let index = 0; index < 100; index += 1) {
      await both.east.send(new eb.CreateEndpointCommand({ ...ENDPOINT, Name: `e-${index}` }));
    }
    const [code] = await refusal(both.east.send(new eb.CreateEndpointCommand(ENDPOINT)));
    assert.equal(code, 'LimitExceededException');
  });
});

suite('the rule that replicates the events of a global endpoint', () => {
  test('is shown in both regions, and its users cannot change it', async () => {
    await using both = await startBoth();
    await both.east.send(new eb.CreateEndpointCommand(ENDPOINT));
    for (const [client, other] of [
      [both.east, WEST],
      [both.west, EAST],
    ] as const) {
      const { Rules: rules = [] } = await client.send(new eb.ListRulesCommand({ EventBusName: BUS }));
      assert.deepEqual(
        rules.map(({ ManagedBy: by }) => by),
        ['events.amazonaws.com'],
      );
      const { Name: name = '', Arn: arn } = rules[0] ?? {};
      const of = { Rule: name, EventBusName: BUS };
      const { Targets: targets } = await client.send(new eb.ListTargetsByRuleCommand(of));
      assert.deepEqual(targets, [{ Id: other, Arn: busArn(other), RoleArn: ROLE_ARN }]);
      const named = { Name: name, EventBusName: BUS };
      const changes = [
        client.send(new eb.DeleteRuleCommand({ ...named, Force: true })),
        client.send(new eb.DisableRuleCommand(named)),
        client.send(new eb.EnableRuleCommand(named)),
        client.send(new eb.PutRuleCommand({ ...named, EventPattern: '{"source":["x"]}' })),
        client.send(new eb.RemoveTargetsCommand({ ...of, Ids: [other] })),
        client.send(
          new eb.PutTargetsCommand({ ...of, Targets: [{ Id: 'x', Arn: busArn(other), RoleArn: ROLE_ARN }] }),
        ),
        client.send(new eb.TagResourceCommand({ ResourceARN: arn, Tags: [{ Key: 'a', Value: 'b' }] })),
        client.send(new eb.UntagResourceCommand({ ResourceARN: arn, TagKeys: ['a'] })),
      ];
      for (const change of changes) assert.equal((await refusal(change))[0], 'ManagedRuleException');
      const [code] = await refusal(client.send(new eb.DeleteEventBusCommand({ Name: BUS })));
      assert.equal(code, 'ValidationException');
    }
    await both.east.send(
      new eb.UpdateEndpointCommand({ Name: 'shop', ReplicationConfig: { State: 'DISABLED' } }),
    );
    const { Rules: rules } = await both.west.send(new eb.ListRulesCommand({ EventBusName: BUS }));
    assert.deepEqual(rules, []);
  });
});

/** The events of a bus that its region has taken, as `millrace tail` sees them. */
async function taken(
  server: TestServer,
  region: string,
): Promise<{ id: string; region: string; resources: string[] }[]> {
  const page = `${server.endpoint}/_millrace/events?account=${ACCOUNT}&region=${region}&bus=${BUS}&after=none`;
  const { events } = (await (await fetch(page)).json()) as { events: { text: string }[] };
  return events.map(({ text }) => JSON.parse(text) as { id: string; region: string; resources: string[] });
}

const putOne = (EndpointId: string | undefined, source = ENTRY.Source) =>
  new eb.PutEventsCommand({ EndpointId, Entries: [{ ...ENTRY, Source: source, EventBusName: BUS }] });

const idOf = async (client: eb.EventBridgeClient): Promise<string> =>
  (await client.send(new eb.DescribeEndpointCommand({ Name: 'shop' }))).EndpointId ?? '';

suite('PutEvents with an EndpointId', () => {
  test('reaches both buses of one process with one id, by an unchanged client that signs for all regions', async () => {
    await using both = await startBoth();
    await both.east.send(new eb.CreateEndpointCommand(ENDPOINT));
    const endpointId = await idOf(both.east);
    const { Entries: [answer] = [] } = await both.west.send(putOne(endpointId));
    for (const region of [EAST, WEST]) {
      const [event, ...others] = await taken(both.server, region);
      assert.deepEqual(others, []);
      assert.equal(event?.id, answer?.EventId);
      assert.equal(event?.region, EAST);
      assert.deepEqual(event?.resources, [`arn:aws:events:${EAST}:${ACCOUNT}:endpoint/shop`]);
    }
  });

  test('is known by the host name alone', async () => {
    await using both = await startBoth();
    await both.east.send(new eb.CreateEndpointCommand(ENDPOINT));
    const endpointId = await idOf(both.east);
    for (const domain of ['amazonaws.com', 'localhost']) {
      const client = clientOf(both.server, WEST);
      client.middlewareStack.add(
        (next) => (args) => {
          (args.request as { headers: Record<string, string> }).headers['host'] =
            `${endpointId}.endpoint.events.${domain}`;
          return next(args);
        },
        { step: 'build', priority: 'low' },
      );
      const { FailedEntryCount: failed } = await client.send(putOne(undefined));
      assert.equal(failed, 0);
    }
    assert.equal((await taken(both.server, EAST)).length, 2);
    assert.equal((await taken(both.server, WEST)).length, 2);
  });

  test('is refused for an endpoint that does not exist, and for events of AWS', async () => {
    await using both = await startBoth();
    assert.deepEqual(await refusal(both.east.send(putOne('none.veo'))), [
      'ResourceNotFoundException',
      'Endpoint none.veo does not exist.',
    ]);
    await both.east.send(new eb.CreateEndpointCommand(ENDPOINT));
    const { Entries: entries } = await both.east.send(putOne(await idOf(both.east), 'aws.ec2'));
    assert.equal(entries?.[0]?.ErrorCode, 'NotAuthorizedForSource');
  });

  test('is verified where the key is known', async () => {
    const root = { accessKeyId: 'AKIAROOTROOTROOTROOT', secretAccessKey: 'a-secret-of-twenty-characters' };
    const settings = {
      auth: 'verify',
      rootAccessKeyId: root.accessKeyId,
      rootSecretAccessKey: root.secretAccessKey,
    };
    await using both = await startBoth({ credentials: root }, settings);
    await both.east.send(new eb.CreateEndpointCommand(ENDPOINT));
    const endpointId = await idOf(both.east);
    const put = (options: eb.EventBridgeClientConfig) =>
      clientOf(both.server, WEST, { credentials: root, ...options }).send(putOne(endpointId));
    const { FailedEntryCount: failed } = await put({});
    assert.equal(failed, 0);
    const forged = { credentials: { ...root, secretAccessKey: 'another-secret-of-twenty' } };
    assert.equal((await refusal(put(forged)))[0], 'InvalidSignatureException');
    const stranger = { credentials: { ...root, accessKeyId: 'AKIASTRANGERSTRANGER' } };
    assert.equal((await refusal(put(stranger)))[0], 'UnrecognizedClientException');
  });
});

suite('a global endpoint over two processes', () => {
  test('follows the health of its primary region, and the death of its process', async () => {
    await using pair = await RegionPair.start();
    const clients = (region: string) => clientOf(pair.server(region), region);
    for (const region of [EAST, WEST])
      await clients(region).send(new eb.CreateEventBusCommand({ Name: BUS }));
    const route53 = new Route53Client(pair.server(EAST).clientConfig());
    const config = { Type: 'TCP', IPAddress: '127.0.0.1', Port: 1, Disabled: true } as const;
    const { HealthCheck: check } = await route53.send(
      new CreateHealthCheckCommand({ CallerReference: 'one', HealthCheckConfig: config }),
    );
    const healthCheck = `arn:aws:route53:::healthcheck/${check?.Id}`;
    await clients(EAST).send(
      new eb.CreateEndpointCommand({ ...ENDPOINT, RoutingConfig: routing(healthCheck) }),
    );
    const endpointId = await idOf(clients(EAST));
    /** Asks the west until it knows. */
    const putWhenKnown = async (expected: string): Promise<void> => {
      for (;;) {
        try {
          const { Entries: [entry] = [] } = await clients(WEST).send(putOne(endpointId));
          const events = await taken(pair.server(WEST), WEST);
          if (events.find(({ id }) => id === entry?.EventId)?.region === expected) return;
        } catch (error) {
          if ((error as Error).name !== 'ResourceNotFoundException') throw error;
        }
      }
    };
    await putWhenKnown(EAST);
    const setInverted = (isInverted: boolean) =>
      route53.send(new UpdateHealthCheckCommand({ HealthCheckId: check?.Id, Inverted: isInverted }));
    await setInverted(true);
    await putWhenKnown(WEST);
    await setInverted(false);
    await putWhenKnown(EAST);
    await pair.server(EAST).close();
    await putWhenKnown(WEST);
    await pair.startRegion(EAST);
    await putWhenKnown(EAST);
    route53.destroy();
  });
});
