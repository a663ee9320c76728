import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { randomBelow, seededRandom } from '../../base/random.ts';
import { busArn, EAST, putEventsInput, queueArn, SimRegions, WEST } from '../../testing/region-fixture.ts';

const SECOND = 1000;
const HOUR = 3_600_000;
const range = (count: number): number[] => Array.from({ length: count }, (_, index) => index);

/** A rule in the east that sends to the west's bus, and a queue behind that. */
async function twoRegions(options: ConstructorParameters<typeof SimRegions>[0] = {}) {
  const regions = new SimRegions(options);
  const dead = await regions.createQueue(EAST, 'dead');
  await regions.createRule(EAST, 'to-west', [{ Arn: busArn(WEST), DeadLetterConfig: { Arn: dead } }]);
  await regions.createRule(WEST, 'keep', [await regions.createQueue(WEST, 'kept')]);
  return regions;
}

function codesOf(letters: readonly Record<string, unknown>[]): (string | undefined)[] {
  return letters.map(({ attributes }) => {
    return (attributes as Record<string, { StringValue: string }> | undefined)?.['ERROR_CODE']?.StringValue;
  });
}

suite('an event for a bus of another region', () => {
  test('keeps its id, time, region and account', async () => {
    const regions = await twoRegions();
    const [id] = await regions.put(EAST, [1]);
    await regions.clock.advance(SECOND);
    const [event] = await regions.drain(WEST, 'kept');
    const { time, ...rest } = event ?? {};
    assert.equal(typeof time, 'string');
    assert.deepEqual(rest, {
      version: '0',
      id,
      'detail-type': 'x',
      source: 'shop',
      account: '000000000000',
      region: EAST,
      resources: [],
      detail: { number: 1 },
    });
  });

  test('is delivered once and in order over a bad network', async () => {
    const faults = { lost: 0.2, unanswered: 0.2, doubled: 0.3, delayMsMax: 100 };
    for (let seed = 1; seed <= 3; seed += 1) {
      const regions = await twoRegions({ seed, faults });
      for (const number of range(30)) await regions.put(EAST, [number]);
      await regions.clock.advance(60 * SECOND);
      assert.deepEqual(await regions.drainNumbers(WEST, 'kept'), range(30), `seed ${seed}`);
    }
  });

  test('waits for a region that is away, and is taken when it is back', async () => {
    const regions = await twoRegions();
    await regions.clock.advance(SECOND);
    regions.kill(WEST);
    for (const number of range(20)) await regions.put(EAST, [number]);
    await regions.clock.advance(HOUR);
    regions.restart(EAST);
    regions.start(WEST);
    await regions.clock.advance(10);
    assert.deepEqual(await regions.drainNumbers(WEST, 'kept'), range(20));
    assert.equal(regions.region(WEST).buses.late?.count, 20);
  });

  test('that two rules send is taken once', async () => {
    const regions = await twoRegions();
    await regions.createRule(EAST, 'also-to-west', [busArn(WEST)]);
    await regions.put(EAST, [1, 2]);
    await regions.clock.advance(SECOND);
    assert.deepEqual(await regions.drainNumbers(WEST, 'kept'), [1, 2]);
  });

  test('and for two buses there is taken by both', async () => {
    const regions = await twoRegions();
    await regions.call(WEST, 'events:CreateEventBus', { Name: 'second' });
    await regions.createRule(WEST, 'keep', [queueArn(WEST, 'kept')], 'second');
    await regions.createRule(EAST, 'to-second', [busArn(WEST, 'second')]);
    await regions.put(EAST, [1]);
    await regions.clock.advance(SECOND);
    assert.deepEqual(await regions.drainNumbers(WEST, 'kept'), [1, 1]);
  });

  test('that the other region does not take goes to the dead-letter queue of the rule that sent it', async () => {
    const regions = new SimRegions();
    const dead = await regions.createQueue(EAST, 'dead');
    await regions.createRule(EAST, 'to-west', [
      { Arn: busArn(WEST, 'none'), DeadLetterConfig: { Arn: dead } },
    ]);
    const [id] = await regions.put(EAST, [1]);
    await regions.clock.advance(SECOND);
    const letters = await regions.drain(EAST, 'dead');
    assert.equal(letters[0]?.['id'], id);
    assert.deepEqual(codesOf(letters), ['CROSS_REGION_INGESTION_FAILED']);
  });

  test('that waits past the age that its target allows goes to the dead-letter queue', async () => {
    const regions = await twoRegions();
    const target = {
      Arn: busArn(WEST),
      RetryPolicy: { MaximumEventAgeInSeconds: 120 },
      DeadLetterConfig: { Arn: queueArn(EAST, 'dead') },
    };
    await regions.createRule(EAST, 'to-west', [target]);
    await regions.clock.advance(SECOND);
    regions.kill(WEST);
    await regions.put(EAST, [1]);
    await regions.clock.advance(119 * SECOND);
    assert.deepEqual(await regions.drain(EAST, 'dead'), []);
    await regions.clock.advance(62 * SECOND);
    const letters = await regions.drain(EAST, 'dead');
    assert.deepEqual(codesOf(letters), ['CROSS_REGION_INGESTION_FAILED']);
    const [letter] = letters as { attributes: Record<string, { StringValue: string }> }[];
    assert.equal(letter?.attributes['EXHAUSTED_RETRY_CONDITION']?.StringValue, 'MaximumEventAgeInSeconds');
    regions.start(WEST);
    await regions.clock.advance(SECOND);
    assert.deepEqual(await regions.drain(WEST, 'kept'), []);
  });

  test('is not sent back by a rule of that bus, and not on to a third region', async () => {
    const third = 'eu-west-1';
    const regions = await twoRegions({ regions: [EAST, WEST, third] });
    const dead = await regions.createQueue(WEST, 'dead');
    const DeadLetterConfig = { Arn: dead };
    await regions.createRule(WEST, 'back', [
      { Arn: busArn(EAST), DeadLetterConfig },
      { Arn: busArn(third), DeadLetterConfig },
    ]);
    await regions.createRule(EAST, 'keep', [await regions.createQueue(EAST, 'kept')]);
    await regions.put(EAST, [1]);
    await regions.clock.advance(10 * SECOND);
    assert.deepEqual(await regions.drainNumbers(EAST, 'kept'), [1]);
    assert.deepEqual(await regions.drainNumbers(WEST, 'kept'), [1]);
    const codes = codesOf(await regions.drain(WEST, 'dead'));
    assert.deepEqual(codes, ['THIRD_REGION_HOP_DETECTED', 'THIRD_REGION_HOP_DETECTED']);
  });

  test('is traced in both regions: where it went, and where it came from', async () => {
    const regions = await twoRegions();
    const [id = ''] = await regions.put(EAST, [1]);
    await regions.clock.advance(SECOND);
    const east = await regions.region(EAST).trace.chain(id);
    const sent = east.links.find(({ effect, cause }) => effect === id && cause === id);
    assert.equal(sent?.detail?.['target'], busArn(WEST));
    const west = await regions.region(WEST).trace.chain(id);
    const came = west.links.find(({ detail }) => detail?.['from'] === EAST);
    // The request that put it in the east is known in the west, too.
    assert.equal(came?.cause, east.links.find(({ effect, cause }) => effect === id && cause !== id)?.cause);
    assert.ok(west.links.some(({ cause, kind }) => cause === id && kind === 'message'));
  });

  test('is in neither region or will be in both, whenever either of them is killed', async () => {
    let kills = 0;
    for (let seed = 1; seed <= 5; seed += 1) {
      const random = seededRandom(seed);
      const regions = await twoRegions({ seed, faults: { lost: 0.1, unanswered: 0.1, doubled: 0.1 } });
      await regions.createRule(EAST, 'keep', [await regions.createQueue(EAST, 'kept')]);
      const acknowledged: number[] = [];
      for (const number of range(40)) {
        for (const name of [EAST, WEST]) regions.holdBack(name, randomBelow(random, 2) === 0);
        void regions
          .ask(EAST, 'events:PutEvents', putEventsInput([number]))
          .then(() => acknowledged.push(number));
        await regions.clock.advance(randomBelow(random, 50));
        if (randomBelow(random, 6) > 0) continue;
        kills += 1;
        regions.restart(randomBelow(random, 2) === 0 ? EAST : WEST);
      }
      for (const name of [EAST, WEST]) regions.holdBack(name, false);
      await regions.clock.advance(60 * SECOND);
      const east = await regions.drainNumbers(EAST, 'kept');
      assert.deepEqual(await regions.drainNumbers(WEST, 'kept'), east, `seed ${seed}`);
      assert.equal(new Set(east).size, east.length, `seed ${seed}: doubled`);
      for (const number of acknowledged) assert.ok(east.includes(number), `seed ${seed}: lost ${number}`);
    }
    assert.ok(kills > 15, `${kills} kills`);
  });
});

suite('a region without a process of its own', () => {
  test('takes an event that a bus passes on in the same commit, with its id', async () => {
    const regions = new SimRegions({ regions: [EAST] });
    const elsewhere = 'eu-west-1';
    await regions.createRule(EAST, 'on', [busArn(elsewhere)]);
    const [id = ''] = await regions.put(EAST, [1]);
    const { buses } = regions.region(EAST);
    const scope = { account: '000000000000', region: elsewhere };
    const [logged] = buses.log.recent({ scope, busName: 'default', countMax: 1 });
    assert.equal(logged?.id, id);
    assert.equal(logged.from, EAST);
  });
});

suite('targets elsewhere', () => {
  test('queues of another account get events, those of another region do not', async () => {
    const regions = new SimRegions({ regions: [EAST] });
    const other = '111122223333';
    const queue = await regions.createQueue(EAST, 'kept', other);
    const dead = await regions.createQueue(EAST, 'dead');
    const DeadLetterConfig = { Arn: dead };
    const targets = [
      queue,
      { Arn: queueArn(WEST, 'kept'), DeadLetterConfig },
      { Arn: `arn:aws:lambda:${WEST}:000000000000:function:work`, DeadLetterConfig },
      { Arn: `arn:aws:states:${WEST}:000000000000:stateMachine:work`, DeadLetterConfig },
      { Arn: busArn(EAST, 'none', other), DeadLetterConfig },
    ];
    await regions.createRule(EAST, 'all', targets);
    await regions.put(EAST, [1]);
    assert.deepEqual(codesOf(await regions.drain(EAST, 'dead')), [
      'NO_RESOURCE',
      'NO_RESOURCE',
      'NO_RESOURCE',
      'CROSS_ACCOUNT_INGESTION_FAILED',
    ]);
    const url = `http://127.0.0.1:4566/${other}/kept`;
    const answer = await regions.call(EAST, 'sqs:ReceiveMessage', { QueueUrl: url }, other);
    assert.equal((answer['Messages'] as unknown[]).length, 1);
  });
});
