import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { silentLogger } from '../../base/log.ts';
import { seededRandom } from '../../base/random.ts';
import { checkRecord } from '../../testing/check-fixture.ts';
import { SimClock } from '../../testing/sim-clock.ts';
import type { Installation, PeerStatus } from '../region/ports.ts';
import type { HealthCheckRecord, HealthCheckSettings } from '../dns/health-check-record.ts';
import { type CheckSource, Checkers } from './checkers.ts';

/** The definitions, as every region has them. */
class Definitions implements CheckSource {
  readonly #definitions = new Map<string, HealthCheckRecord>();
  readonly #subscribers = new Set<(id: string) => void>();

  put(id: string, settings: Partial<HealthCheckSettings>): void {
    const version = (this.#definitions.get(id)?.version ?? 0) + 1;
    const defaults = { requestIntervalSeconds: 10, failureThreshold: 1 };
    this.#definitions.set(id, { ...checkRecord(id, { ...defaults, ...settings }), version });
    for (const subscriber of this.#subscribers) subscriber(id);
  }

  delete(id: string): void {
    this.#definitions.delete(id);
    for (const subscriber of this.#subscribers) subscriber(id);
  }

  find(id: string): HealthCheckRecord | undefined {
    return this.#definitions.get(id);
  }

  all(): Iterable<HealthCheckRecord> {
    return this.#definitions.values();
  }

  onChange(subscriber: (id: string) => void): () => void {
    this.#subscribers.add(subscriber);
    return () => this.#subscribers.delete(subscriber);
  }
}

interface Region {
  readonly checks: Checkers;
  /** What its checker sees at present. */
  sees: boolean;
  looks: number;
  isCutOff: boolean;
  readonly handlers: Map<string, (body: unknown, from: string) => unknown>;
  readonly statusSubscribers: Set<(region: string, status: PeerStatus) => void>;
}

class Fixture {
  readonly clock = new SimClock();
  readonly definitions = new Definitions();
  readonly #regions = new Map<string, Region>();

  region(name: string): Region {
    const region = this.#regions.get(name);
    assert.ok(region !== undefined);
    return region;
  }

  start(...names: string[]): this {
    for (const name of names) this.#regions.set(name, this.#open(name));
    for (const { checks } of this.#regions.values()) checks.start();
    return this;
  }

  /** Nobody reaches it any more, and whoever is left has noticed. */
  cutOff(name: string): void {
    this.region(name).isCutOff = true;
    for (const [other, { statusSubscribers }] of this.#regions) {
      if (other !== name) for (const subscriber of statusSubscribers) subscriber(name, 'down');
    }
  }

  #open(name: string): Region {
    const regionOf = (other: string): Region => this.region(other);
    const peer = (region: string) => ({ region, endpoint: '', address: '' });
    const handlers: Region['handlers'] = new Map();
    const statusSubscribers: Region['statusSubscribers'] = new Set();
    const others = (): string[] => [...this.#regions.keys()].filter((other) => other !== name);
    const installation: Installation = {
      own: peer(name),
      home: name,
      get peers() {
        return others().map(peer);
      },
      find: peer,
      status: () => 'up',
      onStatus: (subscriber) => {
        statusSubscribers.add(subscriber);
        return () => statusSubscribers.delete(subscriber);
      },
      call: async (other, kind, body) => {
        if (regionOf(other).isCutOff || regionOf(name).isCutOff) throw new Error('cut off');
        return await regionOf(other).handlers.get(kind)?.(structuredClone(body), name);
      },
      handle: (kind, handler) => void handlers.set(kind, handler),
      report: () => undefined,
      reportOf: () => ({}),
    };
    const checks = new Checkers({
      source: this.definitions,
      installation,
      probe: async () => {
        regionOf(name).looks += 1;
        return regionOf(name).sees
          ? { hasSucceeded: true, text: 'Success: HTTP Status Code 200, OK', address: '10.0.0.1' }
          : { hasSucceeded: false, text: 'Failure: Connection refused.' };
      },
      clock: this.clock,
      random: seededRandom(1),
      log: silentLogger,
    });
    return { checks, sees: true, looks: 0, isCutOff: false, handlers, statusSubscribers };
  }
}

describe('Checkers', () => {
  it('looks at each endpoint at its interval, and follows what it sees by its threshold', async () => {
    const fixture = new Fixture().start('east');
    const east = fixture.region('east');
    fixture.definitions.put('a', { failureThreshold: 2 });
    await fixture.clock.advance(500);
    assert.equal(east.looks, 1);
    await fixture.clock.advance(30_000);
    assert.equal(east.looks, 4);
    east.sees = false;
    await fixture.clock.advance(10_000);
    assert.equal(east.checks.isHealthy('a'), true);
    await fixture.clock.advance(10_000);
    assert.equal(east.checks.isHealthy('a'), false);
    const [observation] = east.checks.observations('a');
    assert.equal(observation?.status, 'Failure: Connection refused.');
    east.sees = true;
    await fixture.clock.advance(20_000);
    assert.equal(east.checks.isHealthy('a'), true);
    assert.equal(east.checks.lastFailures('a')[0]?.status, 'Failure: Connection refused.');
  });

  it('counts the votes of all regions', async () => {
    const fixture = new Fixture().start('east', 'west');
    fixture.region('east').sees = false;
    fixture.definitions.put('a', {});
    await fixture.clock.advance(1000);
    // One of two is more than 18 %.
    for (const name of ['east', 'west']) assert.equal(fixture.region(name).checks.isHealthy('a'), true, name);
    fixture.region('west').sees = false;
    await fixture.clock.advance(10_000);
    for (const name of ['east', 'west']) {
      assert.equal(fixture.region(name).checks.isHealthy('a'), false, name);
      assert.deepEqual(
        fixture
          .region(name)
          .checks.observations('a')
          .map(({ region }) => region)
          .toSorted(),
        ['east', 'west'],
      );
    }
  });

  it('does not count the last good word of a region that is gone, and looks for itself at once', async () => {
    const fixture = new Fixture().start('east', 'west');
    const west = fixture.region('west');
    fixture.definitions.put('a', {});
    await fixture.clock.advance(1000);
    west.sees = false;
    const { looks } = west;
    fixture.cutOff('east');
    await fixture.clock.advance(0);
    assert.equal(west.looks, looks + 1);
    assert.equal(west.checks.isHealthy('a'), false);
    assert.deepEqual(
      west.checks.observations('a').map(({ region }) => region),
      ['west'],
    );
  });

  it('forgets a vote that has not been repeated for two intervals', async () => {
    const fixture = new Fixture().start('east', 'west');
    const west = fixture.region('west');
    fixture.definitions.put('a', {});
    await fixture.clock.advance(1000);
    west.sees = false;
    // Nobody has noticed: the region is as silent as one that was stopped.
    fixture.region('east').isCutOff = true;
    await fixture.clock.advance(18_000);
    assert.equal(west.checks.isHealthy('a'), true);
    await fixture.clock.advance(4000);
    assert.equal(west.checks.isHealthy('a'), false);
  });

  it('begins anew with a check that has changed, and forgets one that is gone', async () => {
    const fixture = new Fixture().start('east');
    const east = fixture.region('east');
    east.sees = false;
    fixture.definitions.put('a', {});
    await fixture.clock.advance(1000);
    assert.equal(east.checks.isHealthy('a'), false);
    fixture.definitions.put('a', { resourcePath: '/other', failureThreshold: 3 });
    assert.equal(east.checks.isHealthy('a'), true);
    fixture.definitions.put('a', { isDisabled: true });
    const { looks } = east;
    await fixture.clock.advance(60_000);
    assert.equal(east.looks, looks);
    fixture.definitions.delete('a');
    assert.deepEqual(east.checks.observations('a'), []);
  });

  it('tells of changes of mind, its own and those of others', async () => {
    const fixture = new Fixture().start('east', 'west');
    const told: string[] = [];
    fixture.region('west').checks.onVerdict((id) => told.push(id));
    fixture.definitions.put('a', {});
    await fixture.clock.advance(1000);
    told.length = 0;
    fixture.region('east').sees = false;
    await fixture.clock.advance(10_000);
    assert.deepEqual(told, ['a']);
  });

  it('hears nothing that has not the form of a vote, or is about another version', async () => {
    const fixture = new Fixture().start('east', 'west');
    const west = fixture.region('west');
    west.sees = false;
    fixture.definitions.put('a', {});
    await fixture.clock.advance(0);
    const last = { status: 'Success', checkedAtMs: 0 };
    const vote = { id: 'a', version: 2, isHealthy: true, last };
    for (const ballots of [[vote], [{ ...vote, version: 1, last: undefined }], [null, 5, 'a'], {}]) {
      west.handlers.get('votes')?.({ ballots }, 'east');
    }
    assert.equal(west.checks.verdicts('a').has('east'), false);
    west.handlers.get('votes')?.({ ballots: [{ ...vote, version: 1 }] }, 'east');
    assert.equal(west.checks.verdicts('a').get('east'), true);
  });

  it('looks at no more endpoints at a time than it may, and at all of them in the end', async () => {
    const fixture = new Fixture().start('east');
    for (let index = 0; index < 200; index += 1) fixture.definitions.put(`check-${index}`, {});
    await fixture.clock.advance(1000);
    assert.equal(fixture.region('east').looks, 200);
  });
});
