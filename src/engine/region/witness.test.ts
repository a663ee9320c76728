import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type Acquire, type GroupRecord, LEASE_TTL_MS, TAKEOVER_MARGIN_MS, Witness } from './witness.ts';

const GROUP = 'primary';
const SILENCE_MS = LEASE_TTL_MS + TAKEOVER_MARGIN_MS;

/** A witness whose time and disk are here. */
class Fixture {
  nowMs = 0;
  saved: readonly GroupRecord[] = [];
  isDiskBroken = false;
  witness = this.open();

  open(): Witness {
    this.witness = new Witness({
      records: this.saved,
      save: (records) => {
        if (this.isDiskBroken) throw new Error('no disk');
        this.saved = records;
      },
      monotonicMs: () => this.nowMs,
    });
    return this.witness;
  }

  acquire(region: string, more: Partial<Acquire> = {}): string {
    const isPreferred = region === 'home';
    const answer = this.witness.acquire({
      group: GROUP,
      region,
      incarnation: `${region}-1`,
      isPreferred,
      ...more,
    });
    return answer.kind === 'granted' ? `granted ${answer.record.epoch}` : answer.reason;
  }

  claim(
    region: string,
    epoch: number,
  ): { group: string; region: string; incarnation: string; epoch: number } {
    return { group: GROUP, region, incarnation: `${region}-1`, epoch };
  }
}

describe('Witness', () => {
  it('grants a group that nobody has held to the preferred region at once, and to another only after a while', () => {
    const fixture = new Fixture();
    assert.equal(fixture.acquire('other'), 'held');
    assert.equal(fixture.acquire('home'), 'granted 1');
    const alone = new Fixture();
    assert.equal(alone.acquire('other'), 'held');
    alone.nowMs = SILENCE_MS - 1;
    assert.equal(alone.acquire('other'), 'held');
    alone.nowMs = SILENCE_MS;
    assert.equal(alone.acquire('other'), 'granted 1');
  });

  it('renews for its holder in the same epoch, and lets nobody else in meanwhile', () => {
    const fixture = new Fixture();
    fixture.acquire('home');
    for (let tick = 0; tick < 10; tick += 1) {
      fixture.nowMs += 1000;
      assert.equal(fixture.acquire('home'), 'granted 1');
      assert.equal(fixture.acquire('other'), 'held');
    }
  });

  it('hands a group on, in a new epoch, once its holder has been silent for the term and a margin', () => {
    const fixture = new Fixture();
    fixture.acquire('home');
    fixture.nowMs = SILENCE_MS - 1;
    assert.equal(fixture.acquire('other'), 'held');
    fixture.nowMs = SILENCE_MS;
    assert.equal(fixture.acquire('other'), 'granted 2');
    assert.equal(fixture.acquire('home'), 'held', 'the one that returns is a follower');
  });

  it('takes a new process of the holding region for another holder, at once', () => {
    const fixture = new Fixture();
    fixture.acquire('home');
    assert.equal(fixture.acquire('home', { incarnation: 'home-2' }), 'granted 2');
    assert.equal(fixture.witness.setDegraded(fixture.claim('home', 1), true).kind, 'refused');
  });

  it('keeps everybody but the holder away from a group that is degraded, unless by force', () => {
    const fixture = new Fixture();
    fixture.acquire('home');
    assert.equal(fixture.witness.setDegraded(fixture.claim('home', 1), true).kind, 'granted');
    fixture.nowMs = 1_000_000;
    assert.equal(fixture.acquire('other'), 'degraded');
    assert.equal(fixture.acquire('home', { incarnation: 'home-2' }), 'granted 3');
    assert.equal(
      fixture.acquire('other', { isForced: true }),
      'held',
      'force does not depose one that is there',
    );
    fixture.nowMs += SILENCE_MS;
    assert.equal(fixture.acquire('other'), 'degraded', 'also after its holder has begun anew');
    assert.equal(fixture.acquire('other', { isForced: true }), 'granted 4');
  });

  it('refuses a mark of an epoch that is over', () => {
    const fixture = new Fixture();
    fixture.acquire('home');
    fixture.witness.setDegraded(fixture.claim('home', 1), true);
    // The end of the first time was under way for long; meanwhile a second one has begun.
    fixture.witness.setDegraded(fixture.claim('home', 2), true);
    assert.equal(fixture.witness.setDegraded(fixture.claim('home', 2), false).kind, 'refused');
    assert.equal(fixture.witness.list()[0]?.isDegraded, true);
  });

  it('gives a group that was given back to the preferred region at once, and to others no sooner than before', () => {
    const fixture = new Fixture();
    fixture.acquire('other');
    fixture.nowMs = SILENCE_MS;
    fixture.acquire('other');
    fixture.witness.release(fixture.claim('other', 1));
    assert.equal(fixture.acquire('other'), 'held');
    assert.equal(fixture.acquire('third'), 'held');
    assert.equal(fixture.acquire('home'), 'granted 2');
  });

  it('remembers over a restart what it has granted, and counts the grant as fresh', () => {
    const fixture = new Fixture();
    fixture.acquire('home');
    fixture.nowMs = SILENCE_MS;
    fixture.open();
    assert.equal(fixture.acquire('other'), 'held');
    assert.equal(fixture.acquire('home'), 'granted 1');
    fixture.nowMs += SILENCE_MS;
    assert.equal(fixture.acquire('other'), 'granted 2');
  });

  it('grants nothing that is not on disk', () => {
    const fixture = new Fixture();
    fixture.isDiskBroken = true;
    assert.throws(() => fixture.acquire('home'), /no disk/);
    assert.deepEqual(fixture.witness.list(), []);
    fixture.isDiskBroken = false;
    assert.equal(fixture.acquire('home'), 'granted 1');
  });

  it('remembers no more groups than an installation can have', () => {
    const fixture = new Fixture();
    for (let index = 0; index < 64; index += 1) fixture.acquire('home', { group: `group-${index}` });
    assert.equal(fixture.acquire('home', { group: 'one-more' }), 'full');
  });
});
