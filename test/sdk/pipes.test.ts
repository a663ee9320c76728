import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import {
  CreatePipeCommand,
  DeletePipeCommand,
  DescribePipeCommand,
  ListPipesCommand,
  ListTagsForResourceCommand,
  PipesClient,
  TagResourceCommand,
  UntagResourceCommand,
  UpdatePipeCommand,
} from '@aws-sdk/client-pipes';
import { CreateQueueCommand, SQSClient } from '@aws-sdk/client-sqs';
import { startTestServer } from '../../src/testing/test-server.ts';

const ROLE_ARN = 'arn:aws:iam::000000000000:role/pipe';
const queueArn = (name: string): string => `arn:aws:sqs:us-east-1:000000000000:${name}`;

async function startPipes() {
  const server = await startTestServer();
  const pipes = new PipesClient({ ...server.clientConfig(), maxAttempts: 1 });
  const sqs = new SQSClient({ ...server.clientConfig(), maxAttempts: 1 });
  for (const QueueName of ['source', 'target']) await sqs.send(new CreateQueueCommand({ QueueName }));
  const create = (Name: string) =>
    pipes.send(
      new CreatePipeCommand({
        Name,
        RoleArn: ROLE_ARN,
        Source: queueArn('source'),
        Target: queueArn('target'),
        DesiredState: 'STOPPED',
        Tags: { team: 'blue' },
      }),
    );
  /** Once it is in no state on the way. */
  const settled = async (Name: string) => {
    for (;;) {
      const pipe = await pipes.send(new DescribePipeCommand({ Name }));
      if (pipe.CurrentState === 'RUNNING' || pipe.CurrentState === 'STOPPED') return pipe;
    }
  };
  return {
    pipes,
    create,
    settled,
    [Symbol.asyncDispose]: async () => {
      pipes.destroy();
      sqs.destroy();
      await server.close();
    },
  };
}

suite('EventBridge Pipes through the SDK', () => {
  test('lists pipes in pages', async () => {
    await using fixture = await startPipes();
    const { pipes, create } = fixture;
    for (const name of ['c', 'a', 'b']) await create(name);
    const names: (string | undefined)[] = [];
    let NextToken: string | undefined;
    do {
      const page = await pipes.send(new ListPipesCommand({ Limit: 2, NextToken }));
      names.push(...(page.Pipes ?? []).map(({ Name }) => Name));
      ({ NextToken } = page);
    } while (NextToken !== undefined);
    assert.deepEqual(names, ['a', 'b', 'c']);
    await assert.rejects(pipes.send(new ListPipesCommand({ NextToken: 'nonsense!' })), {
      name: 'ValidationException',
    });
  });

  test('changes a pipe, and refuses by name what does not go with its source', async () => {
    await using fixture = await startPipes();
    const { pipes, create, settled } = fixture;
    await create('orders');
    await settled('orders');
    await assert.rejects(
      pipes.send(
        new UpdatePipeCommand({
          Name: 'orders',
          RoleArn: ROLE_ARN,
          SourceParameters: { KinesisStreamParameters: { BatchSize: 5 } },
        }),
      ),
      { name: 'ValidationException', message: /KinesisStreamParameters/ },
    );
    await pipes.send(
      new UpdatePipeCommand({
        Name: 'orders',
        RoleArn: ROLE_ARN,
        SourceParameters: { SqsQueueParameters: { BatchSize: 5 } },
      }),
    );
    const pipe = await settled('orders');
    assert.equal(pipe.SourceParameters?.SqsQueueParameters?.BatchSize, 5);
    assert.equal(pipe.Target, queueArn('target'));
  });

  test('keeps of a pipe what an update does not name, and clears what it names with an empty text', async () => {
    await using fixture = await startPipes();
    const { pipes, create, settled } = fixture;
    await create('orders');
    await settled('orders');
    const update = async (change: object) => {
      await pipes.send(new UpdatePipeCommand({ Name: 'orders', RoleArn: ROLE_ARN, ...change }));
      return settled('orders');
    };
    const FilterCriteria = { Filters: [{ Pattern: '{"body":{"a":[1]}}' }] };
    await update({
      Description: 'first',
      TargetParameters: { InputTemplate: '<$.body>' },
      SourceParameters: { FilterCriteria },
    });
    const kept = await update({ SourceParameters: { SqsQueueParameters: { BatchSize: 5 } } });
    assert.equal(kept.Description, 'first');
    assert.equal(kept.TargetParameters?.InputTemplate, '<$.body>');
    assert.deepEqual(kept.SourceParameters?.FilterCriteria, FilterCriteria);
    const cleared = await update({
      Description: '',
      TargetParameters: { InputTemplate: '' },
      SourceParameters: { FilterCriteria: {} },
    });
    assert.equal(cleared.Description || undefined, undefined);
    assert.equal(cleared.TargetParameters?.InputTemplate, undefined);
    assert.equal(cleared.SourceParameters?.FilterCriteria, undefined);
    assert.equal(cleared.SourceParameters?.SqsQueueParameters?.BatchSize, 5);
  });

  test('keeps tags, and deletes', async () => {
    await using fixture = await startPipes();
    const { pipes, create, settled } = fixture;
    const { Arn: resourceArn } = await create('orders');
    await pipes.send(new TagResourceCommand({ resourceArn, tags: { stage: 'test' } }));
    await pipes.send(new UntagResourceCommand({ resourceArn, tagKeys: ['team'] }));
    const { tags } = await pipes.send(new ListTagsForResourceCommand({ resourceArn }));
    assert.deepEqual(tags, { stage: 'test' });
    await settled('orders');
    await pipes.send(new DeletePipeCommand({ Name: 'orders' }));
    await assert.rejects(settled('orders'), { name: 'NotFoundException' });
  });
});
