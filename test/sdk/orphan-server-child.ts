/**
 * For the test that kills a server: runs one, with functions that are busy in every way, and says when they are.
 * Every function carries the directory in its environment, so that its processes can be found from outside.
 */
import { FilterLogEventsCommand } from '@aws-sdk/client-cloudwatch-logs';
import { InvokeCommand } from '@aws-sdk/client-lambda';
import { startLambda } from './lambda-fixture.ts';

const [, , root = ''] = process.argv;
const fixture = await startLambda({ settings: { memory: false, dataDir: root } });
const Environment = { Variables: { MARK: root } };

await fixture.create('idle', 'exports.handler = async () => 1;', { Environment });
await fixture.create('spinning', `exports.handler = async () => { console.log('busy'); for (;;); };`, {
  Environment,
  Timeout: 600,
});
await fixture.create(
  'parent',
  `exports.handler = async () => { require('node:child_process').spawn('sleep', ['600']); console.log('busy'); await new Promise((r) => setTimeout(r, 600_000)); };`,
  { Environment, Timeout: 600 },
);
await fixture.invoke('idle');
for (const FunctionName of ['spinning', 'parent']) {
  await fixture.lambda.send(new InvokeCommand({ FunctionName, InvocationType: 'Event' }));
}
for (const name of ['spinning', 'parent']) {
  while (!(await isBusy(name)));
}
process.stdout.write('ready\n');

async function isBusy(name: string): Promise<boolean> {
  const logGroupName = `/aws/lambda/${name}`;
  try {
    const { events } = await fixture.logs.send(
      new FilterLogEventsCommand({ logGroupName, filterPattern: 'busy' }),
    );
    return (events ?? []).length > 0;
  } catch {
    // The group is made with the first line.
    return false;
  }
}
