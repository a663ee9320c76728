/** Route 53 by the AWS CLI, which sends its XML without a content type. */
import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { articleEnvironment, type Ended, run, skipWithoutAws, startPlatform } from './cli-fixture.ts';

suite('the AWS CLI', { skip: skipWithoutAws }, () => {
  test('makes a zone with a failover pair behind a health check, and is told what is wrong', async () => {
    await using platform = await startPlatform();
    const env = { ...articleEnvironment(platform.endpoint), AWS_ENDPOINT_URL: platform.endpoint };
    const aws = (...args: string[]): Promise<Ended> => run('aws', ['route53', ...args], { env });
    const read = async (...args: string[]): Promise<string> => {
      const { code, stdout, stderr } = await aws(...args, '--output', 'text');
      assert.equal(code, 0, stderr);
      return stdout.trim();
    };
    const named = ['--name', 'example.com', '--caller-reference', 'zone'];
    const zone = await read('create-hosted-zone', ...named, '--query', 'HostedZone.Id');
    assert.match(zone, /^\/hostedzone\/Z/);
    // The check looks at the platform itself, which is well.
    const { port } = new URL(platform.endpoint);
    const aim = `Type=HTTP,IPAddress=127.0.0.1,Port=${port},ResourcePath=/_millrace/health`;
    const config = `${aim},RequestInterval=10,FailureThreshold=1`;
    const checked = ['--caller-reference', 'check', '--health-check-config', config];
    const check = await read('create-health-check', ...checked, '--query', 'HealthCheck.Id');
    const pair = ['PRIMARY', 'SECONDARY'].map((role, index) => ({
      Action: 'CREATE',
      ResourceRecordSet: {
        Name: 'api.example.com',
        Type: 'A',
        TTL: 5,
        SetIdentifier: role,
        Failover: role,
        ...(role === 'PRIMARY' ? { HealthCheckId: check } : {}),
        ResourceRecords: [{ Value: `127.0.0.${index + 1}` }],
      },
    }));
    const batch = ['--hosted-zone-id', zone, '--change-batch', JSON.stringify({ Changes: pair })];
    const change = await read('change-resource-record-sets', ...batch, '--query', 'ChangeInfo.Id');
    assert.equal(await read('get-change', '--id', change, '--query', 'ChangeInfo.Status'), 'INSYNC');
    const inZone = ['--hosted-zone-id', zone];
    const query = "ResourceRecordSets[?Type=='A'].[Failover,HealthCheckId]";
    const listed = await read('list-resource-record-sets', ...inZone, '--query', query);
    assert.equal(listed, `PRIMARY\t${check}\nSECONDARY\tNone`);
    const again = await aws('change-resource-record-sets', ...batch);
    assert.match(
      again.stderr,
      /An error occurred \(InvalidChangeBatch\) when calling the ChangeResourceRecordSets operation: \[Tried to create resource record set \[name='api\.example\.com\.', type='A', set-identifier='PRIMARY'\] but it already exists, Tried/,
    );
    const asked = [...inZone, '--record-name', 'api.example.com', '--record-type', 'A'];
    assert.equal(await read('test-dns-answer', ...asked, '--query', 'RecordData'), '127.0.0.1');
    const gone = await aws('get-health-check', '--health-check-id', 'nothing');
    assert.match(
      gone.stderr,
      /An error occurred \(NoSuchHealthCheck\) when calling the GetHealthCheck operation: A health check with id nothing does not exist\./,
    );
  });
});
