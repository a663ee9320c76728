import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import * as route53 from '@aws-sdk/client-route-53';
import { refused, type Route53Fixture, startRoute53 } from './route53-fixture.ts';

const HTTP = { Type: 'HTTP', IPAddress: '127.0.0.1', Port: 8080, ResourcePath: '/health' } as const;

function createCheck(
  { client, newReference }: Route53Fixture,
  HealthCheckConfig: route53.HealthCheckConfig,
  CallerReference = newReference(),
): Promise<route53.CreateHealthCheckCommandOutput> {
  return client.send(new route53.CreateHealthCheckCommand({ CallerReference, HealthCheckConfig }));
}

suite('Route 53 health checks', () => {
  test('have defaults, and may aim at loopback', async () => {
    await using fixture = await startRoute53();
    const { client, server } = fixture;
    const { HealthCheck: check, Location: location } = await createCheck(fixture, HTTP, 'mine');
    assert.match(check?.Id ?? '', /^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/);
    assert.equal(location, `${server.endpoint}/2013-04-01/healthcheck/${check?.Id}`);
    assert.deepEqual(check?.HealthCheckConfig, {
      ...HTTP,
      RequestInterval: 30,
      FailureThreshold: 3,
      MeasureLatency: false,
      EnableSNI: false,
      Inverted: false,
      Disabled: false,
    });
    assert.deepEqual([check.CallerReference, check.HealthCheckVersion], ['mine', 1]);
    const got = await client.send(new route53.GetHealthCheckCommand({ HealthCheckId: check.Id }));
    assert.deepEqual(got.HealthCheck, check);
    const https = await createCheck(fixture, { Type: 'HTTPS', FullyQualifiedDomainName: 'example.com' });
    const { Port: port, EnableSNI: sni } = https.HealthCheck?.HealthCheckConfig ?? {};
    assert.deepEqual([port, sni], [443, true]);
  });

  test('are the same when reference and settings are', async () => {
    await using fixture = await startRoute53();
    const first = await createCheck(fixture, HTTP, 'once');
    const second = await createCheck(fixture, { ...HTTP, RequestInterval: 30 }, 'once');
    assert.equal(second.HealthCheck?.Id, first.HealthCheck?.Id);
    await refused(
      createCheck(fixture, { ...HTTP, Port: 8081 }, 'once'),
      'HealthCheckAlreadyExists',
      'A different health check has already been created with the specified caller reference.',
    );
    const { HealthCheckCount: count } = await fixture.client.send(new route53.GetHealthCheckCountCommand({}));
    assert.equal(count, 1);
  });

  test('whose settings do not go together are refused', async () => {
    await using fixture = await startRoute53();
    const TCP = { Type: 'TCP', IPAddress: '127.0.0.1', Port: 80 } as const;
    const alarm = { Region: 'us-east-1', Name: 'a' } as const;
    const cases: [route53.HealthCheckConfig, RegExp][] = [
      [{ Type: 'HTTP' }, /^Invalid parameter : Either IPAddress or FullyQualifiedDomainName/],
      [
        { ...TCP, FullyQualifiedDomainName: 'a.b' },
        /^TCP health checks that have IP address must not have a fully qualified domain name specified\.$/,
      ],
      [{ Type: 'TCP', IPAddress: '127.0.0.1' }, /must have a port/],
      [{ ...TCP, ResourcePath: '/' }, /must not have a resource path/],
      [{ ...HTTP, SearchString: 'x' }, /must not have a search string/],
      [{ ...HTTP, Type: 'HTTP_STR_MATCH' }, /must have a search string/],
      [
        { ...HTTP, AlarmIdentifier: alarm },
        /^Invalid parameter : Basic health checks must not have an metric region specified\.$/,
      ],
      [{ ...HTTP, RequestInterval: 20 }, /RequestInterval must be 10 or 30/],
      [
        { ...HTTP, RequestInterval: 5 },
        /at 'healthCheckConfig.requestInterval' failed.*greater than or equal to 10/,
      ],
      [{ ...HTTP, FailureThreshold: 11 }, /at 'healthCheckConfig.failureThreshold' failed/],
      [{ ...HTTP, IPAddress: '300.1.1.1' }, /at 'healthCheckConfig.iPAddress' failed/],
      [{ ...HTTP, Regions: ['us-east-1'] }, /at 'healthCheckConfig.regions' failed/],
      [{ Type: 'CALCULATED', ChildHealthChecks: ['x'] }, /child health check x does not exist/],
      [{ Type: 'CALCULATED', Port: 1 }, /CALCULATED health checks must not have Port/],
      [{ Type: 'CLOUDWATCH_METRIC' }, /must have an alarm/],
    ];
    for (const [config, message] of cases)
      await refused(createCheck(fixture, config), 'InvalidInput', message);
    await refused(
      createCheck(fixture, { Type: 'RECOVERY_CONTROL', RoutingControlArn: 'arn:aws:x' }),
      'NotImplemented',
    );
  });

  test('count their updates, and take back what they were told', async () => {
    await using fixture = await startRoute53();
    const { client } = fixture;
    const { HealthCheck: check } = await createCheck(fixture, {
      ...HTTP,
      FullyQualifiedDomainName: 'example.com',
      Regions: ['us-east-1', 'us-west-1', 'us-west-2'],
    });
    const HealthCheckId = check?.Id;
    const updated = await client.send(
      new route53.UpdateHealthCheckCommand({
        HealthCheckId,
        HealthCheckVersion: 1,
        Port: 9090,
        Inverted: true,
        ResetElements: ['ResourcePath', 'Regions'],
      }),
    );
    const config = updated.HealthCheck?.HealthCheckConfig;
    assert.equal(updated.HealthCheck?.HealthCheckVersion, 2);
    assert.deepEqual(
      [
        config?.Port,
        config?.Inverted,
        config?.ResourcePath,
        config?.Regions,
        config?.FullyQualifiedDomainName,
      ],
      [9090, true, undefined, undefined, 'example.com'],
    );
    await refused(
      client.send(new route53.UpdateHealthCheckCommand({ HealthCheckId, HealthCheckVersion: 1 })),
      'HealthCheckVersionMismatch',
    );
    await refused(
      client.send(new route53.UpdateHealthCheckCommand({ HealthCheckId, SearchString: 'x' })),
      'InvalidInput',
    );
    const got = await client.send(new route53.GetHealthCheckCommand({ HealthCheckId }));
    assert.deepEqual(got.HealthCheck, updated.HealthCheck);
  });

  test('that are calculated never depend on themselves', async () => {
    await using fixture = await startRoute53();
    const { client } = fixture;
    const leaf = await createCheck(fixture, HTTP);
    const calculate = async (child: string | undefined) => {
      const ChildHealthChecks = [child ?? ''];
      const { HealthCheck: check } = await createCheck(fixture, {
        Type: 'CALCULATED',
        ChildHealthChecks,
        HealthThreshold: 1,
      });
      return check?.Id;
    };
    const lower = await calculate(leaf.HealthCheck?.Id);
    const upper = await calculate(lower);
    const update = (ChildHealthChecks: string[]) =>
      client.send(new route53.UpdateHealthCheckCommand({ HealthCheckId: lower, ChildHealthChecks }));
    await refused(update([upper ?? '']), 'InvalidInput', /must not depend on itself/);
    await refused(update([lower ?? '']), 'InvalidInput', /must not depend on itself/);
    const { HealthCheck: check } = await client.send(
      new route53.GetHealthCheckCommand({ HealthCheckId: upper }),
    );
    assert.deepEqual(check?.HealthCheckConfig?.ChildHealthChecks, [lower]);
  });

  test('are listed, tagged and deleted', async () => {
    await using fixture = await startRoute53();
    const { client } = fixture;
    for (let port = 1; port <= 3; port += 1) await createCheck(fixture, { ...HTTP, Port: port });
    const ids: string[] = [];
    for await (const page of route53.paginateListHealthChecks({ client, pageSize: 2 }, {})) {
      ids.push(...(page.HealthChecks ?? []).map(({ Id = '' }) => Id));
    }
    assert.equal(new Set(ids).size, 3);
    const [id = ''] = ids;
    const resource = { ResourceType: 'healthcheck', ResourceId: id } as const;
    const tag = (Value: string) =>
      client.send(
        new route53.ChangeTagsForResourceCommand({
          ...resource,
          AddTags: [{ Key: 'millrace:interval-ms', Value }],
        }),
      );
    await tag('500');
    for (const value of ['fast', '50', '99999999', '-1'])
      await refused(tag(value), 'InvalidInput', /100 to 3600000/);
    const { ResourceTagSet: tags } = await client.send(new route53.ListTagsForResourceCommand(resource));
    assert.deepEqual(tags, { ...resource, Tags: [{ Key: 'millrace:interval-ms', Value: '500' }] });
    await client.send(new route53.DeleteHealthCheckCommand({ HealthCheckId: id }));
    await refused(
      client.send(new route53.GetHealthCheckCommand({ HealthCheckId: id })),
      'NoSuchHealthCheck',
      `A health check with id ${id} does not exist.`,
    );
    await refused(client.send(new route53.ListTagsForResourceCommand(resource)), 'NoSuchHealthCheck');
  });
});
