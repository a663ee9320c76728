import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { SimClock } from '../../testing/sim-clock.ts';
import { CpuGauge, type CpuTimes } from './cpu-gauge.ts';

suite('the gauge of the cores', () => {
  test('tells how busy they were since the last look', async () => {
    const clock = new SimClock();
    let times: CpuTimes = { idleMs: 0, totalMs: 0 };
    const gauge = new CpuGauge(clock, () => times);
    times = { idleMs: 50, totalMs: 200 };
    await clock.advance(100);
    assert.equal(gauge.busyShare, 0.75);
    times = { idleMs: 250, totalMs: 400 };
    await clock.advance(100);
    assert.equal(gauge.busyShare, 0);
  });

  test('stays with what it said while too little time has passed to say more', async () => {
    const clock = new SimClock();
    let times: CpuTimes = { idleMs: 0, totalMs: 0 };
    const gauge = new CpuGauge(clock, () => times);
    times = { idleMs: 0, totalMs: 200 };
    await clock.advance(100);
    assert.equal(gauge.busyShare, 1);
    times = { idleMs: 200, totalMs: 400 };
    await clock.advance(50);
    assert.equal(gauge.busyShare, 1);
  });

  test('reads the counters of the system', async () => {
    const gauge = new CpuGauge(new SimClock());
    assert.ok(gauge.busyShare >= 0 && gauge.busyShare <= 1);
  });
});
