import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import {
  AddPermissionCommand,
  CreateAliasCommand,
  DeleteAliasCommand,
  DeleteFunctionCommand,
  GetAccountSettingsCommand,
  GetAliasCommand,
  GetFunctionCodeSigningConfigCommand,
  GetFunctionCommand,
  GetFunctionConcurrencyCommand,
  GetFunctionConfigurationCommand,
  GetPolicyCommand,
  InvokeCommand,
  ListAliasesCommand,
  ListFunctionsCommand,
  ListTagsCommand,
  ListVersionsByFunctionCommand,
  PublishVersionCommand,
  PutFunctionConcurrencyCommand,
  RemovePermissionCommand,
  TagResourceCommand,
  UntagResourceCommand,
  UpdateAliasCommand,
  UpdateFunctionCodeCommand,
  UpdateFunctionConfigurationCommand,
  waitUntilFunctionActiveV2,
  waitUntilFunctionUpdatedV2,
} from '@aws-sdk/client-lambda';
import { startLambda, zip } from './lambda-fixture.ts';

const ECHO = 'exports.handler = async (event) => event;';
const ARN = 'arn:aws:lambda:us-east-1:000000000000:function:echo';

function decode(payload: Uint8Array | undefined): unknown {
  return JSON.parse(Buffer.from(payload ?? []).toString());
}

suite('the Lambda service', () => {
  test('creates a function that is pending at first and soon active, and invokes it', async () => {
    await using fixture = await startLambda();
    const { lambda, create, invoke } = fixture;
    const created = await create('echo', ECHO, { Environment: { Variables: { NAME: 'value' } } });
    assert.equal(created.State, 'Pending');
    assert.equal(created.FunctionArn, ARN);
    assert.equal(created.Timeout, 3);
    assert.equal(created.MemorySize, 128);
    assert.match(created.LastModified ?? '', /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}\+0000$/);
    await waitUntilFunctionActiveV2({ client: lambda, maxWaitTime: 5 }, { FunctionName: 'echo' });
    assert.deepEqual(await invoke('echo', { a: [1] }), { answer: { a: [1] }, error: undefined });
    const got = await lambda.send(new GetFunctionCommand({ FunctionName: ARN }));
    assert.equal(got.Configuration?.LastUpdateStatus, 'Successful');
    assert.deepEqual(got.Configuration?.Environment, { Variables: { NAME: 'value' } });
    const code = await fetch(got.Code?.Location ?? '');
    assert.equal((await code.bytes()).length, got.Configuration?.CodeSize);
  });

  test('answers the log tail, the version and the error of an invocation', async () => {
    await using fixture = await startLambda();
    const { lambda, create } = fixture;
    await create(
      'failing',
      "exports.handler = async () => { console.log('so far'); throw new Error('no'); };",
    );
    const answer = await lambda.send(new InvokeCommand({ FunctionName: 'failing', LogType: 'Tail' }));
    assert.equal(answer.StatusCode, 200);
    assert.equal(answer.FunctionError, 'Unhandled');
    assert.equal(answer.ExecutedVersion, '$LATEST');
    assert.equal((decode(answer.Payload) as { errorMessage: string }).errorMessage, 'no');
    assert.match(Buffer.from(answer.LogResult ?? '', 'base64').toString(), /INFO\tso far\n[^]*END RequestId/);
  });

  test('refuses in the words of AWS', async () => {
    await using fixture = await startLambda();
    const { lambda, create, invoke } = fixture;
    await assert.rejects(invoke('none'), {
      name: 'ResourceNotFoundException',
      message: 'Function not found: arn:aws:lambda:us-east-1:000000000000:function:none',
    });
    await create('echo', ECHO);
    await assert.rejects(create('echo', ECHO), {
      name: 'ResourceConflictException',
      message: 'Function already exist: echo',
    });
    await assert.rejects(create('bad', ECHO, { Code: { ZipFile: Buffer.from('no zip') } }), {
      name: 'InvalidParameterValueException',
      message: 'Could not unzip uploaded file. Please check your file, then try to upload again.',
    });
    await assert.rejects(create('bad', ECHO, { Timeout: 901 }), { name: 'InvalidParameterValueException' });
    await assert.rejects(create('bad', ECHO, { Environment: { Variables: { AWS_REGION: 'x' } } }), {
      message: /Reserved keys used in this request: AWS_REGION$/,
    });
    await assert.rejects(
      lambda.send(new InvokeCommand({ FunctionName: 'echo', Payload: Buffer.from('{') })),
      { name: 'InvalidRequestContentException', message: /^Could not parse request body into json: / },
    );
    await assert.rejects(lambda.send(new GetFunctionCommand({ FunctionName: 'echo', Qualifier: '7' })), {
      message: `Function not found: ${ARN}:7`,
    });
  });

  test('refuses loudly what is not built', async () => {
    await using fixture = await startLambda();
    for (const own of [
      { Runtime: 'java21' as const },
      { Layers: ['arn:aws:lambda:us-east-1:000000000000:layer:x:1'] },
      { DeadLetterConfig: { TargetArn: 'arn:aws:sqs:us-east-1:000000000000:dead' } },
      { VpcConfig: { SubnetIds: ['subnet-1'], SecurityGroupIds: ['sg-1'] } },
    ]) {
      await assert.rejects(fixture.create('refused', ECHO, own), { name: 'NotImplemented' });
    }
    assert.equal((await fixture.lambda.send(new ListFunctionsCommand({}))).Functions?.length, 0);
  });

  test('runs new code and new configuration from the next invocation on', async () => {
    await using fixture = await startLambda();
    const { lambda, create, invoke } = fixture;
    await create('echo', 'exports.handler = async () => process.env.WHO;');
    assert.equal((await invoke('echo')).answer, null);
    const FunctionName = 'echo';
    const updated = await lambda.send(
      new UpdateFunctionConfigurationCommand({ FunctionName, Environment: { Variables: { WHO: 'you' } } }),
    );
    assert.equal(updated.LastUpdateStatus, 'InProgress');
    await waitUntilFunctionUpdatedV2({ client: lambda, maxWaitTime: 5 }, { FunctionName });
    assert.equal((await invoke('echo')).answer, 'you');
    const ZipFile = await zip({ 'index.js': "exports.handler = async () => 'new';" });
    const { CodeSha256, RevisionId } = await lambda.send(
      new UpdateFunctionCodeCommand({ FunctionName, ZipFile }),
    );
    assert.notEqual(CodeSha256, updated.CodeSha256);
    assert.equal((await invoke('echo')).answer, 'new');
    await assert.rejects(
      lambda.send(new UpdateFunctionCodeCommand({ FunctionName, ZipFile, RevisionId: 'old' })),
      { name: 'PreconditionFailedException' },
    );
    const configuration = await lambda.send(new GetFunctionConfigurationCommand({ FunctionName }));
    assert.equal(configuration.RevisionId, RevisionId);
  });

  test('publishes versions and points aliases at them', async () => {
    await using fixture = await startLambda();
    const { lambda, create, invoke } = fixture;
    await create('echo', "exports.handler = async (event, context) => ['one', context.functionVersion];");
    const FunctionName = 'echo';
    const one = await lambda.send(new PublishVersionCommand({ FunctionName }));
    assert.equal(one.Version, '1');
    assert.equal(one.FunctionArn, `${ARN}:1`);
    assert.equal((await lambda.send(new PublishVersionCommand({ FunctionName }))).Version, '1');
    const ZipFile = await zip({ 'index.js': "exports.handler = async () => 'two';" });
    await lambda.send(new UpdateFunctionCodeCommand({ FunctionName, ZipFile, Publish: true }));
    assert.deepEqual((await invoke('echo:1')).answer, ['one', '1']);
    await lambda.send(new CreateAliasCommand({ FunctionName, Name: 'live', FunctionVersion: '1' }));
    assert.deepEqual((await invoke(`${ARN}:live`)).answer, ['one', '1']);
    await lambda.send(new UpdateAliasCommand({ FunctionName, Name: 'live', FunctionVersion: '2' }));
    assert.equal((await invoke('echo:live')).answer, 'two');
    const alias = await lambda.send(new GetAliasCommand({ FunctionName, Name: 'live' }));
    assert.equal(alias.AliasArn, `${ARN}:live`);
    const versions = await lambda.send(new ListVersionsByFunctionCommand({ FunctionName }));
    assert.deepEqual(
      versions.Versions?.map(({ Version }) => Version),
      ['$LATEST', '1', '2'],
    );
    await assert.rejects(lambda.send(new DeleteFunctionCommand({ FunctionName, Qualifier: '2' })), {
      name: 'ResourceConflictException',
    });
    await lambda.send(new DeleteAliasCommand({ FunctionName, Name: 'live' }));
    await lambda.send(new DeleteFunctionCommand({ FunctionName, Qualifier: '2' }));
    assert.deepEqual((await lambda.send(new ListAliasesCommand({ FunctionName }))).Aliases, []);
    await assert.rejects(invoke('echo:2'), { message: `Function not found: ${ARN}:2` });
  });

  test('keeps permissions, tags and reserved concurrency', async () => {
    await using fixture = await startLambda();
    const { lambda, create, invoke } = fixture;
    await create('echo', ECHO, { Tags: { team: 'a' } });
    const FunctionName = 'echo';
    const StatementId = 'events';
    await assert.rejects(lambda.send(new GetPolicyCommand({ FunctionName })), {
      name: 'ResourceNotFoundException',
    });
    const permission = {
      FunctionName,
      StatementId,
      Action: 'lambda:InvokeFunction',
      Principal: 'events.amazonaws.com',
      SourceArn: 'arn:aws:events:us-east-1:000000000000:rule/r',
    };
    await lambda.send(new AddPermissionCommand(permission));
    await assert.rejects(lambda.send(new AddPermissionCommand(permission)), {
      name: 'ResourceConflictException',
    });
    const { Policy } = await lambda.send(new GetPolicyCommand({ FunctionName }));
    assert.deepEqual(JSON.parse(Policy ?? ''), {
      Version: '2012-10-17',
      Id: 'default',
      Statement: [
        {
          Sid: 'events',
          Effect: 'Allow',
          Principal: { Service: 'events.amazonaws.com' },
          Action: 'lambda:InvokeFunction',
          Resource: ARN,
          Condition: { ArnLike: { 'AWS:SourceArn': permission.SourceArn } },
        },
      ],
    });
    await lambda.send(new RemovePermissionCommand({ FunctionName, StatementId }));
    await lambda.send(new TagResourceCommand({ Resource: ARN, Tags: { stage: 'b' } }));
    await lambda.send(new UntagResourceCommand({ Resource: ARN, TagKeys: ['team'] }));
    assert.deepEqual((await lambda.send(new ListTagsCommand({ Resource: ARN }))).Tags, { stage: 'b' });
    await lambda.send(new PutFunctionConcurrencyCommand({ FunctionName, ReservedConcurrentExecutions: 0 }));
    const concurrency = await lambda.send(new GetFunctionConcurrencyCommand({ FunctionName }));
    assert.equal(concurrency.ReservedConcurrentExecutions, 0);
    await assert.rejects(invoke('echo'), { name: 'TooManyRequestsException' });
  });

  test('lists functions by pages, and answers what Terraform asks for', async () => {
    await using fixture = await startLambda();
    const { lambda, create } = fixture;
    for (const name of ['a', 'b', 'c']) await create(name, ECHO);
    const first = await lambda.send(new ListFunctionsCommand({ MaxItems: 2 }));
    const second = await lambda.send(new ListFunctionsCommand({ Marker: first.NextMarker }));
    const names = [...(first.Functions ?? []), ...(second.Functions ?? [])].map((one) => one.FunctionName);
    assert.deepEqual(names, ['a', 'b', 'c']);
    assert.equal(second.NextMarker, undefined);
    const signing = await lambda.send(new GetFunctionCodeSigningConfigCommand({ FunctionName: 'a' }));
    assert.equal(signing.FunctionName, 'a');
    const { AccountUsage } = await lambda.send(new GetAccountSettingsCommand({}));
    assert.equal(AccountUsage?.FunctionCount, 3);
    await lambda.send(new DeleteFunctionCommand({ FunctionName: 'a' }));
    await assert.rejects(lambda.send(new GetFunctionCommand({ FunctionName: 'a' })), {
      name: 'ResourceNotFoundException',
    });
  });
});
