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
import { check, drainBoth, EAST, Mirror, nextTurn, type RegionName, REGIONS, WEST } from './mirror.ts';

const ROUNDS = Number(process.env['MILLRACE_REGION_ROUNDS'] ?? 2);
const SEED = Number(process.env['MILLRACE_SEED'] ?? 1);
const ACCOUNT = '000000000000';
const CLIENTS_PER_REGION = 4;
/** Of one client in one round: a kill falls among them. */
const EVENTS_PER_CLIENT = 150;

/** The regions as one command starts them, below a supervisor. */
class World extends Mirror implements AsyncDisposable {
  readonly supervisor: Supervisor;
  readonly #dataDir: string;

  private constructor(supervisor: Supervisor, dataDir: string) {
    const clientOf = (region: RegionName): AwsClient => {
      const url = supervisor.regions[region]?.endpoint ?? '';
      return new AwsClient({ url, region, accessKeyId: 'test', secretAccessKey: 'test' });
    };
    super({ account: ACCOUNT, clientOf });
    this.supervisor = supervisor;
    this.#dataDir = dataDir;
  }

  static async start(settings: Settings = {}): Promise<World> {
    const dataDir = mkdtempSync(join(tmpdir(), 'millrace-regions-'));
    const config = { region: [...REGIONS], port: 0, dataDir, logLevel: 'silent', ...settings };
    const world = new World(await startSupervisor(parseConfig(config, {}), { log: silentLogger }), dataDir);
    for (const region of REGIONS) await world.build(region);
    return world;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.supervisor.kill();
    await this.supervisor.stop();
    rmSync(this.#dataDir, { recursive: true, force: true });
  }
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
