import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { systemClock } from '../base/clock.ts';
import { SimClock } from '../testing/sim-clock.ts';
import type { Witness } from '../engine/region/witness.ts';
import { answerWitnessCall, createWitnessPort } from './witness-calls.ts';
import { openWitness, WitnessFileError } from './witness-file.ts';

const CANDIDATE = { group: 'primary', region: 'us-east-1', incarnation: 'one' };

function directory(): Disposable & { path: string } {
  const root = mkdtempSync(join(tmpdir(), 'millrace-witness-'));
  return {
    path: join(root, 'below', 'witness.json'),
    [Symbol.dispose]: () => rmSync(root, { recursive: true, force: true }),
  };
}

function open(path: string): Witness {
  return openWitness(path, () => 0);
}

describe('the file of a witness', () => {
  it('keeps what was granted', () => {
    using kept = directory();
    open(kept.path).acquire({ ...CANDIDATE, isPreferred: true });
    const [record] = open(kept.path).list();
    assert.deepEqual(record, {
      group: 'primary',
      holder: 'us-east-1',
      incarnation: 'one',
      epoch: 1,
      isDegraded: false,
    });
  });

  it('is not guessed over when it is damaged', () => {
    using kept = directory();
    open(kept.path).acquire({ ...CANDIDATE, isPreferred: true });
    const text = readFileSync(kept.path, 'utf8');
    for (const damaged of [text.slice(0, -10), text.replace('"epoch":1', '"epoch":0'), '', '[]']) {
      writeFileSync(kept.path, damaged);
      assert.throws(() => open(kept.path), WitnessFileError);
    }
    writeFileSync(kept.path, text);
    assert.equal(open(kept.path).list().length, 1);
  });
});

describe('the calls of a witness', () => {
  it('pass through JSON unchanged', async () => {
    using kept = directory();
    const witness = open(kept.path);
    const port = createWitnessPort(async (name, body) => {
      const sent: unknown = JSON.parse(JSON.stringify(body));
      return JSON.parse(JSON.stringify(answerWitnessCall(witness, name, sent, 'us-east-1'))) as unknown;
    }, systemClock);
    assert.equal((await port.acquire({ ...CANDIDATE, isPreferred: true })).kind, 'granted');
    assert.equal((await port.setDegraded({ ...CANDIDATE, epoch: 1 }, true)).record?.isDegraded, true);
    assert.equal((await port.setDegraded({ ...CANDIDATE, epoch: 1 }, true)).kind, 'refused');
    assert.equal((await port.release({ ...CANDIDATE, epoch: 2 })).kind, 'granted');
  });

  it('are refused when they are malformed or speak for another region', () => {
    using kept = directory();
    const witness = open(kept.path);
    const call = (name: string, body: unknown): string => {
      try {
        return answerWitnessCall(witness, name, body, 'us-east-1').kind;
      } catch (error) {
        return (error as Error).message;
      }
    };
    const acquire = { ...CANDIDATE, isPreferred: true };
    assert.equal(
      call('acquire', { ...acquire, region: 'us-west-2' }),
      'us-east-1 does not speak for us-west-2.',
    );
    assert.equal(call('acquire', { ...acquire, group: 5 }), 'group is missing or malformed.');
    assert.equal(call('acquire', { ...acquire, group: 'x'.repeat(129) }), 'group is missing or malformed.');
    assert.equal(call('acquire', CANDIDATE), 'isPreferred is missing or malformed.');
    assert.equal(call('release', CANDIDATE), 'epoch is missing or malformed.');
    assert.equal(call('seize', CANDIDATE), 'The witness knows no seize.');
    for (const body of [null, 'text', []])
      assert.equal(call('acquire', body), 'group is missing or malformed.');
    assert.deepEqual(witness.list(), []);
  });

  it('are not waited for any longer than a holder can do without', async () => {
    const clock = new SimClock();
    const port = createWitnessPort(() => new Promise(() => undefined), clock);
    const asked = assert.rejects(
      port.acquire({ ...CANDIDATE, isPreferred: true }),
      /no answer within 1000 ms/,
    );
    await clock.advance(1000);
    await asked;
  });

  it('reject an answer that no witness gives', async () => {
    const port = createWitnessPort(async () => ({ message: 'who are you?' }), systemClock);
    await assert.rejects(port.acquire({ ...CANDIDATE, isPreferred: true }), /no witness/);
  });
});
