/**
 * Removes the definitions of state machines that are gone, once the last execution that ran by one has been forgotten
 * (`retention.ts`): until then it can be asked for. Once an hour all machines that have definitions are walked, in
 * slices between which requests get in; a walk that a crash ended begins anew. `machines.ts` starts it.
 */
import type { Scope } from '../../base/arn.ts';
import { key, keyParts, prefixRange } from '../../storage/keys.ts';
import type { Key, Store } from '../../storage/store.ts';
import { KEYSPACE } from '../keyspace.ts';
import type { Loop, Turn } from '../loop.ts';
import { indexPrefix } from './execution-record.ts';
import { machineArn, revisionPrefix } from './machine-record.ts';

/** After the first walk of the retention. */
const FIRST_SWEEP_MS = 120_000;
const SWEEP_INTERVAL_MS = 3_600_000;
const SLICE_INTERVAL_MS = 20;
/** Each is a look at its first definition, which may have a megabyte. */
const SLICE_MACHINES_MAX = 16;
/** Readers look at every range that is not applied yet. */
const SLICE_RANGES_MAX = 4;

const [REVISIONS_START, REVISIONS_END] = prefixRange(key(KEYSPACE.stateMachineRevision));

type MachineName = Scope & { readonly name: string };

export class RevisionSweep {
  readonly #loop: Loop;
  readonly #machines: { find(arn: string): unknown };

  constructor(loop: Loop, machines: { find(arn: string): unknown }) {
    this.#loop = loop;
    this.#machines = machines;
  }

  start(): void {
    this.#after(FIRST_SWEEP_MS, REVISIONS_START);
  }

  #after(delayMs: number, from: Key): void {
    const { clock, timers } = this.#loop;
    timers.at(clock.now() + delayMs, () => this.#slice(from));
  }

  #slice(from: Key): void {
    this.#loop.turn((turn) => {
      const next = this.#removeSome(turn, from);
      turn.afterCommit(() => {
        if (next === undefined) this.#after(SWEEP_INTERVAL_MS, REVISIONS_START);
        else this.#after(SLICE_INTERVAL_MS, next);
      });
    });
  }

  /** Where to go on from, or `undefined` at the end of the walk. */
  #removeSome(turn: Turn, from: Key): Key | undefined {
    const { store } = this.#loop;
    let next = from;
    let rangeCount = 0;
    for (let count = 0; count < SLICE_MACHINES_MAX && rangeCount < SLICE_RANGES_MAX; count += 1) {
      const [first] = store.range(next, REVISIONS_END, { limit: 1 });
      if (first === undefined) return undefined;
      const machine = machineOf(first.key);
      const revisions = prefixRange(revisionPrefix(machine, machine.name));
      [, next] = revisions;
      if (this.#machines.find(machineArn(machine)) !== undefined || hasExecutions(store, machine)) continue;
      turn.deleteRange(...revisions);
      rangeCount += 1;
    }
    return next;
  }
}

/** Whether any execution of the machine is remembered, running or ended. */
export function hasExecutions(store: Pick<Store, 'range'>, machine: MachineName): boolean {
  return store.range(...prefixRange(indexPrefix(machine, machine.name)), { limit: 1 }).length > 0;
}

function machineOf(revision: Key): MachineName {
  const [, account = '', region = '', name = ''] = keyParts(revision, [
    'text',
    'text',
    'text',
    'text',
    'text',
  ]).map(String);
  return { account, region, name };
}
