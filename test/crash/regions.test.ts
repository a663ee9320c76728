/**
 * Two regions with a process each, mirrored both ways, under load: one is killed as it happens, or stopped for longer
 * than its lease lasts, and an independent look at the queues of both says what became of every event. Rounds:
 * MILLRACE_REGION_ROUNDS (default 2); `npm run test:regions -- --rounds 20` is the long form.
 */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite, test } from 'node:test';
import { silentLogger } from '../../src/base/log.ts';
import { randomBelow, seededRandom } from '../../src/base/random.ts';
import { AwsClient } from '../../src/cli/aws-client.ts';
import { parseConfig, type Settings } from '../../src/config.ts';
import { startSupervisor, type Supervisor } from '../../src/supervisor/supervisor.ts';

const ROUNDS = Number(process.env['MILLRACE_REGION_ROUNDS'] ?? 2);
const SEED = Number(process.env['MILLRACE_SEED'] ?? 1);
const EAST = 'us-east-1';
const WEST = 'us-west-2';
const REGIONS = [EAST, WEST] as const;
type RegionName = (typeof REGIONS)[number];

const QUEUE = 'kept';
const ACCOUNT = '000000000000';
const CLIENTS_PER_REGION = 4;
/** Of one client in one round: a kill falls among them. */
const EVENTS_PER_CLIENT = 150;

interface RegionHealth {
  readonly status: string;
  readonly pid?: number;
  readonly lease?: { readonly isHeld: boolean };
  readonly lag?: Readonly<Record<string, { readonly waiting: number }>>;
}

const otherOf = (region: RegionName): RegionName => (region === EAST ? WEST : EAST);
const nextTurn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

class World implements AsyncDisposable {
  readonly #dataDir = mkdtempSync(join(tmpdir(), 'millrace-regions-'));
  readonly acknowledged = new Set<number>();
  readonly unknown = new Set<number>();
  #supervisor: Supervisor | undefined;
  #number = 0;

  static async start(settings: Settings = {}): Promise<World> {
    const world = new World();
    const config = {
      region: [...REGIONS],
      port: 0,
      dataDir: world.#dataDir,
      logLevel: 'silent',
      ...settings,
    };
    world.#supervisor = await startSupervisor(parseConfig(config, {}), { log: silentLogger });
    for (const region of REGIONS) await world.#build(region);
    return world;
  }

  get supervisor(): Supervisor {
    assert.ok(this.#supervisor !== undefined);
    return this.#supervisor;
  }

  client(region: RegionName): AwsClient {
    const url = this.supervisor.regions[region]?.endpoint ?? '';
    return new AwsClient({ url, region, accessKeyId: 'test', secretAccessKey: 'test' });
  }

  /** What is kept there, and that whatever is put there goes to the other region as well. */
  async #build(region: RegionName): Promise<void> {
    const client = this.client(region);
    await client.json('sqs', 'CreateQueue', { QueueName: QUEUE });
    const rule = async (Name: string, Arn: string): Promise<void> => {
      await client.json('events', 'PutRule', { Name, EventPattern: '{"source":["shop"]}' });
      const RoleArn = `arn:aws:iam::${ACCOUNT}:role/events`;
      await client.json('events', 'PutTargets', { Rule: Name, Targets: [{ Id: '1', Arn, RoleArn }] });
    };
    await rule('keep', `arn:aws:sqs:${region}:${ACCOUNT}:${QUEUE}`);
    await rule('mirror', `arn:aws:events:${otherOf(region)}:${ACCOUNT}:event-bus/default`);
  }

  /** Puts events one after the other until all have been tried. */
  async load(region: RegionName, count: number): Promise<void> {
    const client = this.client(region);
    for (let index = 0; index < count; index += 1) {
      this.#number += 1;
      const number = this.#number;
      const entry = { Source: 'shop', DetailType: 'x', Detail: JSON.stringify({ number }) };
      try {
        await client.json('events', 'PutEvents', { Entries: [entry] });
        this.acknowledged.add(number);
      } catch {
        // Whether it was taken is not known, and it is not sent again.
        this.unknown.add(number);
        await nextTurn();
      }
    }
  }

  async health(asked: RegionName): Promise<Readonly<Record<RegionName, RegionHealth>>> {
    const path = '/_millrace/health';
    return (await this.client(asked).platform<{ regions: Record<RegionName, RegionHealth> }>('GET', path))
      .body.regions;
  }

  /** Asks until the answer is the one that is waited for; who does not answer is asked again. */
  async until(
    asked: RegionName,
    isIt: (health: Readonly<Record<RegionName, RegionHealth>>) => boolean,
  ): Promise<void> {
    for (;;) {
      try {
        if (isIt(await this.health(asked))) return;
      } catch {
        await nextTurn();
      }
    }
  }

  /** Both run, know it, and have all that the other one has for them. */
  async whenCalm(): Promise<void> {
    for (const region of REGIONS) {
      await this.until(region, (health) => {
        return REGIONS.every((each) => health[each].status === 'running') && isEmpty(health[region]);
      });
    }
  }

  async drain(region: RegionName): Promise<number[]> {
    const client = this.client(region);
    const QueueUrl = `${client.endpoint.url}/${ACCOUNT}/${QUEUE}`;
    const numbers: number[] = [];
    for (;;) {
      const { Messages: messages = [] } = await client.json<{
        Messages?: { Body: string; ReceiptHandle: string }[];
      }>('sqs', 'ReceiveMessage', { QueueUrl, MaxNumberOfMessages: 10 });
      if (messages.length === 0) return numbers;
      for (const { Body } of messages)
        numbers.push((JSON.parse(Body) as { detail: { number: number } }).detail.number);
      const Entries = messages.map(({ ReceiptHandle }, index) => ({ Id: String(index), ReceiptHandle }));
      await client.json('sqs', 'DeleteMessageBatch', { QueueUrl, Entries });
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#supervisor?.kill();
    await this.#supervisor?.stop();
    rmSync(this.#dataDir, { recursive: true, force: true });
  }
}

function isEmpty({ lag = {} }: RegionHealth): boolean {
  return Object.values(lag).every(({ waiting }) => waiting === 0);
}

/** What was acknowledged is there, once, in both regions; what is there was sent. */
function check(world: World, kept: Readonly<Record<RegionName, readonly number[]>>): string[] {
  const findings: string[] = [];
  for (const region of REGIONS) {
    const numbers = new Set(kept[region]);
    const lost = [...world.acknowledged].filter((number) => !numbers.has(number));
    if (lost.length > 0) findings.push(`${region} has lost ${lost.length} events that were acknowledged`);
    if (numbers.size < kept[region].length) findings.push(`${region} has events twice`);
    const isKnown = (number: number): boolean => world.acknowledged.has(number) || world.unknown.has(number);
    if (![...numbers].every(isKnown)) findings.push(`${region} has events that nobody put`);
  }
  return findings;
}

async function drainBoth(world: World): Promise<Record<RegionName, number[]>> {
  return { [EAST]: await world.drain(EAST), [WEST]: await world.drain(WEST) };
}

suite('two regions that mirror each other', { timeout: 120_000 + ROUNDS * 30_000 }, () => {
  test(`lose nothing and take nothing twice when one is killed under load, ${ROUNDS} times`, async (context) => {
    const random = seededRandom(SEED);
    await using world = await World.start();
    const kept: Record<RegionName, number[]> = { [EAST]: [], [WEST]: [] };
    for (let round = 0; round < ROUNDS; round += 1) {
      const victim = randomBelow(random, 2) === 0 ? EAST : WEST;
      const killAt = 1 + randomBelow(random, EVENTS_PER_CLIENT);
      const loads = REGIONS.flatMap((region) =>
        Array.from({ length: CLIENTS_PER_REGION }, () => world.load(region, EVENTS_PER_CLIENT)),
      );
      const before = world.acknowledged.size + world.unknown.size;
      while (world.acknowledged.size + world.unknown.size < before + killAt) await nextTurn();
      const { pid } = world.supervisor.regions[victim] ?? {};
      if (pid !== undefined) process.kill(pid, 'SIGKILL');
      await Promise.all(loads);
      await world.whenCalm();
      const drained = await drainBoth(world);
      for (const region of REGIONS) kept[region].push(...drained[region]);
      assert.deepEqual(check(world, kept), [], `round ${round} of seed ${SEED}`);
    }
    const { acknowledged, unknown } = world;
    context.diagnostic(
      JSON.stringify({ rounds: ROUNDS, acknowledged: acknowledged.size, unknown: unknown.size }),
    );
    assert.ok(
      acknowledged.size > ROUNDS * CLIENTS_PER_REGION * EVENTS_PER_CLIENT,
      'the other region goes on',
    );
  });

  test('goes on while one is stopped for longer than its lease lasts, and has all of it afterwards', async () => {
    await using world = await World.start();
    await world.until(EAST, (health) => health[EAST].lease?.isHeld === true);
    await Promise.all(REGIONS.map((region) => world.load(region, 20)));
    const { pid } = world.supervisor.regions[EAST] ?? {};
    assert.ok(pid !== undefined);
    process.kill(pid, 'SIGSTOP');
    await world.load(WEST, 20);
    await world.until(WEST, (health) => health[WEST].lease?.isHeld === true);
    const { [EAST]: stopped } = await world.health(WEST);
    assert.equal(stopped.status, 'down');
    await world.load(WEST, 20);
    process.kill(pid, 'SIGCONT');
    await world.whenCalm();
    // It has learned that it is no holder any more before it could act as one.
    const health = await world.health(EAST);
    assert.equal(health[EAST].lease?.isHeld, false);
    assert.equal(world.unknown.size, 0);
    assert.deepEqual(check(world, await drainBoth(world)), []);
  });

  test('are caught by the same check when one has acknowledged what it did not keep', async () => {
    await using world = await World.start();
    await world.load(EAST, 10);
    world.acknowledged.add(1_000_000);
    await world.whenCalm();
    const kept = await drainBoth(world);
    assert.deepEqual(
      check(world, kept),
      REGIONS.map((region) => `${region} has lost 1 events that were acknowledged`),
    );
    kept[WEST].push(1, 2_000_000);
    assert.deepEqual(check(world, kept).slice(1), [
      `${WEST} has lost 1 events that were acknowledged`,
      `${WEST} has events twice`,
      `${WEST} has events that nobody put`,
    ]);
  });
});
