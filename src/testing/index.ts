/**
 * For the tests of those who build on Millrace, whatever runs them: a region in this process, in memory, on a free
 * port, whose time stands still until the test moves it. So a rule that fires each hour is tested in a millisecond.
 *
 *     import { start } from 'millrace/testing';
 *     await using region = await start();
 *     const sqs = new SQSClient(region.clientConfig());
 *     await region.advance(60_000);
 */
import { SimClock } from './sim-clock.ts';
import { startTestServer, type TestServer } from './test-server.ts';
import type { Settings } from '../config.ts';

export type { ClientConfig } from './test-server.ts';

export interface StartOptions {
  /** Over the defaults: any setting of the configuration, such as `region` or `account`. */
  readonly settings?: Settings;
  /** Where time begins, milliseconds since the epoch. Default: now. */
  readonly nowMs?: number;
}

export interface TestRegion extends TestServer {
  /** The region's time, milliseconds since the epoch. */
  now(): number;
  /** Moves time on by `durationMs`: all that falls due in between happens, in order. */
  advance(durationMs: number): Promise<void>;
}

/** Resolves when the region answers requests. Close it at the end of the test, or hold it with `await using`. */
export async function start(options: StartOptions = {}): Promise<TestRegion> {
  const clock = new SimClock(options.nowMs ?? Date.now());
  const server = await startTestServer({ clock, settings: options.settings ?? {} });
  return Object.assign(server, {
    now: () => clock.now(),
    advance: (durationMs: number) => clock.advance(durationMs),
  });
}
