/** The definitions of state machines: which are kept in memory, and which are found again. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createEngineFixture } from '../../testing/engine-fixture.ts';
import { encodeRecord } from '../../storage/codec.ts';
import { machineArn, revisionKey } from './machine-record.ts';
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
