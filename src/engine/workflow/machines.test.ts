/** The definitions of state machines: which are kept in memory, and which are found again. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createEngineFixture } from '../../testing/engine-fixture.ts';
import { encodeRecord } from '../../storage/codec.ts';
import { prefixRange } from '../../storage/keys.ts';
import { indexKey } from './execution-record.ts';
import { machineArn, revisionKey, revisionPrefix } from './machine-record.ts';
import { Machines, type NewMachine } from './machines.ts';

const SCOPE = { account: '000000000000', region: 'us-east-1' };
const ARN = machineArn({ ...SCOPE, name: 'work' });

function definition(comment: string): string {
  return JSON.stringify({ Comment: comment, StartAt: 'Done', States: { Done: { Type: 'Succeed' } } });
}

const MACHINE: NewMachine = {
  ...SCOPE,
  name: 'work',
  type: 'STANDARD',
  roleArn: 'arn:aws:iam::000000000000:role/work',
  definition: definition('first'),
  loggingConfiguration: { level: 'OFF' },
  tracingConfiguration: { enabled: false },
  tags: {},
};

test('a definition that can no longer be read holds up no other, and can be replaced', () => {
  const { loop, restart } = createEngineFixture();
  const before = new Machines(loop);
  before.start();
  const broken = loop.turn((turn) => before.create(turn, MACHINE));
  loop.turn((turn) => before.create(turn, { ...MACHINE, name: 'other' }));
  loop.turn((turn) =>
    turn.put(
      revisionKey(SCOPE, 'work', broken.revisionId),
      encodeRecord(
        { revisionId: broken.revisionId, roleArn: broken.roleArn, createdAtMs: 0 },
        '{"StartAt":1}',
      ),
    ),
  );
  const again = restart();
  const machines = new Machines(again);
  machines.start();
  assert.deepEqual(
    machines.list(SCOPE).map(({ name }) => name),
    ['other', 'work'],
  );
  assert.equal(machines.current(ARN), undefined);
  again.turn((turn) => machines.update(turn, ARN, { roleArn: 'arn:aws:iam::000000000000:role/other' }));
  assert.equal(machines.current(ARN), undefined);
  again.turn((turn) => machines.update(turn, ARN, { definition: definition('second') }));
  assert.equal(machines.current(ARN)?.definition, definition('second'));
});

test('a definition that changes and changes is found in each of its revisions, few of them in memory', () => {
  const { loop } = createEngineFixture();
  const machines = new Machines(loop);
  machines.start();
  const { revisionId } = loop.turn((turn) => machines.create(turn, MACHINE));
  const revisionIds = [revisionId];
  for (let count = 0; count < 500; count += 1) {
    const updated = loop.turn((turn) =>
      machines.update(turn, ARN, { definition: definition(String(count)) }),
    );
    revisionIds.push(updated?.revisionId ?? '');
  }
  for (const id of revisionIds) assert.equal(machines.revision(SCOPE, 'work', id)?.revisionId, id);
  assert.equal(machines.revision(SCOPE, 'work', revisionId)?.definition, definition('first'));
  assert.ok(machines.revisionCount <= 101, String(machines.revisionCount));
});

/** Machines with two revisions each, and a count of the revisions on disk. */
function createRevised(names: readonly string[]) {
  const fixture = createEngineFixture();
  const machines = new Machines(fixture.loop);
  machines.start();
  const arnOf = (name: string): string => machineArn({ ...SCOPE, name });
  const create = (name: string): void => {
    fixture.loop.turn((turn) => machines.create(turn, { ...MACHINE, name }));
    fixture.loop.turn((turn) => machines.update(turn, arnOf(name), { definition: definition('second') }));
  };
  for (const name of names) create(name);
  const run = (name: string): string => {
    const place = { ...SCOPE, machine: name, name: 'run' };
    const line = indexKey(place, fixture.clock.now());
    fixture.loop.turn((turn) => turn.put(line, Buffer.from('a line of the index')));
    return line;
  };
  const remove = (name: string): void => fixture.loop.turn((turn) => machines.delete(turn, arnOf(name)));
  const revisions = (name: string): number =>
    fixture.store.range(...prefixRange(revisionPrefix(SCOPE, name))).length;
  return { ...fixture, create, run, remove, revisions };
}

test('the definitions of a machine that never ran go with it, and those of no other', () => {
  const { remove, revisions } = createRevised(['work', 'work2']);
  remove('work');
  assert.deepEqual([revisions('work'), revisions('work2')], [0, 2]);
});

test('the definitions of a machine that is gone go once its last execution has been forgotten', async () => {
  const { clock, loop, run, remove, revisions } = createRevised(['gone', 'kept']);
  const lines = [run('gone'), run('gone')];
  remove('gone');
  await clock.advance(2 * 3_600_000);
  assert.equal(revisions('gone'), 2);
  loop.turn((turn) => {
    for (const line of lines) turn.delete(line);
  });
  await clock.advance(3_600_000);
  assert.deepEqual([revisions('gone'), revisions('kept')], [0, 2]);
});

test('a machine that has been made again keeps the definitions of its name', async () => {
  const { clock, loop, create, run, remove, revisions } = createRevised(['work']);
  const line = run('work');
  remove('work');
  create('work');
  loop.turn((turn) => turn.delete(line));
  await clock.advance(2 * 3_600_000);
  assert.equal(revisions('work'), 4);
});

test('many machines that are gone are taken a few at a time, at the pace of the disk', async () => {
  const names = Array.from({ length: 100 }, (_, index) => `m${index}`);
  const { clock, loop, run, remove, revisions, stall } = createRevised(names);
  const lines = names.map(run);
  for (const name of names) remove(name);
  loop.turn((turn) => {
    for (const line of lines) turn.delete(line);
  });
  const left = (): number => names.filter((name) => revisions(name) > 0).length;
  const resume = stall();
  await clock.advance(3_600_000);
  assert.equal(left(), 96);
  resume();
  await clock.advance(60_000);
  assert.equal(left(), 0);
});
