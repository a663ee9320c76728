import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import fc from 'fast-check';
import type { DnsReply } from '../../base/dns.ts';
import { seededRandom } from '../../base/random.ts';
import type { Asker } from './choose.ts';
import type { RecordSet, Routing } from './record-set.ts';
import { regionDistance } from './region-distance.ts';
import { resolve } from './resolve.ts';
import { Zone } from './zone.ts';

const ACCOUNT = '000000000000';
const SOA = 'ns.example.net. host.example.net. 1 7200 900 1209600 300';

interface WorldOptions {
  readonly unhealthy?: readonly string[];
  readonly asker?: Asker;
  readonly seed?: number;
}

/** Zones by their names, each with an id like its name, and questions to them. */
function world(zones: Readonly<Record<string, readonly RecordSet[]>>, options: WorldOptions = {}) {
  const known = new Map(
    Object.entries(zones).map(([name, sets]) => {
      const zone = new Zone();
      zone.put(set({ name, type: 'NS', values: ['ns.example.net.'] }));
      zone.put(set({ name, type: 'SOA', ttlSeconds: 900, values: [SOA] }));
      for (const given of sets) zone.put(given);
      const record = {
        account: ACCOUNT,
        id: name,
        name,
        callerReference: 'r',
        createdAtMs: 0,
        nameServers: [],
        tags: [],
      };
      return [name, Object.assign(zone, { record })] as const;
    }),
  );
  const unhealthy = new Set(options.unhealthy);
  const random = seededRandom(options.seed ?? 1);
  return (name: string, type = 'A'): DnsReply =>
    resolve(
      { name, type },
      {
        asker: options.asker ?? { region: 'us-east-1' },
        random,
        zoneFor: (asked) => {
          const suffixes = [...known.keys()].filter((zone) => asked === zone || asked.endsWith(`.${zone}`));
          return known.get(suffixes.toSorted((a, b) => b.length - a.length)[0] ?? '');
        },
        zoneById: (_account, id) => known.get(id),
        isHealthy: (id) => !unhealthy.has(id),
      },
    );
}

function set(given: Partial<RecordSet>): RecordSet {
  const content = given.alias === undefined ? { ttlSeconds: 60, values: ['192.0.2.1'] } : { values: [] };
  return { name: 'www.example.com', type: 'A', routing: { kind: 'simple' }, ...content, ...given };
}

/** A record set whose one value ends in `octet`, with a health check of the same number. */
function member(octet: number, routing: Routing, given: Partial<RecordSet> = {}): RecordSet {
  return set({
    setIdentifier: String(octet),
    routing,
    values: [`192.0.2.${octet}`],
    healthCheckId: String(octet),
    ...given,
  });
}

function alias(name: string, target: string, given: Partial<RecordSet> = {}): RecordSet {
  return set({ name, alias: { zoneId: 'example.com', name: target, evaluatesHealth: true }, ...given });
}

function cname(name: string, target: string): RecordSet {
  return set({ name, type: 'CNAME', values: [`${target}.`] });
}

const values = (reply: DnsReply): string[] => reply.answers.map(({ value }) => value);

/** The last octets of the addresses answered to so many questions, each with how often. */
function octets(ask: () => DnsReply, times: number): Map<string, number> {
  const counts = new Map<string, number>();
  for (let time = 0; time < times; time += 1) {
    const octet = values(ask()).join().replaceAll('192.0.2.', '');
    counts.set(octet, (counts.get(octet) ?? 0) + 1);
  }
  return counts;
}

suite('an answer', () => {
  test('has all values of a simple record set, in an order of chance', () => {
    const ask = world({ 'example.com': [set({ values: ['192.0.2.1', '192.0.2.2'] })] });
    const reply = ask('www.example.com');
    assert.equal(reply.code, 'NOERROR');
    assert.equal(reply.isAuthoritative, true);
    assert.deepEqual(
      reply.answers.toSorted((a, b) => (a.value < b.value ? -1 : 1)),
      [1, 2].map((octet) => ({
        name: 'www.example.com',
        type: 'A',
        ttlSeconds: 60,
        value: `192.0.2.${octet}`,
      })),
    );
    assert.deepEqual([...octets(() => ask('www.example.com'), 50).keys()].toSorted(), ['1,2', '2,1']);
  });

  test('comes from the zone with the longest name, and not from nowhere', () => {
    const ask = world({ 'example.com': [set({})], 'www.example.com': [set({ values: ['192.0.2.7'] })] });
    assert.deepEqual(values(ask('www.example.com')), ['192.0.2.7']);
    const refused = ask('example.org');
    assert.deepEqual([refused.code, refused.isAuthoritative, refused.authorities], ['REFUSED', false, []]);
  });

  test('that is negative has the SOA, with the time that it may be remembered', () => {
    const ask = world({ 'example.com': [set({ name: 'a.b.example.com' })] });
    const missing = ask('x.example.com');
    assert.equal(missing.code, 'NXDOMAIN');
    assert.deepEqual(missing.authorities, [
      { name: 'example.com', type: 'SOA', ttlSeconds: 300, value: SOA },
    ]);
    for (const [name, type] of [
      ['a.b.example.com', 'TXT'],
      // Something lies below it, so the name is there.
      ['b.example.com', 'A'],
      ['example.com', 'A'],
    ] as const) {
      const reply = ask(name, type);
      assert.equal(reply.code, 'NOERROR', name);
      assert.deepEqual(reply.answers, []);
      assert.equal(reply.authorities[0]?.type, 'SOA');
    }
  });

  test('takes a wildcard for names that are not there, and for no others', () => {
    const ask = world({
      'example.com': [
        set({ name: '*.example.com', values: ['192.0.2.9'] }),
        set({ name: 'a.b.example.com' }),
        set({ name: 'txt.example.com', type: 'TXT', values: ['"x"'] }),
      ],
    });
    assert.deepEqual(ask('x.example.com').answers, [
      { name: 'x.example.com', type: 'A', ttlSeconds: 60, value: '192.0.2.9' },
    ]);
    assert.deepEqual(values(ask('y.x.example.com')), ['192.0.2.9']);
    // RFC 4592: what exists is not covered, nor what lies below it.
    assert.deepEqual(values(ask('txt.example.com')), []);
    assert.deepEqual(values(ask('b.example.com')), []);
    assert.equal(ask('c.b.example.com').code, 'NXDOMAIN');
  });

  test('follows names inside of its zone, and no further', () => {
    const ask = world({
      'example.com': [
        cname('one.example.com', 'two.example.com'),
        cname('two.example.com', 'www.example.com'),
        cname('out.example.com', 'www.example.org'),
        cname('lost.example.com', 'nowhere.example.com'),
        set({}),
      ],
      'example.org': [set({ name: 'www.example.org' })],
    });
    const reply = ask('one.example.com');
    assert.deepEqual(
      reply.answers.map(({ name, type, value }) => [name, type, value]),
      [
        ['one.example.com', 'CNAME', 'two.example.com.'],
        ['two.example.com', 'CNAME', 'www.example.com.'],
        ['www.example.com', 'A', '192.0.2.1'],
      ],
    );
    assert.deepEqual(values(ask('out.example.com')), ['www.example.org.']);
    assert.deepEqual(values(ask('one.example.com', 'CNAME')), ['two.example.com.']);
    const lost = ask('lost.example.com');
    assert.deepEqual([lost.code, values(lost)], ['NXDOMAIN', ['nowhere.example.com.']]);
  });

  test('ends, whatever points at what', () => {
    const ask = world({
      'example.com': [
        cname('a.example.com', 'b.example.com'),
        cname('b.example.com', 'a.example.com'),
        alias('c.example.com', 'd.example.com'),
        alias('d.example.com', 'c.example.com'),
      ],
    });
    assert.equal(ask('a.example.com').answers.length, 9);
    assert.deepEqual(ask('c.example.com').answers, []);
  });

  test('of a delegated name says who is to be asked, with their addresses', () => {
    const ask = world({
      'example.com': [
        set({ name: 'sub.example.com', type: 'NS', values: ['ns.sub.example.com.', 'ns.example.org.'] }),
        set({ name: 'ns.sub.example.com', values: ['192.0.2.53'] }),
        set({ name: 'sub.example.com', type: 'DS', values: ['1 1 1 00'] }),
        set({ name: 'www.sub.example.com', values: ['192.0.2.66'] }),
      ],
    });
    for (const name of ['sub.example.com', 'www.sub.example.com', 'any.where.sub.example.com']) {
      const reply = ask(name);
      assert.equal(reply.isAuthoritative, false);
      assert.deepEqual(reply.answers, []);
      assert.deepEqual(
        reply.authorities.map(({ name: owner, value }) => [owner, value]),
        [
          ['sub.example.com', 'ns.sub.example.com.'],
          ['sub.example.com', 'ns.example.org.'],
        ],
      );
      assert.deepEqual(reply.additionals, [
        { name: 'ns.sub.example.com', type: 'A', ttlSeconds: 60, value: '192.0.2.53' },
      ]);
    }
    assert.deepEqual(values(ask('sub.example.com', 'DS')), ['1 1 1 00']);
    assert.deepEqual(values(ask('example.com', 'NS')), ['ns.example.net.']);
  });
});

suite('routing', () => {
  const primary = member(1, { kind: 'failover', role: 'PRIMARY' });
  const secondary = member(2, { kind: 'failover', role: 'SECONDARY' });

  test('by failover answers the primary, unless it alone is unhealthy', () => {
    const cases: [string[], string][] = [
      [[], '1'],
      [['1'], '2'],
      [['2'], '1'],
      [['1', '2'], '1'],
    ];
    for (const [unhealthy, octet] of cases) {
      const ask = world({ 'example.com': [secondary, primary] }, { unhealthy });
      assert.deepEqual(values(ask('www.example.com')), [`192.0.2.${octet}`], `${unhealthy} unhealthy`);
    }
    const { healthCheckId: _none, ...unchecked } = secondary;
    const ask = world({ 'example.com': [unchecked, primary] }, { unhealthy: ['1', '2'] });
    assert.deepEqual(values(ask('www.example.com')), ['192.0.2.2'], 'a set without a check is healthy');
    const alone = world({ 'example.com': [primary] }, { unhealthy: ['1'] });
    assert.deepEqual(values(alone('www.example.com')), ['192.0.2.1']);
  });

  test('by weight goes by the share of each, of the healthy ones', () => {
    const weighted = (octet: number, weight: number) => member(octet, { kind: 'weighted', weight });
    const count = (sets: readonly RecordSet[], unhealthy: readonly string[]) => {
      const ask = world({ 'example.com': sets }, { unhealthy });
      return octets(() => ask('www.example.com'), 1000);
    };
    const sets = [weighted(1, 30), weighted(2, 10), weighted(3, 0)];
    const all = count(sets, []);
    assert.equal(all.get('3'), undefined);
    const share = (all.get('1') ?? 0) / 1000;
    assert.ok(share > 0.7 && share < 0.8, `${share} of the questions got what should have three quarters`);
    assert.deepEqual([...count(sets, ['1']).keys()], ['2']);
    assert.deepEqual([...count(sets, ['1', '2']).keys()], ['3'], 'weight 0 is for when all else is down');
    assert.deepEqual([...count(sets, ['1', '2', '3']).keys()].toSorted(), ['1', '2']);
    const zero = count([weighted(1, 0), weighted(2, 0)], []);
    assert.ok((zero.get('1') ?? 0) > 400 && (zero.get('2') ?? 0) > 400);
  });

  test('by latency goes to the nearest healthy region, the own one first', () => {
    const sets = ['eu-central-1', 'us-east-1', 'ap-southeast-2'].map((region, index) =>
      member(index + 1, { kind: 'latency', region }),
    );
    const ask = (region: string, ...unhealthy: string[]) =>
      values(world({ 'example.com': sets }, { asker: { region }, unhealthy })('www.example.com'));
    assert.deepEqual(ask('us-east-1'), ['192.0.2.2']);
    assert.deepEqual(ask('us-east-1', '2'), ['192.0.2.1']);
    assert.deepEqual(ask('eu-west-1'), ['192.0.2.1']);
    assert.deepEqual(ask('ap-southeast-4'), ['192.0.2.3']);
    assert.deepEqual(ask('us-east-1', '1', '2', '3'), ['192.0.2.2']);
    assert.equal(ask('nowhere-1').length, 1);
    assert.equal(regionDistance('us-east-1', 'us-east-1'), 0);
    assert.equal(regionDistance('us-east-1', '__proto__'), Number.POSITIVE_INFINITY);
  });

  test('by place goes from the smallest place to the default', () => {
    const place = (octet: number, location: object) => member(octet, { kind: 'geolocation', location });
    const sets = [
      place(1, { country: '*' }),
      place(2, { continent: 'NA' }),
      place(3, { country: 'US' }),
      place(4, { country: 'US', subdivision: 'WA' }),
    ];
    const ask = (location: object, given: readonly RecordSet[], ...unhealthy: string[]) => {
      const asker = { region: 'us-east-1', location };
      return values(world({ 'example.com': given }, { asker, unhealthy })('www.example.com'));
    };
    const washington = { continent: 'NA', country: 'US', subdivision: 'WA' };
    assert.deepEqual(ask(washington, sets), ['192.0.2.4']);
    assert.deepEqual(ask(washington, sets, '4'), ['192.0.2.3']);
    assert.deepEqual(ask(washington, sets, '4', '3', '2'), ['192.0.2.1']);
    assert.deepEqual(ask(washington, sets, '4', '3', '2', '1'), ['192.0.2.4']);
    assert.deepEqual(ask({ continent: 'NA', country: 'CA' }, sets), ['192.0.2.2']);
    assert.deepEqual(ask({}, sets), ['192.0.2.1']);
    assert.deepEqual(ask({}, sets.slice(1)), []);
  });

  test('by many values answers up to eight healthy ones', () => {
    const sets = Array.from({ length: 12 }, (_, index) => member(index + 1, { kind: 'multivalue' }));
    const ask = (...unhealthy: string[]) =>
      values(world({ 'example.com': sets }, { unhealthy })('www.example.com'));
    assert.equal(new Set(ask()).size, 8);
    const down = Array.from({ length: 10 }, (_, index) => String(index + 1));
    assert.deepEqual(ask(...down).toSorted(), ['192.0.2.11', '192.0.2.12']);
    assert.equal(ask(...down, '11', '12').length, 8);
  });
});

suite('an alias', () => {
  test('answers under its own name what it stands for, also from another zone', () => {
    const ask = world({
      'example.com': [set({ ttlSeconds: 5 })],
      'example.org': [
        alias('example.org', 'www.example.com'),
        alias('twice.example.org', 'example.org', {
          alias: { zoneId: 'example.org', name: 'example.org', evaluatesHealth: false },
        }),
      ],
    });
    for (const name of ['example.org', 'twice.example.org']) {
      assert.deepEqual(ask(name).answers, [{ name, type: 'A', ttlSeconds: 5, value: '192.0.2.1' }]);
    }
    assert.deepEqual(ask('example.org', 'AAAA').answers, []);
  });

  test('is as healthy as any of its targets, if it evaluates them', () => {
    const group = (name: string, first: number) => [
      member(first, { kind: 'weighted', weight: 1 }, { name }),
      member(first + 1, { kind: 'weighted', weight: 1 }, { name }),
    ];
    const failover = (evaluatesHealth: boolean) => [
      ...group('east.example.com', 1),
      ...group('west.example.com', 3),
      ...(['PRIMARY', 'SECONDARY'] as const).map((role) => {
        const name = role === 'PRIMARY' ? 'east.example.com' : 'west.example.com';
        const target = { zoneId: 'example.com', name, evaluatesHealth };
        return set({ setIdentifier: role, routing: { kind: 'failover', role }, alias: target });
      }),
    ];
    const ask = (evaluatesHealth: boolean, ...unhealthy: string[]) => {
      const asked = world({ 'example.com': failover(evaluatesHealth) }, { unhealthy });
      return [...octets(() => asked('www.example.com'), 50).keys()].toSorted();
    };
    assert.deepEqual(ask(true), ['1', '2']);
    assert.deepEqual(ask(true, '1'), ['2']);
    assert.deepEqual(ask(true, '1', '2'), ['3', '4']);
    assert.deepEqual(ask(true, '1', '2', '3'), ['4']);
    assert.deepEqual(ask(true, '1', '2', '3', '4'), ['1', '2']);
    assert.deepEqual(ask(false, '1', '2'), ['1', '2']);
  });

  test('of aliases of aliases costs no more than there are of them', () => {
    // Each of 40 levels has two aliases of the level below: 2^40 ways down, were each looked at anew.
    const sets = Array.from({ length: 40 }, (_, level) =>
      ['a', 'b'].map((id) =>
        alias(`l${level}.example.com`, `l${level + 1}.example.com`, {
          setIdentifier: id,
          routing: { kind: 'weighted', weight: 1 },
        }),
      ),
    );
    const bottom = member(1, { kind: 'weighted', weight: 1 }, { name: 'l40.example.com' });
    const ask = world({ 'example.com': [...sets.flat(), bottom] }, { unhealthy: ['1'] });
    assert.deepEqual(ask('l0.example.com').answers, []);
    assert.deepEqual(values(ask('l35.example.com')), ['192.0.2.1']);
  });
});

test('whatever is asked of whatever zone, there is an answer of bounded size', () => {
  const label = fc.constantFrom('a', 'b', '*', 'example');
  const name = fc.array(label, { maxLength: 4 }).map((labels) => [...labels, 'example.com'].join('.'));
  const routing: fc.Arbitrary<Routing> = fc.oneof(
    fc.record({ kind: fc.constant('weighted' as const), weight: fc.nat(2) }),
    fc.record({
      kind: fc.constant('failover' as const),
      role: fc.constantFrom('PRIMARY' as const, 'SECONDARY' as const),
    }),
    fc.record({ kind: fc.constant('multivalue' as const) }),
    fc.record({ kind: fc.constant('simple' as const) }),
  );
  const recordSet = fc
    .record({
      name,
      target: name,
      routing,
      type: fc.constantFrom('A', 'CNAME', 'NS', 'ALIAS'),
      id: fc.nat(3),
    })
    .map(({ target, type, id, ...given }) =>
      type === 'ALIAS'
        ? alias(given.name, target, { routing: given.routing, setIdentifier: String(id) })
        : set({
            ...given,
            type,
            setIdentifier: String(id),
            healthCheckId: String(id),
            values: [type === 'A' ? '192.0.2.1' : `${target}.`],
          }),
    );
  fc.assert(
    fc.property(fc.array(recordSet, { maxLength: 20 }), name, fc.array(fc.nat(3)), (sets, asked, down) => {
      const reply = world({ 'example.com': sets }, { unhealthy: down.map(String) })(asked);
      assert.notEqual(reply.code, 'REFUSED');
      assert.ok(reply.answers.length <= 20);
    }),
    { numRuns: 500 },
  );
});
