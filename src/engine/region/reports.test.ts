import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { Reports } from './reports.ts';

suite('what a region says of itself', () => {
  test('is what its engines say at that moment', () => {
    const reports = new Reports();
    let lag = 1;
    reports.add('lag', () => lag);
    reports.add('lease', () => undefined);
    assert.deepEqual(reports.read(), { lag: 1 });
    lag = 2;
    assert.deepEqual(reports.read(), { lag: 2 });
  });

  test('is said even when one of them cannot', () => {
    const reports = new Reports();
    reports.add('lag', () => 1);
    reports.add('lease', () => {
      throw new Error('closed');
    });
    assert.deepEqual(reports.read(), { lag: 1, lease: { error: 'closed' } });
  });
});
