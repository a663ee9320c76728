/** Function URLs by the real SDK and by plain HTTP, at their host names and below the path of the server. */
import assert from 'node:assert/strict';
import { request as httpRequest } from 'node:http';
import { suite, test } from 'node:test';
import { buffer } from 'node:stream/consumers';
import {
  AddPermissionCommand,
  CreateAliasCommand,
  CreateFunctionUrlConfigCommand,
  type CreateFunctionUrlConfigCommandInput,
  DeleteAliasCommand,
  DeleteFunctionCommand,
  DeleteFunctionUrlConfigCommand,
  GetFunctionUrlConfigCommand,
  GetPolicyCommand,
  ListFunctionUrlConfigsCommand,
  PublishVersionCommand,
  PutFunctionConcurrencyCommand,
  UpdateFunctionUrlConfigCommand,
} from '@aws-sdk/client-lambda';
import { type LambdaFixture, startLambda } from './lambda-fixture.ts';

const ARN = 'arn:aws:lambda:us-east-1:000000000000:function:echo';
const ECHO = 'exports.handler = async (event) => event;';

interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly text: string;
}

interface Sent {
  readonly method?: string;
  readonly path?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Buffer;
}

/** Any Host header can be sent so, which `fetch` does not let one do; the name needs no resolver then. */
async function send(port: number, { method = 'GET', path = '/', headers = {}, body }: Sent): Promise<Answer> {
  const { promise, resolve, reject } = Promise.withResolvers<Answer>();
  const request = httpRequest({ host: '127.0.0.1', port, method, path, headers, agent: false });
  request.on('error', reject);
  request.on('response', (response) => {
    buffer(response).then((bytes) => {
      resolve({ status: response.statusCode ?? 0, headers: response.headers, text: bytes.toString() });
    }, reject);
  });
  request.end(body);
  return promise;
}

interface Url {
  readonly id: string;
  readonly host: string;
  /** At its host name. */
  readonly send: (sent?: Sent) => Promise<Answer>;
  /** Below the path of the server. */
  readonly sendByPath: (sent?: Sent) => Promise<Answer>;
}

async function createUrl(
  { lambda, server }: LambdaFixture,
  own: Partial<CreateFunctionUrlConfigCommandInput> = {},
): Promise<Url> {
  const created = await lambda.send(
    new CreateFunctionUrlConfigCommand({ FunctionName: 'echo', AuthType: 'NONE', ...own }),
  );
  const { host, hostname } = new URL(created.FunctionUrl ?? '');
  const id = hostname.split('.')[0] ?? '';
  return {
    id,
    host,
    send: (sent = {}) => send(server.port, { ...sent, headers: { host, ...sent.headers } }),
    sendByPath: (sent = {}) =>
      send(server.port, { ...sent, path: `/_millrace/function-url/${id}${sent.path ?? '/'}` }),
  };
}

function json(answer: Answer): Record<string, never> & { [name: string]: never } {
  return JSON.parse(answer.text) as never;
}

suite('the configuration of function URLs', () => {
  test('is created, told, changed, listed and deleted', async () => {
    await using fixture = await startLambda();
    const { lambda, create, server } = fixture;
    await create('echo', ECHO);
    const created = await lambda.send(
      new CreateFunctionUrlConfigCommand({
        FunctionName: 'echo',
        AuthType: 'NONE',
        Cors: { AllowOrigins: ['https://shop.example'], MaxAge: 60 },
      }),
    );
    const { FunctionUrl: text = '' } = created;
    assert.match(
      text,
      new RegExp(`^http://[a-z0-9]{32}\\.lambda-url\\.us-east-1\\.localhost:${server.port}/$`),
    );
    assert.equal(created.FunctionArn, ARN);
    assert.equal(created.InvokeMode, 'BUFFERED');
    assert.match(created.CreationTime ?? '', /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
    const cors = { AllowOrigins: ['https://shop.example'], MaxAge: 60 };
    assert.deepEqual(created.Cors, cors);
    const got = await lambda.send(new GetFunctionUrlConfigCommand({ FunctionName: ARN }));
    assert.deepEqual([got.FunctionUrl, got.Cors, got.AuthType], [text, cors, 'NONE']);
    assert.equal(got.LastModifiedTime, created.CreationTime);
    const update = { FunctionName: 'echo', AuthType: 'AWS_IAM' } as const;
    const updated = await lambda.send(new UpdateFunctionUrlConfigCommand(update));
    assert.deepEqual([updated.AuthType, updated.Cors, updated.FunctionUrl], ['AWS_IAM', cors, text]);
    const without = await lambda.send(new UpdateFunctionUrlConfigCommand({ FunctionName: 'echo', Cors: {} }));
    assert.deepEqual([without.AuthType, without.Cors], ['AWS_IAM', undefined]);
    const listed = await lambda.send(new ListFunctionUrlConfigsCommand({ FunctionName: 'echo' }));
    assert.deepEqual(
      listed.FunctionUrlConfigs?.map(({ FunctionUrl: url }) => url),
      [text],
    );
    await lambda.send(new DeleteFunctionUrlConfigCommand({ FunctionName: 'echo' }));
    await assert.rejects(lambda.send(new GetFunctionUrlConfigCommand({ FunctionName: 'echo' })), {
      name: 'ResourceNotFoundException',
      message: 'The resource you requested does not exist.',
    });
    const { host } = new URL(text);
    assert.equal((await send(server.port, { headers: { host } })).text, '{"Message":null}');
  });

  test('is of a function and of each alias, which go with them', async () => {
    await using fixture = await startLambda();
    const { lambda, create } = fixture;
    await create('echo', ECHO);
    await lambda.send(new PublishVersionCommand({ FunctionName: 'echo' }));
    for (const Name of ['blue', 'green']) {
      await lambda.send(new CreateAliasCommand({ FunctionName: 'echo', Name, FunctionVersion: '1' }));
    }
    const own = await createUrl(fixture);
    const blue = await createUrl(fixture, { Qualifier: 'blue' });
    const green = await createUrl(fixture, { FunctionName: `${ARN}:green` });
    const pages: (string | undefined)[][] = [];
    let Marker: string | undefined;
    do {
      const page = await lambda.send(
        new ListFunctionUrlConfigsCommand({ FunctionName: 'echo', MaxItems: 2, Marker }),
      );
      pages.push((page.FunctionUrlConfigs ?? []).map(({ FunctionArn: arn }) => arn));
      Marker = page.NextMarker;
    } while (Marker !== undefined);
    assert.deepEqual(pages, [[ARN, `${ARN}:blue`], [`${ARN}:green`]]);
    assert.equal((await blue.send()).status, 200);
    await lambda.send(new DeleteAliasCommand({ FunctionName: 'echo', Name: 'blue' }));
    assert.equal((await blue.send()).status, 403);
    assert.equal((await green.send()).status, 200);
    await lambda.send(new DeleteFunctionCommand({ FunctionName: 'echo' }));
    for (const { send: ask } of [own, green]) assert.equal((await ask()).status, 403);
    await create('echo', ECHO);
    const none = await lambda.send(new ListFunctionUrlConfigsCommand({ FunctionName: 'echo' }));
    assert.deepEqual(none.FunctionUrlConfigs, []);
  });

  test('is refused in the words of AWS', async () => {
    await using fixture = await startLambda();
    const { lambda, create } = fixture;
    await create('echo', ECHO);
    await createUrl(fixture);
    const input = { FunctionName: 'echo', AuthType: 'NONE' } as const;
    await assert.rejects(lambda.send(new CreateFunctionUrlConfigCommand(input)), {
      name: 'ResourceConflictException',
      message: `Failed to create function url config for [functionArn = ${ARN}]. Error message:  FunctionUrlConfig exists for this Lambda function`,
    });
    const missing = { name: 'ResourceNotFoundException', message: 'Function does not exist' };
    const none = { ...input, FunctionName: 'none' };
    const noAlias = { ...input, Qualifier: 'none' };
    await assert.rejects(lambda.send(new CreateFunctionUrlConfigCommand(none)), missing);
    await assert.rejects(lambda.send(new CreateFunctionUrlConfigCommand(noAlias)), missing);
    await assert.rejects(lambda.send(new UpdateFunctionUrlConfigCommand(noAlias)), missing);
    await assert.rejects(lambda.send(new ListFunctionUrlConfigsCommand(none)), missing);
    const noUrl = {
      name: 'ResourceNotFoundException',
      message: 'The resource you requested does not exist.',
    };
    await assert.rejects(lambda.send(new GetFunctionUrlConfigCommand(none)), noUrl);
    await assert.rejects(lambda.send(new DeleteFunctionUrlConfigCommand(noAlias)), noUrl);
    const shown = { $LATEST: { Qualifier: '$LATEST' }, 1: { Qualifier: '1' }, 2: { FunctionName: 'echo:2' } };
    for (const [value, own] of Object.entries(shown)) {
      await assert.rejects(lambda.send(new CreateFunctionUrlConfigCommand({ ...input, ...own })), {
        name: 'ValidationException',
        message: String.raw`1 validation error detected: Value '${value}' at 'qualifier' failed to satisfy constraint: Member must satisfy regular expression pattern: ((?!^\d+$)^[0-9a-zA-Z-_]+$)`,
      });
    }
    for (const command of [
      new CreateFunctionUrlConfigCommand({ ...input, InvokeMode: 'RESPONSE_STREAM' }),
      new UpdateFunctionUrlConfigCommand({ ...input, InvokeMode: 'RESPONSE_STREAM' }),
    ]) {
      await assert.rejects(lambda.send(command as CreateFunctionUrlConfigCommand), {
        name: 'NotImplemented',
        message: /RESPONSE_STREAM/,
      });
    }
  });

  test('has its own action in the policy of the function', async () => {
    await using fixture = await startLambda();
    const { lambda, create } = fixture;
    await create('echo', ECHO);
    const permission = {
      FunctionName: 'echo',
      StatementId: 'public',
      Principal: '*',
      FunctionUrlAuthType: 'NONE',
    } as const;
    await assert.rejects(
      lambda.send(new AddPermissionCommand({ ...permission, Action: 'lambda:InvokeFunction' })),
      {
        name: 'InvalidParameterValueException',
        message: 'FunctionUrlAuthType is only supported for lambda:InvokeFunctionUrl action',
      },
    );
    await lambda.send(new AddPermissionCommand({ ...permission, Action: 'lambda:InvokeFunctionUrl' }));
    const { Policy: policy = '' } = await lambda.send(new GetPolicyCommand({ FunctionName: 'echo' }));
    const { Statement: statements } = JSON.parse(policy) as { Statement: unknown[] };
    assert.deepEqual(statements, [
      {
        Sid: 'public',
        Effect: 'Allow',
        Principal: '*',
        Action: 'lambda:InvokeFunctionUrl',
        Resource: ARN,
        Condition: { StringEquals: { 'lambda:FunctionUrlAuthType': 'NONE' } },
      },
    ]);
  });
});

suite('a function URL', () => {
  test('gives the function the request and the client what the function says', async () => {
    await using fixture = await startLambda();
    await fixture.create(
      'echo',
      `exports.handler = async (event) => ({
        statusCode: 201,
        headers: { 'X-Own': 'yes', 'Content-Type': 'application/json; charset=utf-8' },
        cookies: ['a=1', 'b=2'],
        body: JSON.stringify(event),
      });`,
    );
    const url = await createUrl(fixture);
    const sent = {
      method: 'POST',
      path: '/orders/7?expand=lines',
      headers: { 'content-type': 'application/json', Cookie: 'c=3' },
      body: '{"quantity":2}',
    };
    const byHost = await url.send(sent);
    assert.equal(byHost.status, 201);
    assert.equal(byHost.headers['x-own'], 'yes');
    assert.match(String(byHost.headers['x-amzn-trace-id']), /^Root=1-[0-9a-f]{8}-[0-9a-f]{24}$/);
    assert.deepEqual(byHost.headers['set-cookie'], ['a=1', 'b=2']);
    assert.equal(byHost.headers['content-type'], 'application/json; charset=utf-8');
    const event = json(byHost) as Record<string, unknown>;
    assert.equal(event['rawPath'], '/orders/7');
    assert.equal(event['body'], '{"quantity":2}');
    assert.deepEqual(event['cookies'], ['c=3']);
    const { requestId, domainName, accountId } = event['requestContext'] as Record<string, string>;
    assert.equal(requestId, byHost.headers['x-amzn-requestid']);
    assert.equal(domainName, url.host.replace(/:\d+$/, ''));
    assert.equal(accountId, 'anonymous');
    const byPath = await url.sendByPath(sent);
    const seen = json(byPath) as Record<string, unknown>;
    assert.deepEqual(
      [byPath.status, seen['rawPath'], seen['rawQueryString'], seen['body']],
      [201, '/orders/7', 'expand=lines', '{"quantity":2}'],
    );
    // Any domain will do: the names of AWS can be given to this server by a resolver.
    const elsewhere = await url.send({ ...sent, headers: { host: `${url.id}.lambda-url.us-east-1.on.aws` } });
    assert.equal(elsewhere.status, 201);
  });

  test('takes every method, and HEAD gets no body', async () => {
    await using fixture = await startLambda();
    await fixture.create('echo', 'exports.handler = async (event) => event.requestContext.http.method;');
    const url = await createUrl(fixture);
    for (const method of ['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'PROPFIND']) {
      assert.equal((await url.send({ method })).text, method);
    }
    const head = await url.send({ method: 'HEAD' });
    assert.deepEqual([head.status, head.text, head.headers['content-length']], [200, '', '4']);
  });

  test('carries bytes in both directions', async () => {
    await using fixture = await startLambda();
    await fixture.create(
      'echo',
      `exports.handler = async ({ body, isBase64Encoded }) =>
        ({ statusCode: 200, headers: { 'Content-Type': 'image/png' }, body, isBase64Encoded });`,
    );
    const url = await createUrl(fixture);
    const body = Buffer.from([0x89, 0x50, 0, 0xff, 0x0a]);
    const answer = await send(fixture.server.port, {
      method: 'POST',
      headers: { host: url.host, 'content-type': 'image/png' },
      body,
    });
    assert.equal(answer.headers['content-length'], String(body.length));
    assert.equal(answer.text, body.toString());
  });

  test('tells of a failure, a timeout and a throttle as AWS does', async () => {
    await using fixture = await startLambda();
    const { create, lambda } = fixture;
    const failing =
      "exports.handler = async (event) => { if (event.rawPath === '/wait') await new Promise((r) => setTimeout(r, 60_000)); throw new Error('secret'); };";
    await create('echo', failing, { Timeout: 1 });
    const url = await createUrl(fixture);
    for (const path of ['/', '/wait']) {
      const answer = await url.send({ path });
      assert.deepEqual([answer.status, answer.text], [502, 'Internal Server Error'], path);
    }
    await lambda.send(
      new PutFunctionConcurrencyCommand({ FunctionName: 'echo', ReservedConcurrentExecutions: 0 }),
    );
    const throttled = await url.send();
    assert.equal(throttled.status, 429);
    assert.equal(throttled.headers['x-amzn-errortype'], 'TooManyRequestsException');
    const large = await url.send({ method: 'POST', body: Buffer.alloc(5 * 1024 * 1024) });
    assert.equal(large.status, 413);
  });

  test('answers no one for an id that no function has', async () => {
    await using fixture = await startLambda();
    for (const sent of [
      { headers: { host: `${'0'.repeat(32)}.lambda-url.us-east-1.on.aws` } },
      { path: '/_millrace/function-url/__proto__/' },
      { path: '/_millrace/function-url/' },
    ]) {
      const answer = await send(fixture.server.port, sent);
      assert.deepEqual([answer.status, answer.text], [403, '{"Message":null}']);
      assert.equal(answer.headers['x-amzn-errortype'], 'AccessDeniedException');
    }
  });

  test('answers the preflight itself and adds its headers to every answer', async () => {
    await using fixture = await startLambda();
    await fixture.create('echo', "exports.handler = async () => { throw new Error('no'); };");
    const url = await createUrl(fixture, {
      Cors: { AllowOrigins: ['https://shop.example'], AllowMethods: ['PUT'] },
    });
    const origin = 'https://shop.example';
    const preflight = await url.send({
      method: 'OPTIONS',
      headers: { origin, 'access-control-request-method': 'PUT' },
    });
    assert.equal(preflight.status, 200);
    assert.equal(preflight.headers['access-control-allow-origin'], origin);
    assert.equal(preflight.headers['access-control-allow-methods'], 'PUT');
    const put = await url.send({ method: 'PUT', headers: { origin } });
    assert.equal(put.status, 502);
    assert.equal(put.headers['access-control-allow-origin'], origin);
    const other = await url.send({ method: 'PUT', headers: { origin: 'https://evil.example' } });
    assert.equal(other.headers['access-control-allow-origin'], undefined);
  });

  test('is open to the pages of other sites, which the API is not, by whatever name it is called', async () => {
    await using fixture = await startLambda();
    await fixture.create('echo', "exports.handler = async () => 'hello';");
    const url = await createUrl(fixture);
    const foreign = { origin: 'https://shop.example', 'sec-fetch-site': 'cross-site' };
    assert.equal((await url.send({ method: 'POST', headers: foreign })).text, 'hello');
    const { port } = fixture.server;
    const path = `/_millrace/function-url/${url.id}/`;
    assert.equal((await send(port, { method: 'POST', path, headers: foreign })).text, 'hello');
    // The same pages, and a name that is rebound to this machine, reach no operation and no page of the platform.
    const api = { 'x-amz-target': 'AmazonSQS.ListQueues', 'content-type': 'application/x-amz-json-1.0' };
    const refused = await send(port, { method: 'POST', headers: { ...api, ...foreign }, body: '{}' });
    assert.equal(refused.status, 403);
    const { host } = url;
    const named = await url.send({ method: 'POST', headers: { ...api, host }, body: '{}' });
    assert.equal(named.text, 'hello');
    const stolen = { host: 'x.lambda-url.evil.example' };
    assert.equal((await send(port, { method: 'POST', headers: { ...api, ...stolen } })).status, 403);
    const reset = { method: 'POST', path: '/_millrace/reset', headers: stolen };
    assert.equal((await send(port, reset)).text, '{"Message":null}');
  });

  test('shows a page below the path without the origin of the API', async () => {
    await using fixture = await startLambda();
    await fixture.create('echo', "exports.handler = async () => 'hello';");
    const url = await createUrl(fixture);
    const policy = (answer: Answer) => String(answer.headers['content-security-policy'] ?? '');
    assert.match(policy(await url.sendByPath()), /^sandbox /);
    assert.doesNotMatch(policy(await url.sendByPath()), /allow-same-origin/);
    assert.equal(policy(await url.send()), '');
  });

  test('leaves a trace from the request to the invocation', async () => {
    await using fixture = await startLambda();
    await fixture.create('echo', 'exports.handler = async (_, context) => context.awsRequestId;');
    const url = await createUrl(fixture);
    const answer = await url.send();
    const id = String(answer.headers['x-amzn-requestid']);
    const trace = await send(fixture.server.port, { path: `/_millrace/trace?id=${id}` });
    const { links } = JSON.parse(trace.text) as { links: unknown[] };
    assert.equal(links.length, 1);
    assert.match(trace.text, new RegExp(answer.text));
    assert.match(trace.text, new RegExp(ARN));
  });
});
