/** What the tests of Route 53 have in common: a server of their own, a client, a zone. */
import assert from 'node:assert/strict';
import {
  type Change,
  ChangeResourceRecordSetsCommand,
  CreateHostedZoneCommand,
  type ResourceRecordSet,
  Route53Client,
} from '@aws-sdk/client-route-53';
import { startTestServer, type TestServer, type TestServerOptions } from '../../src/testing/test-server.ts';

export interface Route53Fixture extends AsyncDisposable {
  readonly server: TestServer;
  readonly client: Route53Client;
  /** A caller reference that nobody has used. */
  readonly newReference: () => string;
  /** The id of a new zone. */
  createZone(name?: string): Promise<string>;
  change(zoneId: string, ...changes: Change[]): Promise<unknown>;
}

export async function startRoute53(options: TestServerOptions = {}): Promise<Route53Fixture> {
  const server = await startTestServer(options);
  const client = new Route53Client({ ...server.clientConfig(), maxAttempts: 1 });
  let reference = 0;
  const newReference = (): string => `reference ${(reference += 1)}`;
  return {
    server,
    client,
    newReference,
    createZone: async (name = 'example.com') => {
      const CallerReference = newReference();
      const { HostedZone: zone } = await client.send(
        new CreateHostedZoneCommand({ Name: name, CallerReference }),
      );
      return zone?.Id?.replace('/hostedzone/', '') ?? assert.fail();
    },
    change: (HostedZoneId, ...changes) =>
      client.send(new ChangeResourceRecordSetsCommand({ HostedZoneId, ChangeBatch: { Changes: changes } })),
    [Symbol.asyncDispose]: async () => {
      client.destroy();
      await server[Symbol.asyncDispose]();
    },
  };
}

export function create(set: Partial<ResourceRecordSet> & { Name: string }): Change {
  return { Action: 'CREATE', ResourceRecordSet: aRecord(set) };
}

/** A record set of type A, unless `set` says otherwise. */
export function aRecord(
  set: Partial<ResourceRecordSet> & { Name: string },
): ResourceRecordSet & { Name: string } {
  const content = set.AliasTarget === undefined ? { TTL: 60, ResourceRecords: [{ Value: '192.0.2.1' }] } : {};
  return { Type: 'A', ...content, ...set };
}

/** A call is refused with this code, and with this text where one is given. */
export async function refused(
  call: Promise<unknown>,
  name: string,
  message?: string | RegExp,
): Promise<void> {
  await assert.rejects(call, message === undefined ? { name } : { name, message });
}
