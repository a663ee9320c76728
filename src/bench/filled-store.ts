/**
 * A store as years of use leave it, for the time that a start takes then. Written by the engines themselves, without
 * the wire: through requests it would take minutes.
 */
import { hash } from 'node:crypto';
import { join } from 'node:path';
import { systemClock } from '../base/clock.ts';
import { silentLogger } from '../base/log.ts';
import { systemRandom } from '../base/random.ts';
import { Loop } from '../engine/loop.ts';
import type { Queue } from '../engine/queue/queue.ts';
import { Queues } from '../engine/queue/queues.ts';
import type { Table } from '../engine/table/table.ts';
import { Tables } from '../engine/table/tables.ts';
import { DEFAULT_CONFIG } from '../services/sqs/attributes.ts';
import { openSqliteStore } from '../storage/sqlite/store.ts';
import { FILLER } from './scenario.ts';

const SCOPE = { account: '000000000000', region: 'us-east-1' } as const;
/** One in so many records is a message that waits: a start reads it, where the items stay on the disk. */
const MESSAGE_EVERY = 10;
const RECORDS_PER_TURN = 1000;

/** Fills the data directory of a server with items of a table and messages of a queue. */
export async function fillStore(dataDirectory: string, recordCount: number): Promise<void> {
  const directory = join(dataDirectory, SCOPE.region);
  await using store = await openSqliteStore({ directory, clock: systemClock, log: silentLogger });
  const loop = new Loop({
    store,
    clock: systemClock,
    random: systemRandom,
    log: silentLogger,
    // Whatever it is, the turn throws it as well.
    onFatal: () => undefined,
  });
  const queue = createQueue(loop);
  const table = createTable(loop);
  for (let first = 0; first < recordCount; first += RECORDS_PER_TURN) {
    const last = Math.min(recordCount, first + RECORDS_PER_TURN);
    const position = loop.turn((turn) => {
      for (let index = first; index < last; index += 1) {
        if (index % MESSAGE_EVERY === 0) {
          const body = JSON.stringify({ order: index, text: FILLER });
          queue.send(turn, { body, senderId: SCOPE.account, bodyMd5: hash('md5', body) });
        } else {
          const item = { pk: { S: `order-${index}` }, text: { S: FILLER } };
          table.put(turn, table.keyOf(item), item, FILLER.length);
        }
      }
      return turn.position;
    });
    await store.whenDurable(position);
  }
  await store.settle();
  loop.close();
}

function createQueue(loop: Loop): Queue {
  const queues = new Queues(loop);
  return loop.turn((turn) =>
    queues.create(turn, { ...SCOPE, name: 'bench', config: DEFAULT_CONFIG, tags: {} }),
  );
}

function createTable(loop: Loop): Table {
  const tables = new Tables(loop);
  return loop.turn((turn) =>
    tables.create(turn, {
      ...SCOPE,
      name: 'bench',
      keySchema: { partition: { name: 'pk', type: 'S' } },
      indexes: [],
      config: { isDeletionProtected: false },
      tags: {},
    }),
  );
}
