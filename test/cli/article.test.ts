/** The page on the article, run from top to bottom with the real AWS CLI: what it says is answered is answered. */
import assert from 'node:assert/strict';
import { cpSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, suite, test } from 'node:test';
import {
  articleEnvironment,
  type Ended,
  missingTool,
  millrace,
  type Platform,
  retryUntil,
  ROOT,
  run,
  skipWithoutAws,
  startPlatform,
  temporaryDirectory,
} from './cli-fixture.ts';

const ARTICLE = join(ROOT, 'examples/article');
const MACHINE = 'arn:aws:states:us-west-2:123456789012:stateMachine:OrderProcessingStateMachine';

/** A block of commands and what stands below it. */
interface Block {
  readonly kind: string;
  readonly text: string;
  readonly error?: string;
  readonly hint?: string;
}

function blocksOf(page: string): Block[] {
  const blocks: Block[] = [];
  for (const [, info = '', text = ''] of page.matchAll(/^```([^\n]+)\n([\s\S]*?)^```$/gm)) {
    const last = blocks.at(-1);
    if (info === 'error' || info === 'hint') {
      assert.ok(last, `${info} stands below no command`);
      blocks[blocks.length - 1] = { ...last, [info]: text.trim() };
    } else {
      assert.match(info, /^sh (?:setup|original|corrected|outcome)$/);
      blocks.push({ kind: info.slice('sh '.length), text });
    }
  }
  return blocks;
}

const blocks = blocksOf(readFileSync(join(ARTICLE, 'README.md'), 'utf8'));

test('every block that is marked as an original is answered with something to learn from', () => {
  const originals = blocks.filter(({ kind }) => kind === 'original');
  assert.ok(originals.length >= 8);
  // The rule of step 2 is the one command that is valid and does what it says.
  const silent = originals.filter(({ error, hint }) => error === undefined && hint === undefined);
  assert.deepEqual(
    silent.map(({ text }) => text.split('\n')[0]),
    ["aws events put-rule --name OrderCreatedRule --event-pattern '{"],
  );
});

const skip = skipWithoutAws || missingTool('python3', '-c', 'import boto3');

suite('the article, command by command', { skip }, () => {
  const directory = temporaryDirectory();
  let platform: Platform;
  /** Definitions of the shell that later blocks use: the functions and variables of the blocks before. */
  let definitions = '';
  let env: NodeJS.ProcessEnv;
  before(async () => {
    platform = await startPlatform();
    // The page writes files beside itself: a copy, with what it needs of the rest.
    for (const path of ['examples/article', 'src/demo/handlers']) {
      cpSync(join(ROOT, path), join(directory.path, path), { recursive: true });
    }
    env = articleEnvironment(platform.endpoint);
  });
  after(async () => {
    await platform[Symbol.asyncDispose]();
    directory[Symbol.dispose]();
  });

  const shell = (text: string): Promise<Ended> =>
    run('bash', ['-e', '-c', `${definitions}\n${text}`], {
      env,
      cwd: join(directory.path, 'examples/article'),
    });

  for (const block of blocks) {
    const [line = ''] = block.text.split('\n');
    test(`${block.kind}: ${line}`, async () => {
      const { kind, text, error, hint } = block;
      if (kind === 'outcome') return checkOutcome(() => shell(text));
      const logged = platform.messages.length;
      const { code, stderr } = await shell(text);
      definitions += definitionsIn(text);
      if (error === undefined) assert.deepEqual([code, stderr], [0, '']);
      else {
        assert.notEqual(code, 0);
        assert.ok(stderr.includes(error), stderr);
      }
      if (hint !== undefined) await platform.logged(`hint: ${hint}`);
      const hints = platform.messages.slice(logged).filter((message) => message.startsWith('hint: '));
      assert.deepEqual(hints, hint === undefined ? [] : [`hint: ${hint}`]);
      return undefined;
    });
  }

  test('an execution has run all three tasks, and its history says so', async () => {
    const list = ['stepfunctions', 'list-executions', '--state-machine-arn', MACHINE];
    const arn = await millrace(['aws', ...list, '--query', 'executions[0].executionArn'], env);
    const history = await millrace(
      ['aws', 'stepfunctions', 'get-execution-history', '--execution-arn', JSON.parse(arn.stdout) as string],
      env,
    );
    const { events } = JSON.parse(history.stdout) as { events: { type: string }[] };
    const task = ['TaskStateEntered', 'LambdaFunctionScheduled', 'LambdaFunctionStarted'];
    const ended = ['LambdaFunctionSucceeded', 'TaskStateExited'];
    assert.deepEqual(
      events.map(({ type }) => type),
      ['ExecutionStarted', ...[1, 2, 3].flatMap(() => [...task, ...ended]), 'ExecutionSucceeded'],
    );
  });
});

async function checkOutcome(look: () => Promise<Ended>): Promise<void> {
  const outcome = await retryUntil(
    look,
    ({ stdout }) => /o-1[^]*o-3|o-3[^]*o-1/.test(stdout) && !/RUNNING/.test(stdout),
  );
  const processed = outcome.stdout.match(/processed \{.*\}/g) ?? [];
  assert.deepEqual(processed.toSorted(), [
    'processed {"id":"o-1","amount":250,"customer":"Ada"}',
    'processed {"id":"o-3","amount":101,"customer":"unknown"}',
  ]);
  assert.equal(outcome.stdout.match(/^SUCCEEDED$/gm)?.length, 3, outcome.stdout);
}

/** The functions and exports of a block: they hold in the shell of a reader who pastes block by block. */
function definitionsIn(text: string): string {
  return (text.match(/^(?:export .*|\w+\(\) \{(?:.*\}|\n[\s\S]*?\n\}))$/gm) ?? [])
    .map((found) => `${found}\n`)
    .join('');
}
