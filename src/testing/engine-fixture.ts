/** A loop over a memory store with a clock that the test moves: what tests of engines stand on. */
import { silentLogger } from '../base/log.ts';
import { seededRandom } from '../base/random.ts';
import { Loop } from '../engine/loop.ts';
import { createMemoryStore } from '../storage/memory/store.ts';
import type { Store } from '../storage/store.ts';
import { SimClock } from './sim-clock.ts';

export interface EngineFixture {
  readonly clock: SimClock;
  readonly loop: Loop;
  readonly store: Store;
  /** A second loop over the same store (or what stands before it), as after a crash: nothing in memory is shared. */
  readonly restart: (over?: Store) => Loop;
  /** Waits until everything committed so far is durable and its effects have run. */
  readonly settle: () => Promise<void>;
  /** From now on nothing gets to the disk, until the answered function is called. */
  readonly stall: () => () => void;
}

export function createEngineFixture(): EngineFixture {
  const clock = new SimClock();
  let held: (() => void)[] | undefined;
  const store = createMemoryStore({
    flush: (write) => (held === undefined ? queueMicrotask(write) : void held.push(write)),
  });
  const stall = (): (() => void) => {
    held = [];
    return () => {
      const writes = held ?? [];
      held = undefined;
      for (const write of writes) write();
    };
  };
  const open = (over: Store = store): Loop =>
    new Loop({
      store: over,
      clock,
      random: seededRandom(1),
      log: silentLogger,
      onFatal: (error) => {
        throw error;
      },
    });
  return { clock, store, loop: open(), restart: open, settle: () => clock.advance(0), stall };
}
