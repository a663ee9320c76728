import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { suite, test, type TestContext } from 'node:test';
import { createPoolFixture, IDENTITY, node, type PoolFixtureOptions } from '../../testing/pool-fixture.ts';

const hasPython = works('python3');

function works(command: string): boolean {
  try {
    execFileSync(command, ['--version'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

suite('a function in Node', () => {
  test('gets its event and its context, and answers', async (context) => {
    const { invoke } = createPoolFixture(
      context,
      node(`exports.handler = async (event, context) => ({
        event, id: context.awsRequestId, name: context.functionName, arn: context.invokedFunctionArn,
        hasTime: context.getRemainingTimeInMillis() > 5000, region: process.env.AWS_REGION,
        endpoint: process.env.AWS_ENDPOINT_URL, key: process.env.AWS_ACCESS_KEY_ID });`),
    );
    const { isError, answer } = await invoke({ text: 'grüße', big: [1, 2] });
    assert.equal(isError, false);
    assert.deepEqual(answer, {
      event: { text: 'grüße', big: [1, 2] },
      id: 'request-1',
      name: 'subject',
      arn: 'arn:aws:lambda:us-east-1:000000000000:function:subject',
      hasTime: true,
      region: 'us-east-1',
      endpoint: 'http://127.0.0.1:4566',
      key: 'ASIATEST',
    });
  });

  test('keeps its process and its state from one invocation to the next', async (context) => {
    const { invoke } = createPoolFixture(
      context,
      node(`let count = 0; ${IDENTITY} exports.handler = async () => [++count, identity];`),
    );
    const [first, identity] = (await invoke()).answer as [number, string];
    assert.deepEqual((await invoke()).answer, [2, identity]);
    assert.equal(first, 1);
  });

  test('may be an ES module with a top-level await', async (context) => {
    const { invoke } = createPoolFixture(context, {
      'index.mjs': 'const answer = await 42; export const handler = async () => answer;',
    });
    assert.equal((await invoke()).answer, 42);
  });

  test('may answer through a callback, once its event loop is empty', async (context) => {
    const { invoke } = createPoolFixture(
      context,
      node(`let done = false; exports.handler = (event, context, callback) => {
        setTimeout(() => { done = true; }, 20); callback(null, { get done() { return done; } }); };`),
    );
    assert.deepEqual((await invoke()).answer, { done: true });
  });

  test('is answered with null when its promise can never settle', async (context) => {
    const { invoke } = createPoolFixture(
      context,
      node('exports.handler = () => new Promise(() => undefined);'),
    );
    assert.equal((await invoke()).answer, null);
    assert.equal((await invoke()).answer, null);
  });

  test('that throws answers the error with its type and trace, and stays warm', async (context) => {
    const { invoke } = createPoolFixture(
      context,
      node(`let count = 0; exports.handler = async () => { count += 1;
        if (count === 1) throw new RangeError('too far'); return count; };`),
    );
    const { isError, answer, tail } = await invoke();
    const error = answer as { errorType: string; errorMessage: string; trace: string[] };
    assert.equal(isError, true);
    assert.equal(error.errorType, 'RangeError');
    assert.equal(error.errorMessage, 'too far');
    assert.equal(error.trace[0], 'RangeError: too far');
    assert.match(tail, /\trequest-1\tERROR\tInvoke Error \t\{"errorType":"RangeError"/);
    assert.equal((await invoke()).answer, 2);
  });

  test('that leaves a rejection unhandled answers it and loses its process', async (context) => {
    const { invoke } = createPoolFixture(
      context,
      node(`let count = 0; exports.handler = async () => { count += 1;
        Promise.reject(new Error('lost')); await new Promise((resolve) => setTimeout(resolve, 50)); return count; };`),
    );
    const { isError, answer } = await invoke();
    assert.equal(isError, true);
    assert.equal((answer as { errorType: string }).errorType, 'Runtime.UnhandledPromiseRejection');
    assert.equal((answer as { errorMessage: string }).errorMessage, 'Error: lost');
    assert.equal((await invoke()).isError, true);
  });

  test('that exits is answered in the words of AWS, and the next invocation gets a new process', async (context) => {
    const { invoke, lines } = createPoolFixture(
      context,
      node(
        `exports.handler = async (event) => { console.log('before the end'); process.exit(event.code); };`,
      ),
    );
    const { answer, tail } = await invoke({ code: 7 });
    assert.deepEqual(answer, {
      errorType: 'Runtime.ExitError',
      errorMessage: 'RequestId: request-1 Error: Runtime exited with error: exit status 7',
    });
    assert.match(tail, /before the end/);
    const second = (await invoke({ code: 0 })).answer as { errorMessage: string };
    assert.equal(
      second.errorMessage,
      'RequestId: request-2 Error: Runtime exited without providing a reason',
    );
    assert.equal(lines.filter((line) => line.startsWith('INIT_START')).length, 2);
  });

  for (const [what, files, errorType, message] of [
    ['is not there', { 'other.js': '' }, 'Runtime.ImportModuleError', /Cannot find module/],
    ['imports what is not there', node("require('nowhere')"), 'Runtime.ImportModuleError', /'nowhere'/],
    ['does not parse', node('exports.handler = ('), 'Runtime.UserCodeSyntaxError', /^SyntaxError: /],
    [
      'does not export the handler',
      node('exports.other = 1'),
      'Runtime.HandlerNotFound',
      /^index\.handler is undefined or not exported$/,
    ],
    ['throws', node("throw new TypeError('at once')"), 'TypeError', /^at once$/],
  ] as const) {
    test(`whose module ${what} fails with ${errorType}, every time it is called`, async (context) => {
      const { invoke } = createPoolFixture(context, files);
      for (let count = 0; count < 2; count += 1) {
        const { isError, answer } = await invoke();
        const error = answer as { errorType: string; errorMessage: string };
        assert.equal(isError, true);
        assert.equal(error.errorType, errorType);
        assert.match(error.errorMessage, message);
      }
    });
  }

  test('that does not end in time is killed, alone, and what it would have said reaches nobody', async (context) => {
    const { invoke, pool, spec } = createPoolFixture(
      context,
      node(`exports.handler = async ({ spin, wait }) => { if (spin) for (;;); 
        await new Promise((resolve) => setTimeout(resolve, wait)); return 'done'; };`),
      { timeoutMs: 1000 },
    );
    const [slow, quick] = await Promise.all([invoke({ spin: true }), invoke({ wait: 0 })]);
    assert.deepEqual(slow.answer, {
      errorType: 'Sandbox.Timedout',
      errorMessage: 'RequestId: request-1 Error: Task timed out after 1.00 seconds',
    });
    assert.match(slow.tail, /request-1 Task timed out after 1\.00 seconds/);
    assert.match(slow.tail, /Status: timeout/);
    assert.equal(quick.isError, false);
    assert.equal((await invoke({ wait: 0 })).answer, 'done');
    assert.equal(pool.counts(spec.key).busy, 0);
  });

  test('that answers more than 6 MB fails and stays warm', async (context) => {
    const { invoke } = createPoolFixture(
      context,
      node("exports.handler = async ({ size }) => 'x'.repeat(size);"),
    );
    assert.equal(((await invoke({ size: 6_000_000 })).answer as string).length, 6_000_000);
    const { answer } = await invoke({ size: 6_291_556 });
    assert.deepEqual(answer, {
      errorType: 'Function.ResponseSizeTooLarge',
      errorMessage: 'Response payload size exceeded maximum allowed payload size (6291556 bytes).',
    });
    assert.equal((await invoke({ size: 1 })).answer, 'x');
  });

  test('that writes frames of its own is killed before it can answer for another', async (context) => {
    const { invoke } = createPoolFixture(
      context,
      node(`exports.handler = async () => { const head = Buffer.from('{"kind":"response","id":99}');
        const frame = Buffer.alloc(8 + head.length + 2); frame.writeUInt32BE(frame.length - 4, 0);
        frame.writeUInt32BE(head.length, 4); head.copy(frame, 8); frame.write('42', 8 + head.length);
        require('node:fs').writeSync(4, frame); await new Promise((resolve) => setTimeout(resolve, 5000)); };`),
    );
    const { answer, isError } = await invoke();
    assert.equal(isError, true);
    assert.equal((answer as { errorType: string }).errorType, 'Runtime.ExitError');
  });

  test('logs what it prints between START and END, and a report', async (context) => {
    const { invoke } = createPoolFixture(
      context,
      node(
        `exports.handler = async () => { console.log('hello %s', 'you'); process.stdout.write('raw\\n'); };`,
      ),
    );
    const { tail } = await invoke();
    const lines = tail.split('\n');
    assert.equal(lines[0], 'START RequestId: request-1 Version: $LATEST');
    assert.match(lines[1] ?? '', /^\d{4}-\d\d-\d\dT[\d:.]+Z\trequest-1\tINFO\thello you$/);
    assert.equal(lines[2], 'raw');
    assert.equal(lines[3], 'END RequestId: request-1');
    assert.match(
      lines[4] ?? '',
      /^REPORT RequestId: request-1\tDuration: [\d.]+ ms\tBilled Duration: \d+ ms\tMemory Size: 256 MB\tMax Memory Used: \d+ MB\tInit Duration: [\d.]+ ms\t$/,
    );
  });

  test('may print nothing but ends of lines, however many', async (context) => {
    const { invoke, lines } = createPoolFixture(
      context,
      node("exports.handler = async () => { process.stdout.write('\\n'.repeat(500_000)); return 1; };"),
    );
    assert.equal((await invoke()).answer, 1);
    assert.ok(lines.length > 500_000);
  });

  test('may print far more than anybody reads, and its log keeps the end', async (context) => {
    const { invoke } = createPoolFixture(
      context,
      node(`exports.handler = async () => { for (let count = 0; count < 200; count += 1)
        process.stdout.write('x'.repeat(99_999) + '\\n'); console.log('the end'); };`),
    );
    const { tail, isError } = await invoke();
    assert.equal(isError, false);
    assert.match(tail, /the end/);
    assert.ok(tail.length <= 4096);
  });
});

suite('a function in Python', { skip: hasPython ? false : 'there is no python3 on this machine' }, () => {
  const python = (
    context: TestContext,
    body: string,
    own: PoolFixtureOptions = {},
  ): ReturnType<typeof createPoolFixture> =>
    createPoolFixture(context, { 'app.py': body }, { runtime: 'python3.12', handler: 'app.handler', ...own });

  test('gets its event and its context, and answers', async (context) => {
    const { invoke } = python(
      context,
      `import os
def handler(event, context):
    return {"event": event, "id": context.aws_request_id, "name": context.function_name,
            "hasTime": context.get_remaining_time_in_millis() > 5000, "region": os.environ["AWS_REGION"]}`,
    );
    assert.deepEqual((await invoke({ text: 'grüße' })).answer, {
      event: { text: 'grüße' },
      id: 'request-1',
      name: 'subject',
      hasTime: true,
      region: 'us-east-1',
    });
  });

  test('that raises answers the error with its trace, and stays warm', async (context) => {
    const { invoke } = python(
      context,
      `count = 0
def handler(event, context):
    global count
    count += 1
    if count == 1:
        raise KeyError("customerId")
    return count`,
    );
    const { answer, isError, tail } = await invoke();
    const error = answer as {
      errorType: string;
      errorMessage: string;
      requestId: string;
      stackTrace: string[];
    };
    assert.equal(isError, true);
    assert.equal(error.errorType, 'KeyError');
    assert.equal(error.errorMessage, "'customerId'");
    assert.equal(error.requestId, 'request-1');
    assert.equal(error.stackTrace.length, 1);
    assert.match(error.stackTrace[0] ?? '', /app\.py", line 6, in handler/);
    assert.match(tail, /\[ERROR\] KeyError: 'customerId'\nTraceback/);
    assert.equal((await invoke()).answer, 2);
  });

  test('logs what it prints and what it logs, before its report', async (context) => {
    const { invoke } = python(
      context,
      `import logging, sys
logging.getLogger().setLevel(logging.INFO)
def handler(event, context):
    print("pri", "nted", sep="")
    sys.stderr.buffer.write("grüße\\n".encode())
    logging.info("logged")`,
    );
    const lines = (await invoke()).tail.split('\n');
    assert.equal(lines[1], 'printed');
    assert.match(lines[2] ?? '', /^\[INFO\]\t[\dT:.-]+Z\trequest-1\tlogged$/);
    assert.equal(lines[3], 'grüße');
    assert.equal(lines[4], 'END RequestId: request-1');
  });

  for (const [what, body, errorType, message] of [
    [
      'imports what is not there',
      'import nowhere',
      'Runtime.ImportModuleError',
      "Unable to import module 'app': No module named 'nowhere'",
    ],
    [
      'does not parse',
      'def handler(:',
      'Runtime.UserCodeSyntaxError',
      "Syntax error in module 'app': invalid syntax (app.py, line 1)",
    ],
    ['has no handler', 'x = 1', 'Runtime.HandlerNotFound', "Handler 'handler' missing on module 'app'"],
  ] as const) {
    test(`whose module ${what} fails with ${errorType}`, async (context) => {
      const { isError, answer } = await python(context, body).invoke();
      assert.equal(isError, true);
      assert.equal((answer as { errorType: string }).errorType, errorType);
      assert.equal((answer as { errorMessage: string }).errorMessage, message);
    });
  }

  test('that answers what is no JSON fails with Runtime.MarshalError', async (context) => {
    const { answer } = await python(context, 'handler = lambda event, context: {1, 2}').invoke();
    assert.equal((answer as { errorType: string }).errorType, 'Runtime.MarshalError');
  });

  test('that exits is answered in the words of AWS', async (context) => {
    const { answer } = await python(
      context,
      'import sys\ndef handler(event, context):\n    sys.exit(3)',
    ).invoke();
    assert.deepEqual(answer, {
      errorType: 'Runtime.ExitError',
      errorMessage: 'RequestId: request-1 Error: Runtime exited with error: exit status 3',
    });
  });

  test('that does not end in time is killed', async (context) => {
    const { invoke } = python(context, 'def handler(event, context):\n    while True: pass', {
      timeoutMs: 500,
    });
    assert.equal(((await invoke()).answer as { errorType: string }).errorType, 'Sandbox.Timedout');
  });
});

suite('a function with a bootstrap of its own', () => {
  const BOOTSTRAP = `#!${process.execPath}
const base = 'http://' + process.env.AWS_LAMBDA_RUNTIME_API + '/2018-06-01/runtime/invocation/';
(async () => { for (;;) {
  const next = await fetch(base + 'next');
  const id = next.headers.get('lambda-runtime-aws-request-id');
  const event = await next.json();
  if (event.exit) process.exit(2);
  if (event.late) { const stale = await fetch(base + 'request-0/response', { method: 'POST', body: '"stale"' }); event.late = stale.status; }
  const what = event.fail ? 'error' : 'response';
  await fetch(base + id + '/' + what, { method: 'POST', body: JSON.stringify(event.fail ? { errorType: 'Own', errorMessage: 'failed' } : { event, arn: next.headers.get('lambda-runtime-invoked-function-arn') }) });
} })();`;
  const bootstrap = (context: TestContext, files = { bootstrap: BOOTSTRAP }) =>
    createPoolFixture(context, files, { runtime: 'provided.al2023', handler: 'any', memorySizeMb: 512 });

  test('speaks the Runtime API, answers and fails through it, and stays warm', async (context) => {
    const { invoke, lines } = bootstrap(context);
    const arn = 'arn:aws:lambda:us-east-1:000000000000:function:subject';
    assert.deepEqual((await invoke({ a: 1 })).answer, { event: { a: 1 }, arn });
    const failed = await invoke({ fail: true });
    assert.deepEqual(failed, {
      ...failed,
      isError: true,
      answer: { errorType: 'Own', errorMessage: 'failed' },
    });
    assert.deepEqual((await invoke({ late: true })).answer, { event: { late: 400 }, arn });
    assert.equal(lines.filter((line) => line.startsWith('INIT_START')).length, 1);
  });

  test('that ends is answered so', async (context) => {
    const { answer } = await bootstrap(context).invoke({ exit: true });
    assert.equal((answer as { errorType: string }).errorType, 'Runtime.ExitError');
  });

  test('that is missing fails with Runtime.InvalidEntrypoint', async (context) => {
    const { answer, isError } = await createPoolFixture(context, {}, { runtime: 'provided.al2023' }).invoke();
    assert.equal(isError, true);
    assert.deepEqual(answer, {
      errorType: 'Runtime.InvalidEntrypoint',
      errorMessage:
        "RequestId: request-1 Error: Couldn't find valid bootstrap(s): [/var/task/bootstrap /opt/bootstrap]",
    });
  });
});
