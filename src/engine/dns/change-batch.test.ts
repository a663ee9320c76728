import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { decideBatch, type RecordSetChange } from './change-batch.ts';
import type { RecordSet, Routing } from './record-set.ts';
import { Zone } from './zone.ts';

const APEX = 'example.com';

function zoneOf(...sets: readonly RecordSet[]) {
  const zone = new Zone();
  const record = {
    account: '000000000000',
    id: 'Z1',
    name: APEX,
    callerReference: 'r',
    createdAtMs: 0,
    nameServers: [],
    tags: [],
  };
  zone.put(set({ name: APEX, type: 'NS', values: ['ns.example.net.'] }));
  zone.put(set({ name: APEX, type: 'SOA', values: ['ns.example.net. host.example.net. 1 2 3 4 5'] }));
  for (const given of sets) zone.put(given);
  return Object.assign(zone, { record });
}

function set(given: Partial<RecordSet>): RecordSet {
  const content = given.alias === undefined ? { ttlSeconds: 60, values: ['192.0.2.1'] } : { values: [] };
  return { name: `www.${APEX}`, type: 'A', routing: { kind: 'simple' }, ...content, ...given };
}

function routed(setIdentifier: string, routing: Routing, given: Partial<RecordSet> = {}): RecordSet {
  return set({ setIdentifier, routing, ...given });
}

function change(action: RecordSetChange['action'], given: Partial<RecordSet> = {}): RecordSetChange {
  return { action, set: set(given) };
}

function problemsOf(
  zone: ReturnType<typeof zoneOf>,
  ...changes: readonly RecordSetChange[]
): readonly string[] {
  const decision = decideBatch(changes, { zone, findZone: () => undefined });
  return 'problems' in decision ? decision.problems : [];
}

suite('a batch of changes', () => {
  test('creates what is not there, and replaces or makes what is put', () => {
    const zone = zoneOf(set({}));
    assert.deepEqual(problemsOf(zone, change('CREATE')), [
      "Tried to create resource record set [name='www.example.com.', type='A'] but it already exists",
    ]);
    assert.deepEqual(problemsOf(zone, change('UPSERT', { values: ['192.0.2.2'] })), []);
    const decision = decideBatch([change('CREATE', { type: 'AAAA', values: ['::1'] })], {
      zone,
      findZone: () => undefined,
    });
    assert.deepEqual(decision, { puts: [set({ type: 'AAAA', values: ['::1'] })], deletes: [] });
    const identified = routed('a', { kind: 'weighted', weight: 1 });
    assert.deepEqual(problemsOf(zoneOf(identified), { action: 'CREATE', set: identified }), [
      "Tried to create resource record set [name='www.example.com.', type='A', set-identifier='a'] but it already exists",
    ]);
  });

  test('deletes only what is described as it is', () => {
    const zone = zoneOf(set({ values: ['192.0.2.1', '192.0.2.2'] }));
    assert.deepEqual(problemsOf(zone, change('DELETE', { name: `x.${APEX}` })), [
      "Tried to delete resource record set [name='x.example.com.', type='A'] but it was not found",
    ]);
    for (const wrong of [{ values: ['192.0.2.1'] }, { values: ['192.0.2.2', '192.0.2.1'], ttlSeconds: 61 }]) {
      assert.deepEqual(problemsOf(zone, change('DELETE', wrong)), [
        "Tried to delete resource record set [name='www.example.com.', type='A'] but the values provided do not match the current values",
      ]);
    }
    // The order of values does not count.
    assert.deepEqual(problemsOf(zone, change('DELETE', { values: ['192.0.2.2', '192.0.2.1'] })), []);
  });

  test('may delete and make the same set, and may not make it twice', () => {
    const zone = zoneOf(set({}));
    const changes = [change('DELETE'), change('CREATE', { values: ['192.0.2.9'] })];
    const decision = decideBatch(changes, { zone, findZone: () => undefined });
    assert.deepEqual(decision, { puts: [set({ values: ['192.0.2.9'] })], deletes: [] });
    const twice = change('CREATE', { name: `x.${APEX}` });
    assert.match(problemsOf(zone, twice, twice)[0] ?? '', /already exists$/);
    const gone = [change('CREATE', { name: `y.${APEX}` }), change('DELETE', { name: `y.${APEX}` })];
    assert.deepEqual(decideBatch(gone, { zone, findZone: () => undefined }), { puts: [], deletes: [] });
  });

  test('names everything that is wrong with it', () => {
    const problems = problemsOf(
      zoneOf(),
      change('CREATE', { name: 'www.example.org' }),
      change('CREATE', { values: ['x', 'x'] }),
    );
    assert.deepEqual(problems, [
      'RRSet with DNS name www.example.org. is not permitted in zone example.com.',
      "Invalid Resource Record: 'FATAL problem: ARRDATAIllegalIPv4Address (Value is not a valid IPv4 address) encountered with 'x''",
      "Invalid Resource Record: 'FATAL problem: ARRDATAIllegalIPv4Address (Value is not a valid IPv4 address) encountered with 'x''",
      "Duplicate Resource Record: 'x'",
    ]);
  });

  test('keeps CNAMEs alone and away from the apex', () => {
    const cname = { type: 'CNAME', values: ['a.example.org'] };
    assert.deepEqual(problemsOf(zoneOf(), change('CREATE', { ...cname, name: APEX })), [
      'RRSet of type CNAME with DNS name example.com. is not permitted at apex in zone example.com.',
    ]);
    assert.deepEqual(problemsOf(zoneOf(set({})), change('CREATE', cname)), [
      'RRSet of type CNAME with DNS name www.example.com. is not permitted as it conflicts with other records with the same DNS name in zone example.com.',
    ]);
    assert.deepEqual(problemsOf(zoneOf(set(cname)), change('CREATE')), [
      'RRSet of type A with DNS name www.example.com. is not permitted because a conflicting RRSet of type CNAME with the same DNS name already exists in zone example.com.',
    ]);
    // What counts is the zone afterwards.
    assert.deepEqual(problemsOf(zoneOf(set(cname)), change('CREATE'), change('DELETE', cname)), []);
  });

  test('leaves a zone its SOA and its NS', () => {
    const zone = zoneOf();
    const [ns, soa] = zone.sorted();
    assert.ok(ns && soa);
    assert.deepEqual(problemsOf(zone, { action: 'DELETE', set: ns }, { action: 'DELETE', set: soa }), [
      'A HostedZone must contain exactly one SOA record.',
      'A HostedZone must contain at least one NS record for the zone itself.',
    ]);
  });

  test('tells sets of a name and type apart in one way', () => {
    const weighted = routed('a', { kind: 'weighted', weight: 1 });
    const cases: [RecordSet, RecordSet, string | undefined][] = [
      [weighted, set({}), ' cannot be created as other RRSets exist with the same name and type.'],
      [
        set({}),
        weighted,
        ', SetIdentifier a cannot be created as a non-weighted set exists with the same name and type.',
      ],
      [
        weighted,
        routed('b', { kind: 'multivalue' }),
        ', SetIdentifier b cannot be created because a non multivalue answer rrset exists with the same name and type.',
      ],
      [weighted, routed('b', { kind: 'weighted', weight: 1 }), undefined],
      [
        routed('a', { kind: 'latency', region: 'eu-west-1' }),
        routed('b', { kind: 'latency', region: 'eu-west-1' }),
        ', SetIdentifier b, and Region Name=eu-west-1 cannot be created because a latency RRSet with the same name, type and region already exists.',
      ],
      [
        routed('a', { kind: 'failover', role: 'PRIMARY' }),
        routed('b', { kind: 'failover', role: 'PRIMARY' }),
        ', SetIdentifier b, and Failover=PRIMARY cannot be created because a failover RRSet with the same name, type and failover already exists.',
      ],
      [
        routed('a', { kind: 'failover', role: 'PRIMARY' }),
        routed('b', { kind: 'failover', role: 'SECONDARY' }),
        undefined,
      ],
    ];
    for (const [existing, added, problem] of cases) {
      const expected =
        problem === undefined ? [] : [`RRSet with DNS name www.example.com., type A${problem}`];
      assert.deepEqual(problemsOf(zoneOf(existing), { action: 'CREATE', set: added }), expected);
    }
    const [one, two] = [
      routed('a', { kind: 'failover', role: 'PRIMARY' }),
      routed('b', { kind: 'failover', role: 'PRIMARY' }),
    ];
    const both = problemsOf(zoneOf(), { action: 'CREATE', set: one }, { action: 'CREATE', set: two });
    assert.equal(both.length, 1);
    assert.match(both[0] ?? '', /SetIdentifier b/);
  });

  test('swaps a primary and a secondary in one go', () => {
    const role = (id: string, is: 'PRIMARY' | 'SECONDARY') => routed(id, { kind: 'failover', role: is });
    const zone = zoneOf(role('a', 'PRIMARY'), role('b', 'SECONDARY'));
    const swap: RecordSetChange[] = [
      { action: 'UPSERT', set: role('a', 'SECONDARY') },
      { action: 'UPSERT', set: role('b', 'PRIMARY') },
    ];
    assert.deepEqual(problemsOf(zone, ...swap), []);
    assert.equal(problemsOf(zone, ...swap.slice(0, 1)).length, 1);
  });

  test('makes aliases of what is there, of what it makes, and of what is of AWS', () => {
    const alias = (name: string, zoneId = 'Z1') =>
      change('CREATE', { name: `alias.${APEX}`, alias: { zoneId, name, evaluatesHealth: false } });
    const target = `www.${APEX}`;
    assert.deepEqual(problemsOf(zoneOf(set({})), alias(target)), []);
    assert.deepEqual(problemsOf(zoneOf(), alias(target), change('CREATE')), []);
    assert.deepEqual(problemsOf(zoneOf(), alias(target)), [
      'Tried to create an alias that targets www.example.com., type A in zone Z1, but that target was not found',
    ]);
    assert.deepEqual(problemsOf(zoneOf(), alias('www.example.org', 'Z2')), [
      'Tried to create an alias that targets www.example.org., type A in zone Z2, but the alias target name does not lie within the target zone',
      'Tried to create an alias that targets www.example.org., type A in zone Z2, but that target was not found',
    ]);
    assert.deepEqual(problemsOf(zoneOf(), alias('lb-1.us-east-1.elb.amazonaws.com', 'Z35SXDOTRQ7X7K')), []);
  });
});
