/**
 * Stores from which one protection has been taken out, over any other: what crash tests and the simulator must find
 * out. A check that passes over one of these has no teeth. And one whose disk is full when a test says so.
 */
import type { Key, Position, Store } from '../storage/store.ts';

/** Says that a batch is on disk as soon as it is given: answers and effects come before their commit. */
export function withoutWaiting(store: Store): Store {
  const subscribers = new Set<(position: Position) => void>();
  return override(store, {
    get durablePosition() {
      return store.lastPosition;
    },
    isBehind: false,
    whenDurable: () => Promise.resolve(),
    commit: (batch) => {
      const position = store.commit(batch);
      queueMicrotask(() => {
        for (const subscriber of subscribers) subscriber(position);
      });
      return position;
    },
    onCommit: (subscriber) => {
      subscribers.add(subscriber);
      return () => subscribers.delete(subscriber);
    },
  });
}

/** Never puts records of one kind on disk: what they tell is forgotten with the process. */
export function withoutRecords(store: Store, prefix: Key): Store {
  return override(store, {
    commit: (batch) =>
      store.commit({ ...batch, puts: batch.puts.filter(({ key }) => !key.startsWith(prefix)) }),
  });
}

/** Writes one record of a batch and, in a later group, the rest: a commit is no longer all or nothing. */
export function withoutAtomicity(store: Store): Store {
  return override(store, {
    commit: (batch) => {
      const [first, ...rest] = batch.puts;
      if (first === undefined || rest.length === 0) return store.commit(batch);
      const position = store.commit({ ...batch, puts: [first] });
      store.whenDurable(position).then(
        () => store.commit({ puts: rest, deletes: [] }),
        () => undefined,
      );
      return position;
    },
  });
}

/**
 * Writes a batch that puts records under `ahead` and deletes some under `behind` in two groups: a message that an
 * execution sends with its last step, and then the step.
 */
export function withRecordsAhead(store: Store, { ahead, behind }: { ahead: Key; behind: Key }): Store {
  return override(store, {
    commit: (batch) => {
      const isAhead = ({ key }: { readonly key: Key }): boolean => key.startsWith(ahead);
      const isBehind = batch.deletes.some((key) => key.startsWith(behind));
      if (!isBehind || !batch.puts.some(isAhead)) return store.commit(batch);
      const position = store.commit({ puts: batch.puts.filter(isAhead), deletes: [] });
      const rest = { ...batch, puts: batch.puts.filter((entry) => !isAhead(entry)) };
      store.whenDurable(position).then(
        () => store.commit(rest),
        () => undefined,
      );
      return position;
    },
  });
}

/** Takes commits whoever they come from: those of a deposed owner, too. */
export function withoutFencing(store: Store): Store {
  return override(store, {
    commit: ({ puts, deletes, deleteRanges = [] }) => store.commit({ puts, deletes, deleteRanges }),
  });
}

/** Renews leases as the test says. */
export function withRenewals(store: Store, renew: Store['renew']): Store {
  return override(store, { renew });
}

/** Takes any amount of new work, however far the disk is behind. */
export function withoutBackPressure(store: Store): Store {
  return override(store, { isBehind: false });
}

/** Over a disk that is nearly full as long as `disk` says so. */
export function onFullDisk(store: Store, disk: { readonly isFull: boolean }): Store {
  return override(store, {
    get acceptsWrites() {
      return !disk.isFull;
    },
  });
}

/** `store` with `members` in the place of its own. */
function override(store: Store, members: Partial<Store>): Store {
  return new Proxy(store, {
    get: (target, name) => {
      if (Object.hasOwn(members, name)) return Reflect.get(members, name) as unknown;
      const value = Reflect.get(target, name, target) as unknown;
      // Methods of a class with private fields work on the object itself, not on its proxy.
      return typeof value === 'function' ? (value.bind(target) as unknown) : value;
    },
  });
}
