import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { suite, test, type TestContext } from 'node:test';
import { SimClock } from '../../testing/sim-clock.ts';
import type { PoolCounts } from './pool.ts';
import { createPoolFixture, IDENTITY, node, type PoolFixtureOptions } from '../../testing/pool-fixture.ts';

suite('the pool', () => {
  const WAIT = `${IDENTITY} exports.handler = async ({ wait = 0, dieLater }) => {
    await new Promise((resolve) => setTimeout(resolve, wait));
    if (dieLater) setTimeout(() => process.kill(process.pid, 'SIGKILL'), 10);
    return identity; };`;

  test('gives invocations that last a process each, and ends them all when it is closed', async (context) => {
    const { invoke, pool, spec } = createPoolFixture(context, node(WAIT), { timeoutMs: 60_000 });
    const calls = [1, 2, 3, 4].map(() => invoke({ wait: 60_000 }));
    while (pool.counts(spec.key).busy < 4) await new Promise((resolve) => setImmediate(resolve));
    await pool.close();
    for (const { isError } of await Promise.all(calls)) assert.equal(isError, true);
  });

  suite('with invocations that wait', () => {
    /** A pool of one process whose looks come when the test says so, on a machine with idle cores. */
    function createSteered(context: TestContext, own: PoolFixtureOptions = {}) {
      const processClock = new SimClock();
      const cpuTimes = () => ({ idleMs: 0, totalMs: 0 });
      const pool = { processClock, cpuTimes, eagerCount: 1 };
      const fixture = createPoolFixture(context, node(WAIT), { timeoutMs: 60_000, pool, ...own });
      return { ...fixture, processClock, live: () => liveCount(fixture.pool.counts(fixture.spec.key)) };
    }
    const liveCount = ({ idle, busy, starting }: PoolCounts) => idle + busy + starting;

    test('starts no process while those that run have time left, but one now and then', async (context) => {
      // By this clock no handler ever takes any time.
      const stopped = { processClock: new SimClock() };
      const { invoke, pool, spec, processClock, live } = createSteered(context, stopped);
      await invoke();
      const calls = [1, 2, 3].map(() => invoke({ wait: 60_000 }));
      for (let look = 0; look < 40; look += 1) await processClock.advance(25);
      assert.equal(live(), 1);
      await processClock.advance(3000);
      while (live() < 2) await new Promise((resolve) => setImmediate(resolve));
      while (pool.counts(spec.key).busy < 2) await new Promise((resolve) => setImmediate(resolve));
      await processClock.advance(1000);
      assert.equal(live(), 2);
      const ended = Promise.allSettled(calls);
      await pool.close();
      await ended;
    });

    test('starts one more when handlers take the time of those that run', async (context) => {
      const { invoke, pool, spec, processClock, live } = createSteered(context);
      await invoke();
      const first = invoke({ wait: 60 });
      const calls = [1, 2].map(() => invoke({ wait: 60_000 }));
      await first;
      await processClock.advance(25);
      while (live() < 2) await new Promise((resolve) => setImmediate(resolve));
      while (pool.counts(spec.key).busy < 2) await new Promise((resolve) => setImmediate(resolve));
      await pool.close();
      await Promise.all(calls);
    });
  });

  test('never runs more processes than it may, and serves everybody in turn', async (context) => {
    const { invoke } = createPoolFixture(context, node(WAIT), { pool: { processCountMax: 1 } });
    const answers = await Promise.all([1, 2, 3].map(() => invoke({ wait: 60 })));
    assert.equal(new Set(answers.map(({ answer }) => answer)).size, 1);
  });

  test('ends processes that nobody has used for ten minutes', async (context) => {
    const { invoke, pool, spec, clock } = createPoolFixture(context, node(WAIT));
    const first = (await invoke()).answer;
    await clock.advance(5 * 60_000);
    assert.equal((await invoke()).answer, first);
    await clock.advance(9 * 60_000);
    assert.equal((await invoke()).answer, first);
    await clock.advance(10 * 60_000);
    await clock.advance(10 * 60_000);
    assert.equal(pool.counts(spec.key).idle, 0);
    assert.notEqual((await invoke()).answer, first);
  });

  test('does not hand an invocation to a process that died while it was idle', async (context) => {
    const { invoke, pool, spec } = createPoolFixture(context, node(WAIT));
    const first = await invoke({ dieLater: true });
    while (pool.counts(spec.key).idle > 0) await new Promise((resolve) => setImmediate(resolve));
    const second = await invoke();
    assert.equal(second.isError, false);
    assert.notEqual(second.answer, first.answer);
  });

  test('makes an invocation again that a process never saw, because its death was not known yet', async (context) => {
    if (process.platform !== 'linux') return context.skip('needs /proc');
    const { invoke } = createPoolFixture(context, node('exports.handler = async () => process.pid;'), {
      sandbox: 'none',
    });
    const pid = (await invoke()).answer as number;
    process.kill(pid, 'SIGKILL');
    // The event loop stands still meanwhile, so that nobody can have told the pool.
    while (!/\) Z /.test(readFileSync(`/proc/${pid}/stat`, 'utf8')));
    const second = await invoke();
    assert.equal(second.isError, false);
    assert.notEqual(second.answer, pid);
  });

  test('ends the processes of a version that was replaced, and lets the one at work finish', async (context) => {
    const { invoke, pool, spec } = createPoolFixture(context, node(WAIT));
    await invoke();
    const atWork = invoke({ wait: 200 });
    pool.retire(spec.key);
    assert.equal((await atWork).isError, false);
    assert.equal(pool.counts(spec.key).idle, 0);
  });

  test('refuses what comes after it was closed', async (context) => {
    const { invoke, pool } = createPoolFixture(context, node(WAIT));
    await pool.close();
    await assert.rejects(invoke(), { code: 'ServiceException' });
  });

  test('refuses all that have waited for a minute at once, and no others', async (context) => {
    const processClock = new SimClock();
    const { invoke, pool, spec } = createPoolFixture(context, node(WAIT), {
      pool: { processClock, processCountMax: 0 },
    });
    const early = [1, 2, 3].map(() => assert.rejects(invoke(), { code: 'TooManyRequestsException' }));
    await processClock.advance(1000);
    const late = assert.rejects(invoke(), { code: 'ServiceException' });
    await processClock.advance(59_000);
    assert.equal(pool.counts(spec.key).waiting, 1);
    await Promise.all(early);
    await pool.close();
    await late;
  });
});
