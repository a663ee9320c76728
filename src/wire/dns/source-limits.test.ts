import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { SourceLimits } from './source-limits.ts';

describe('SourceLimits', () => {
  it('answers a source up to its share of a second, then cuts and drops by turns', () => {
    const limits = new SourceLimits({ perSecond: 2, sourcesMax: 10 });
    const judged = Array.from({ length: 5 }, () => limits.judge('192.0.2.1', 100));
    assert.deepEqual(judged, ['answer', 'answer', 'drop', 'truncate', 'drop']);
    assert.equal(limits.judge('192.0.2.2', 100), 'answer');
    assert.equal(limits.judge('192.0.2.1', 1000), 'answer');
  });

  it('counts a network of IPv6 as one source', () => {
    const limits = new SourceLimits({ perSecond: 1, sourcesMax: 10 });
    assert.equal(limits.judge('2001:db8:1:2::1', 0), 'answer');
    assert.equal(limits.judge('2001:db8:1:2:3::9', 0), 'truncate');
    assert.equal(limits.judge('2001:db8:1:3::1', 0), 'answer');
  });

  it('does not limit this machine', () => {
    const limits = new SourceLimits({ perSecond: 0, sourcesMax: 10 });
    for (const address of ['127.0.0.1', '127.8.0.1', '::1', '::ffff:127.0.0.1']) {
      assert.equal(limits.judge(address, 0), 'answer');
    }
  });

  it('lets sources beyond those that it can tell apart share one allowance', () => {
    const limits = new SourceLimits({ perSecond: 1, sourcesMax: 2 });
    assert.equal(limits.judge('192.0.2.1', 0), 'answer');
    assert.equal(limits.judge('192.0.2.2', 0), 'answer');
    assert.equal(limits.judge('192.0.2.3', 0), 'answer');
    assert.equal(limits.judge('192.0.2.4', 0), 'truncate');
  });
});
