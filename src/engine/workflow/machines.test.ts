/** The definitions of state machines: which are kept in memory, and which are found again. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createEngineFixture } from '../../testing/engine-fixture.ts';
import { machineArn } from './machine-record.ts';
import { Machines } from './machines.ts';

const SCOPE = { account: '000000000000', region: 'us-east-1' };
const ARN = machineArn({ ...SCOPE, name: 'work' });

function definition(comment: string): string {
  return JSON.stringify({ Comment: comment, StartAt: 'Done', States: { Done: { Type: 'Succeed' } } });
}

test('a definition that changes and changes is found in each of its revisions, few of them in memory', () => {
  const { loop } = createEngineFixture();
  const machines = new Machines(loop);
  machines.start();
  const { revisionId } = loop.turn((turn) =>
    machines.create(turn, {
      ...SCOPE,
      name: 'work',
      type: 'STANDARD',
      roleArn: 'arn:aws:iam::000000000000:role/work',
      definition: definition('first'),
      loggingConfiguration: { level: 'OFF' },
      tracingConfiguration: { enabled: false },
      tags: {},
    }),
  );
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
