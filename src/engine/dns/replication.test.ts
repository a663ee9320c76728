import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { createEngineFixture } from '../../testing/engine-fixture.ts';
import type { Key, Value } from '../../storage/store.ts';
import { KEYSPACE } from '../keyspace.ts';
import type { Loop } from '../loop.ts';
import type { Follower, ReplicatedRecords } from '../region/ports.ts';
import type { HealthCheckRecord } from './health-check-record.ts';
import { HealthChecks } from './health-checks.ts';
import type { RecordSet, ZoneRecord } from './record-set.ts';
import { Zones } from './zones.ts';

type Item = readonly [Key, Value | undefined];

/** A region that tells everything it writes, and one that can be told. */
function createSide(loop: Loop) {
  const told: Item[] = [];
  const followers = new Map<string, Follower>();
  const records: ReplicatedRecords = {
    put: (turn, key, value) => {
      turn.put(key, value);
      told.push([key, value]);
    },
    delete: (turn, key) => {
      turn.delete(key);
      told.push([key, undefined]);
    },
    follow: (keyspace, follower) => followers.set(keyspace, follower),
  };
  const zones = new Zones({ loop, records });
  const checks = new HealthChecks({ loop, records });
  zones.start();
  checks.start();
  const tell = (items: readonly Item[]): void =>
    loop.turn((turn) => {
      for (const [key, value] of items) {
        if (value === undefined) turn.delete(key);
        else turn.put(key, value);
        followers.get(key.slice(0, key.indexOf('\u0000')))?.apply(key, value);
      }
    });
  return { zones, checks, told, tell, loop };
}

const ACCOUNT = '000000000000';
const ZONE: ZoneRecord = {
  account: ACCOUNT,
  id: 'Z1',
  name: 'example.com',
  callerReference: 'r',
  createdAtMs: 1,
  nameServers: [],
  tags: [],
};
const CHECK: HealthCheckRecord = {
  account: ACCOUNT,
  id: 'c',
  callerReference: 'r',
  version: 1,
  createdAtMs: 1,
  settings: { type: 'TCP', port: 80, isInverted: false, isDisabled: false },
  tags: [],
};

function set(name: string, setIdentifier?: string): RecordSet {
  return {
    name,
    type: 'A',
    ...(setIdentifier === undefined ? {} : { setIdentifier }),
    routing: { kind: 'simple' },
    ttlSeconds: 1,
    values: ['192.0.2.1'],
  };
}

suite('zones and health checks of another region', () => {
  test('are there after it told of them, in whatever order, and after a restart', () => {
    const home = createSide(createEngineFixture().loop);
    home.loop.turn((turn) => {
      const zone = home.zones.put(turn, ZONE);
      home.zones.change(turn, zone, { puts: [set('a.example.com'), set('*.example.com', 'ü')], deletes: [] });
      home.zones.putChange(turn, { account: ACCOUNT, id: 'C1', submittedAtMs: 5 });
      home.checks.put(turn, CHECK);
    });
    const fixture = createEngineFixture();
    const peer = createSide(fixture.loop);
    peer.tell(home.told.toReversed());
    const restarted = createSide(fixture.restart());
    for (const { zones, checks } of [peer, restarted]) {
      assert.deepEqual(zones.find(ACCOUNT, 'Z1')?.record, ZONE);
      assert.equal(zones.zoneFor('x.y.example.com')?.record.id, 'Z1');
      assert.deepEqual(
        zones
          .find(ACCOUNT, 'Z1')
          ?.sorted()
          .map(({ name }) => name),
        ['*.example.com', 'a.example.com'],
      );
      assert.equal(zones.findChange(ACCOUNT, 'C1')?.submittedAtMs, 5);
      assert.deepEqual(checks.find('c'), CHECK);
    }
  });

  test('are gone when it deleted them', () => {
    const home = createSide(createEngineFixture().loop);
    const peer = createSide(createEngineFixture().loop);
    const seen: [string, number | undefined][] = [];
    peer.checks.onChange((id, record) => seen.push([id, record?.version]));
    home.loop.turn((turn) => {
      const zone = home.zones.put(turn, ZONE);
      home.zones.change(turn, zone, { puts: [set('a.example.com'), set('*.example.com', 'ü')], deletes: [] });
      home.checks.put(turn, CHECK);
      home.checks.put(turn, { ...CHECK, version: 2 });
    });
    peer.tell(home.told.splice(0));
    home.loop.turn((turn) => {
      const zone = home.zones.find(ACCOUNT, 'Z1') ?? assert.fail();
      home.zones.change(turn, zone, { puts: [], deletes: [set('*.example.com', 'ü')] });
    });
    peer.tell(home.told.splice(0));
    assert.equal(peer.zones.find(ACCOUNT, 'Z1')?.size, 1);
    home.loop.turn((turn) => {
      home.zones.delete(turn, home.zones.find(ACCOUNT, 'Z1') ?? assert.fail());
      home.checks.delete(turn, CHECK);
    });
    peer.tell(home.told.splice(0));
    assert.deepEqual([peer.zones.list(ACCOUNT), peer.zones.zoneFor('example.com')], [[], undefined]);
    assert.deepEqual([peer.checks.list(ACCOUNT), peer.checks.count(ACCOUNT)], [[], 0]);
    assert.deepEqual(seen, [
      ['c', 1],
      ['c', 2],
      ['c', undefined],
    ]);
    assert.deepEqual(
      Object.values(KEYSPACE).filter((keyspace) => keyspace.startsWith('dns.')).length,
      4,
      'every keyspace of DNS is followed above',
    );
  });

  test('of the same name are answered by the oldest', () => {
    const { zones, loop } = createSide(createEngineFixture().loop);
    loop.turn((turn) => {
      zones.put(turn, { ...ZONE, id: 'Z2', createdAtMs: 2 });
      zones.put(turn, ZONE);
    });
    assert.equal(zones.zoneFor('example.com')?.record.id, 'Z1');
    loop.turn((turn) => zones.delete(turn, zones.find(ACCOUNT, 'Z1') ?? assert.fail()));
    assert.equal(zones.zoneFor('example.com')?.record.id, 'Z2');
  });

  test('remember the last thousand changes, across restarts too', () => {
    const fixture = createEngineFixture();
    const { zones, loop } = createSide(fixture.loop);
    for (let number = 0; number < 1002; number += 1) {
      loop.turn((turn) =>
        zones.putChange(turn, { account: ACCOUNT, id: `C${number}`, submittedAtMs: number }),
      );
    }
    const restarted = createSide(fixture.restart());
    for (const side of [zones, restarted.zones]) {
      assert.equal(side.findChange(ACCOUNT, 'C1'), undefined);
      assert.equal(side.findChange(ACCOUNT, 'C2')?.submittedAtMs, 2);
    }
    restarted.loop.turn((turn) =>
      restarted.zones.putChange(turn, { account: ACCOUNT, id: 'new', submittedAtMs: 2000 }),
    );
    assert.equal(restarted.zones.findChange(ACCOUNT, 'C2'), undefined);
  });
});
