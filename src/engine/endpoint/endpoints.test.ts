import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import {
  ACCOUNT,
  busArn,
  EAST,
  type Output,
  SimRegions,
  type SimRegionsOptions,
  WEST,
} from '../../testing/region-fixture.ts';

const SECOND = 1000;
const MINUTE = 60_000;
const BUS = 'orders';
const ROLE_ARN = `arn:aws:iam::${ACCOUNT}:role/replication`;

interface Received {
  readonly id: string;
  readonly region: string;
  readonly resources: readonly string[];
  readonly detail: { readonly number: number };
}

/** Two regions with a bus each, whose events go to the queue `kept`, and a check that a test makes ill and well. */
class Fixture {
  readonly regions: SimRegions;
  #checkArn = '';
  #childId = '';
  endpointId = '';

  private constructor(options: SimRegionsOptions) {
    this.regions = new SimRegions(options);
  }

  static async create(settings: object = {}, options: SimRegionsOptions = {}): Promise<Fixture> {
    const fixture = new Fixture(options);
    const { regions } = fixture;
    await fixture.#createCheck();
    for (const region of [EAST, WEST]) {
      await regions.call(region, 'events:CreateEventBus', { Name: BUS });
      await regions.createRule(region, 'keep', [await regions.createQueue(region, 'kept')], BUS);
    }
    await regions.call(EAST, 'events:CreateEndpoint', {
      Name: 'shop',
      RoutingConfig: {
        FailoverConfig: { Primary: { HealthCheck: fixture.#checkArn }, Secondary: { Route: WEST } },
      },
      EventBuses: [{ EventBusArn: busArn(EAST, BUS) }, { EventBusArn: busArn(WEST, BUS) }],
      RoleArn: ROLE_ARN,
      ...settings,
    });
    await fixture.#passSecond();
    fixture.endpointId = String((await fixture.describe(WEST))['EndpointId']);
    return fixture;
  }

  /** A check that follows another one, so that it changes its mind without being changed. */
  async #createCheck(): Promise<void> {
    const create = async (reference: string, config: object): Promise<string> => {
      const answer = await this.regions.call(EAST, 'route53:CreateHealthCheck', {
        CallerReference: reference,
        HealthCheckConfig: config,
      });
      return (answer['HealthCheck'] as { Id: string }).Id;
    };
    const child = { Type: 'TCP', IPAddress: '127.0.0.1', Port: 1, Disabled: true };
    this.#childId = await create('child', child);
    const parent = { Type: 'CALCULATED', HealthThreshold: 1, ChildHealthChecks: [this.#childId] };
    this.#checkArn = `arn:aws:route53:::healthcheck/${await create('parent', parent)}`;
  }

  async setHealthy(isHealthy: boolean, region = EAST): Promise<void> {
    const change = { HealthCheckId: this.#childId, Inverted: !isHealthy };
    await this.regions.call(region, 'route53:UpdateHealthCheck', change);
    await this.#passSecond();
  }

  /** As an operator resets it: the check itself is changed. */
  async resetCheck(): Promise<void> {
    const id = this.#checkArn.slice(this.#checkArn.lastIndexOf('/') + 1);
    const change = { HealthCheckId: id, HealthThreshold: 1 };
    await this.regions.call(EAST, 'route53:UpdateHealthCheck', change);
    await this.#passSecond();
  }

  describe(region: string): Promise<Output> {
    return this.regions.call(region, 'events:DescribeEndpoint', { Name: 'shop' });
  }

  async put(region: string, number: number, entry: object = {}): Promise<Output> {
    const event = { Source: 'shop', DetailType: 'x', Detail: JSON.stringify({ number }) };
    return this.regions.call(region, 'events:PutEvents', {
      EndpointId: this.endpointId,
      Entries: [{ ...event, EventBusName: BUS, ...entry }],
    });
  }

  async deleteBus(region: string): Promise<void> {
    const of = { Rule: 'keep', EventBusName: BUS };
    await this.regions.call(region, 'events:RemoveTargets', { ...of, Ids: ['t0'] });
    await this.regions.call(region, 'events:DeleteRule', { Name: 'keep', EventBusName: BUS });
    await this.regions.call(region, 'events:DeleteEventBus', { Name: BUS });
  }

  async received(region: string): Promise<Received[]> {
    await this.#passSecond();
    return (await this.regions.drain(region, 'kept')) as unknown as Received[];
  }

  async numbers(region: string): Promise<number[]> {
    return (await this.received(region)).map(({ detail }) => detail.number);
  }

  async #passSecond(): Promise<void> {
    await this.regions.clock.advance(SECOND);
  }
}

const withoutReplication = { ReplicationConfig: { State: 'DISABLED' }, RoleArn: undefined };
const idOf = (answer: Output): string | undefined =>
  (answer['Entries'] as { EventId?: string }[])[0]?.EventId;

suite('a global endpoint', () => {
  test('is known in every region, and after a restart of either', async () => {
    const fixture = await Fixture.create();
    const expected = await fixture.describe(EAST);
    assert.match(fixture.endpointId, /^[a-z0-9]+\.veo$/);
    for (const region of [EAST, WEST]) fixture.regions.restart(region);
    await fixture.regions.clock.advance(SECOND);
    for (const region of [EAST, WEST]) assert.deepEqual(await fixture.describe(region), expected);
    assert.equal(fixture.regions.region(WEST).endpointRegion(fixture.endpointId), EAST);
    assert.equal(fixture.regions.region(WEST).endpointRegion('none.veo'), undefined);
  });

  test('brings events to its primary region and a copy to the other, whichever is asked', async () => {
    const fixture = await Fixture.create();
    for (const asked of [EAST, WEST]) {
      const id = idOf(await fixture.put(asked, 1));
      for (const region of [EAST, WEST]) {
        const [event, ...others] = await fixture.received(region);
        assert.deepEqual(others, []);
        assert.equal(event?.id, id);
        assert.equal(event?.region, EAST);
        assert.deepEqual(event?.resources, [`arn:aws:events:${EAST}:${ACCOUNT}:endpoint/shop`]);
      }
    }
  });

  test('has the events on the disk of the other region before it answers', async () => {
    const fixture = await Fixture.create(withoutReplication);
    const { regions } = fixture;
    regions.holdBack(EAST, true);
    const answer = fixture.regions.ask(WEST, 'events:PutEvents', {
      EndpointId: fixture.endpointId,
      Entries: [{ Source: 'shop', DetailType: 'x', Detail: '{"number":1}', EventBusName: BUS }],
    });
    let isAnswered = false;
    void answer.then(() => (isAnswered = true));
    await regions.clock.advance(SECOND);
    assert.equal(isAnswered, false);
    regions.holdBack(EAST, false);
    await regions.clock.advance(SECOND);
    assert.equal(isAnswered, true);
    regions.restart(EAST);
    assert.deepEqual(await fixture.numbers(EAST), [1]);
    assert.deepEqual(await fixture.numbers(WEST), []);
  });

  test('fails over with the health check of its primary region, and back', async () => {
    const fixture = await Fixture.create();
    await fixture.setHealthy(false);
    for (const region of [EAST, WEST]) {
      assert.equal(fixture.regions.region(region).endpointRegion(fixture.endpointId), WEST);
    }
    await fixture.put(EAST, 1);
    for (const region of [EAST, WEST]) assert.equal((await fixture.received(region))[0]?.region, WEST);
    await fixture.setHealthy(true);
    await fixture.put(WEST, 2);
    for (const region of [EAST, WEST]) assert.equal((await fixture.received(region))[0]?.region, EAST);
  });

  test('stays failed over without replication, through restarts, until the check is reset', async () => {
    const fixture = await Fixture.create(withoutReplication);
    await fixture.setHealthy(false);
    await fixture.setHealthy(true);
    for (const region of [EAST, WEST]) fixture.regions.restart(region);
    await fixture.put(EAST, 1);
    assert.deepEqual([await fixture.numbers(EAST), await fixture.numbers(WEST)], [[], [1]]);
    await fixture.resetCheck();
    await fixture.put(WEST, 2);
    assert.deepEqual([await fixture.numbers(EAST), await fixture.numbers(WEST)], [[2], []]);
  });

  test('returns without replication when it is updated', async () => {
    const fixture = await Fixture.create(withoutReplication);
    await fixture.setHealthy(false);
    await fixture.setHealthy(true);
    assert.equal(fixture.regions.region(EAST).endpointRegion(fixture.endpointId), WEST);
    await fixture.regions.call(EAST, 'events:UpdateEndpoint', { Name: 'shop', Description: 'again' });
    await fixture.regions.clock.advance(SECOND);
    for (const region of [EAST, WEST]) {
      assert.equal(fixture.regions.region(region).endpointRegion(fixture.endpointId), EAST);
    }
  });

  test('fails over by itself when its primary region has died, and brings it what it missed', async () => {
    const fixture = await Fixture.create();
    fixture.regions.kill(EAST);
    await fixture.put(WEST, 1);
    assert.deepEqual(await fixture.numbers(WEST), [1]);
    fixture.regions.start(EAST);
    await fixture.regions.clock.advance(MINUTE);
    assert.deepEqual(await fixture.numbers(EAST), [1]);
    await fixture.put(WEST, 2);
    assert.equal((await fixture.received(EAST))[0]?.region, EAST);
  });

  test('takes events once that a region took and did not answer for', async () => {
    const fixture = await Fixture.create();
    const { network } = fixture.regions;
    network.faults = { unanswered: 1 };
    const answer = await fixture.put(WEST, 1);
    assert.notEqual(idOf(answer), undefined);
    network.faults = {};
    await fixture.regions.clock.advance(MINUTE);
    for (const region of [EAST, WEST]) {
      const events = await fixture.received(region);
      assert.deepEqual(
        events.map(({ id }) => id),
        [idOf(answer)],
        region,
      );
    }
  });

  test('loses nothing and doubles nothing over a bad network', async () => {
    const faults = { lost: 0.2, unanswered: 0.2, doubled: 0.3, delayMsMax: 100 };
    const fixture = await Fixture.create({}, { seed: 7 });
    fixture.regions.network.faults = faults;
    const numbers = Array.from({ length: 30 }, (_, index) => index);
    for (const number of numbers) await fixture.put(number % 2 === 0 ? EAST : WEST, number);
    fixture.regions.network.faults = {};
    await fixture.regions.clock.advance(MINUTE);
    for (const region of [EAST, WEST]) {
      assert.deepEqual(
        (await fixture.numbers(region)).toSorted((a, b) => a - b),
        numbers,
        region,
      );
    }
  });

  test('answers that the service is unavailable when neither region takes events', async () => {
    const fixture = await Fixture.create(withoutReplication);
    await fixture.deleteBus(EAST);
    await fixture.deleteBus(WEST);
    await assert.rejects(fixture.put(WEST, 1), { code: 'ServiceUnavailable' });
  });

  test('goes to the bus of the other region when its own is gone', async () => {
    const fixture = await Fixture.create(withoutReplication);
    await fixture.deleteBus(EAST);
    await fixture.put(EAST, 1);
    await fixture.put(WEST, 2);
    assert.deepEqual(await fixture.numbers(WEST), [1, 2]);
  });

  test('refuses entries for other buses, one by one', async () => {
    const fixture = await Fixture.create();
    const entry = { Source: 'shop', DetailType: 'x', Detail: '{"number":1}' };
    const names = [BUS, busArn(WEST, BUS), busArn(EAST, BUS), undefined, 'default', busArn(WEST, 'other')];
    const answer = await fixture.regions.call(WEST, 'events:PutEvents', {
      EndpointId: fixture.endpointId,
      Entries: names.map((name) => ({ ...entry, EventBusName: name })),
    });
    const entries = answer['Entries'] as { ErrorCode?: string }[];
    assert.deepEqual(
      entries.map(({ ErrorCode: code }) => code),
      [undefined, undefined, undefined, 'InvalidArgument', 'InvalidArgument', 'InvalidArgument'],
    );
    assert.equal(answer['FailedEntryCount'], 3);
    assert.equal((await fixture.numbers(EAST)).length, 3);
  });

  test('is unknown once it is deleted, and copies nothing more', async () => {
    const fixture = await Fixture.create();
    await fixture.regions.call(EAST, 'events:DeleteEndpoint', { Name: 'shop' });
    await fixture.regions.clock.advance(SECOND);
    for (const region of [EAST, WEST]) {
      await assert.rejects(fixture.put(region, 1), { code: 'ResourceNotFoundException' });
      const { Rules: rules } = await fixture.regions.call(region, 'events:ListRules', { EventBusName: BUS });
      assert.deepEqual(
        (rules as { Name: string }[]).map(({ Name: name }) => name),
        ['keep'],
      );
    }
  });

  test('shows in the trace of an event which region took it by which endpoint', async () => {
    const fixture = await Fixture.create();
    const id = idOf(await fixture.put(WEST, 1)) ?? '';
    const { links } = await fixture.regions.region(EAST).trace.chain(id);
    const expected = { bus: BUS, endpoint: `arn:aws:events:${EAST}:${ACCOUNT}:endpoint/shop`, region: EAST };
    assert.deepEqual(links[0]?.detail, expected);
  });
});
