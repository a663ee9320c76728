import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite, test, type TestContext } from 'node:test';
import { buffer } from 'node:stream/consumers';
import { ZipFile } from 'yazl';
import { systemClock } from '../../base/clock.ts';
import { decodeHead } from '../../storage/codec.ts';
import { prefixRange, key } from '../../storage/keys.ts';
import { createEngineFixture, type EngineFixture } from '../../testing/engine-fixture.ts';
import type { Cause } from '../cause.ts';
import { KEYSPACE } from '../keyspace.ts';
import type { Loop } from '../loop.ts';
import { createSecretBox, ephemeralSecretKey } from '../secrets.ts';
import { LATEST, type FunctionConfig } from './function-record.ts';
import { Functions } from './functions.ts';

const SCOPE = { account: '000000000000', region: 'us-east-1' };
const ARN = 'arn:aws:lambda:us-east-1:000000000000:function:subject';
const CAUSE: Cause = { kind: 'request', id: 'the-request' };

const CONFIG: FunctionConfig = {
  description: '',
  runtime: 'nodejs24.x',
  handler: 'index.handler',
  roleArn: 'arn:aws:iam::000000000000:role/subject',
  timeoutSeconds: 30,
  memorySizeMb: 256,
  ephemeralStorageMb: 512,
  architecture: 'x86_64',
  tracingMode: 'PassThrough',
  logGroupName: '/aws/lambda/subject',
};

function zip(source: string): Promise<Buffer> {
  const archive = new ZipFile();
  archive.addBuffer(Buffer.from(source), 'index.js');
  archive.end();
  return buffer(archive.outputStream as NodeJS.ReadableStream as never);
}

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setImmediate(resolve));
}

async function createFunctionsFixture(
  context: TestContext,
  source: string,
  config: Partial<FunctionConfig> = {},
) {
  const fixture = createEngineFixture();
  const lines: string[] = [];
  const codeDirectory = mkdtempSync(join(tmpdir(), 'millrace-functions-'));
  context.after(() => rmSync(codeDirectory, { recursive: true, force: true }));
  const secrets = createSecretBox(ephemeralSecretKey());
  const open = (loop: Loop): Functions => {
    const functions = new Functions({
      loop,
      secrets,
      logs: { append: (_stream, added) => lines.push(...added.map(({ text }) => text)) },
      credentials: () => ({ accessKeyId: 'a', secretAccessKey: 'b', sessionToken: 'c' }),
      endpointUrl: () => 'http://127.0.0.1:4566',
      processClock: systemClock,
      codeDirectory,
    });
    context.after(() => functions.close());
    return functions;
  };
  const functions = open(fixture.loop);
  functions.start();
  const code = await functions.code.save(await zip(source));
  fixture.loop.turn((turn) =>
    functions.put(turn, {
      ...SCOPE,
      name: 'subject',
      latest: {
        version: LATEST,
        config: { ...CONFIG, ...config },
        code,
        revisionId: 'r1',
        modifiedAtMs: turn.now,
      },
      lastVersion: 0,
      aliases: {},
      policies: {},
      tags: {},
    }),
  );
  const enqueue = (payloadText = '{}'): string =>
    fixture.loop.turn((turn) =>
      functions.enqueueAsync(turn, { functionArn: ARN, payloadText, cause: CAUSE }),
    );
  const count = (start: string): number => lines.filter((line) => line.startsWith(start)).length;
  return { ...fixture, functions, open, lines, enqueue, count };
}

function pending({ store }: Pick<EngineFixture, 'store'>) {
  return store
    .range(...prefixRange(key(KEYSPACE.invocation)))
    .map(({ value }) => decodeHead<{ requestId: string; failures: number; refusals: number }>(value));
}

suite('an asynchronous invocation', () => {
  test('is made once its commit is on disk, and leaves no record when it has succeeded', async (context) => {
    const fixture = await createFunctionsFixture(context, 'exports.handler = async () => 1;');
    const requestId = fixture.enqueue();
    assert.equal(pending(fixture).length, 1);
    await until(() => pending(fixture).length === 0);
    assert.equal(fixture.count(`END RequestId: ${requestId}`), 1);
  });

  test('that fails is made again after one and after two minutes, and then given up', async (context) => {
    const fixture = await createFunctionsFixture(
      context,
      "exports.handler = async () => { throw new Error('no'); };",
    );
    const { clock, enqueue, count } = fixture;
    const start = `START RequestId: ${enqueue()} `;
    await until(() => pending(fixture)[0]?.failures === 1);
    await clock.advance(59_999);
    assert.equal(count(start), 1);
    await clock.advance(1);
    await until(() => pending(fixture)[0]?.failures === 2);
    await clock.advance(119_999);
    assert.equal(count(start), 2);
    await clock.advance(1);
    await until(() => pending(fixture).length === 0);
    assert.equal(count(start), 3);
  });

  test('that a crash interrupts is made again with the same request id', async (context) => {
    const fixture = await createFunctionsFixture(
      context,
      'exports.handler = () => new Promise((resolve) => setTimeout(resolve, 20_000));',
    );
    const { functions, enqueue, count, open, restart, settle } = fixture;
    const start = `START RequestId: ${enqueue('{"wait":1}')} `;
    await until(() => count(start) === 1);
    await functions.close();
    await settle();
    assert.deepEqual(
      pending(fixture).map(({ failures, refusals }) => [failures, refusals]),
      [[0, 0]],
    );
    const recovered = open(restart());
    recovered.start();
    await until(() => count(start) === 2);
  });

  test('that cannot be made is made later, and does not count as a failure of the function', async (context) => {
    const fixture = await createFunctionsFixture(context, 'exports.handler = async () => 1;');
    const { loop, functions, enqueue, clock, count } = fixture;
    const { record } = functions.get(SCOPE, 'subject') ?? assert.fail();
    loop.turn((turn) => functions.put(turn, { ...record, reservedConcurrency: 0 }));
    const requestId = enqueue();
    await until(() => pending(fixture)[0]?.refusals === 1);
    assert.equal(pending(fixture)[0]?.failures, 0);
    loop.turn((turn) => functions.put(turn, record));
    await clock.advance(1000);
    await until(() => pending(fixture).length === 0);
    assert.equal(count(`END RequestId: ${requestId}`), 1);
  });

  test('of a function that is deleted meanwhile is given up at once', async (context) => {
    const fixture = await createFunctionsFixture(context, 'exports.handler = async () => 1;');
    const { loop, functions } = fixture;
    loop.turn((turn) => {
      functions.enqueueAsync(turn, { functionArn: ARN, payloadText: '{}', cause: CAUSE });
      functions.delete(turn, functions.get(SCOPE, 'subject') ?? assert.fail());
    });
    await until(() => pending(fixture).length === 0);
  });

  test('is refused before anything changed when there is no function, or the payload is too large', async (context) => {
    const fixture = await createFunctionsFixture(context, '');
    assert.throws(() => fixture.enqueue(`"${'x'.repeat(1_048_576)}"`), { code: 'RequestTooLargeException' });
    assert.throws(
      () =>
        fixture.loop.turn((turn) =>
          fixture.functions.enqueueAsync(turn, { functionArn: `${ARN}:9`, payloadText: '{}', cause: CAUSE }),
        ),
      { code: 'ResourceNotFoundException', message: `Function not found: ${ARN}:9` },
    );
    assert.equal(pending(fixture).length, 0);
  });
});

suite('a function', () => {
  test('comes back after a restart, and its variables were never on disk in clear text', async (context) => {
    const fixture = await createFunctionsFixture(context, '', { variables: { PASSWORD: 'open sesame' } });
    await fixture.settle();
    for (const { value } of fixture.store.range(...prefixRange(key(KEYSPACE.function)))) {
      assert.doesNotMatch(Buffer.from(value).toString('latin1'), /open sesame/);
    }
    const recovered = fixture.open(fixture.restart());
    recovered.start();
    const { record } = recovered.get(SCOPE, 'subject') ?? assert.fail();
    assert.deepEqual(record.latest.config.variables, { PASSWORD: 'open sesame' });
  });

  test('shares its invocations between the two versions of an alias', async (context) => {
    const { functions, loop } = await createFunctionsFixture(context, 'exports.handler = async () => 1;');
    const entry = functions.get(SCOPE, 'subject') ?? assert.fail();
    loop.turn((turn) => {
      functions.publish(turn, entry, 'one');
      functions.put(turn, {
        ...entry.record,
        latest: { ...entry.record.latest, revisionId: 'r2' },
      });
      functions.publish(turn, entry, 'two');
      const alias = { name: 'live', description: '', version: '1', revisionId: 'a' };
      const additional = { version: '2', weight: 0.5 };
      functions.put(turn, { ...entry.record, aliases: { live: { ...alias, additional } } });
    });
    const call = { functionArn: `${ARN}:live`, payloadText: '{}', requestId: 'r', cause: CAUSE };
    const versions = new Set<string>();
    for (let index = 0; index < 20; index += 1) versions.add((await functions.invoke(call)).executedVersion);
    assert.deepEqual([...versions].toSorted(), ['1', '2']);
  });
});
