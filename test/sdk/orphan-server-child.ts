/**
 * For the test that kills a server: runs one, with functions that are busy in every way, and says when they are.
 * Every function carries the directory in its environment, so that its processes can be found from outside.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { InvokeCommand } from '@aws-sdk/client-lambda';
import { startLambda } from './lambda-fixture.ts';

const [, , root = ''] = process.argv;
const fixture = await startLambda({ settings: { memory: false, dataDir: root } });
const Environment = { Variables: { MARK: root } };

await fixture.create('idle', 'exports.handler = async () => 1;', { Environment });
await fixture.create('spinning', 'exports.handler = async () => { for (;;); };', {
  Environment,
  Timeout: 600,
});
await fixture.create(
  'parent',
  "exports.handler = async () => { require('node:child_process').spawn('sleep', ['600']); await new Promise((r) => setTimeout(r, 600_000)); };",
  { Environment, Timeout: 600 },
);
await fixture.invoke('idle');
for (const FunctionName of ['spinning', 'parent']) {
  await fixture.lambda.send(new InvokeCommand({ FunctionName, InvocationType: 'Event' }));
}
// Until both have been at work for a moment: the parent of the test kills whatever is there then.
await sleep(1500);
process.stdout.write('ready\n');
