import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { HealthCheckSettings } from '../dns/health-check-record.ts';
import { checkRecord } from '../../testing/check-fixture.ts';
import { type CheckerState, isCheckHealthy, NEW_CHECKER, observe, type Vote } from './evaluate.ts';

/** Runs a checker over looks: `+` succeeded, `-` failed. Answers its verdict after each, in the same letters. */
function verdicts(looks: string, threshold: number): string {
  let state: CheckerState = NEW_CHECKER;
  return looks
    .split('')
    .map((look) => {
      state = observe(state, look === '+', threshold);
      return state.isHealthy ? '+' : '-';
    })
    .join('');
}

function isHealthy(
  configs: Record<string, Partial<HealthCheckSettings>>,
  votes: Record<string, string> = {},
): boolean {
  const [first = ''] = Object.keys(configs);
  return isCheckHealthy(
    {
      find: (id) => {
        const settings = configs[id];
        return settings && checkRecord(id, settings);
      },
      votes: ({ id }): Vote[] => (votes[id] ?? '').split('').map((vote) => ({ isHealthy: vote === '+' })),
    },
    first,
  );
}

describe('observe', () => {
  it('changes its verdict after so many looks in a row as the threshold says, both ways', () => {
    assert.equal(verdicts('+--+---+-++-+++', 3), '++++++--------+');
    assert.equal(verdicts('-+-', 1), '-+-');
  });
});

describe('isCheckHealthy', () => {
  it('takes a check without votes for healthy, and one that is inverted for unhealthy', () => {
    assert.equal(isHealthy({ a: {} }), true);
    assert.equal(isHealthy({ a: { isInverted: true } }), false);
  });

  it('is healthy when more than 18 % of the checkers say so', () => {
    assert.equal(isHealthy({ a: {} }, { a: '+-----' }), false);
    assert.equal(isHealthy({ a: {} }, { a: '+----' }), true);
    assert.equal(isHealthy({ a: {} }, { a: '--' }), false);
  });

  it('counts the healthy children of a calculated check', () => {
    const votes = { b: '+', c: '-', d: '+' };
    const endpoints = { b: {}, c: {}, d: {} };
    const calculated = (healthThreshold: number): boolean =>
      isHealthy(
        { a: { type: 'CALCULATED', children: ['b', 'c', 'd'], healthThreshold }, ...endpoints },
        votes,
      );
    assert.equal(calculated(2), true);
    assert.equal(calculated(3), false);
    assert.equal(calculated(0), true);
    assert.equal(calculated(4), false);
  });

  it('counts a child as it is after its inversion, and ends a circle', () => {
    const one = { type: 'CALCULATED', children: ['b'], healthThreshold: 1 } as const;
    assert.equal(isHealthy({ a: one, b: { isInverted: true } }, { b: '-' }), true);
    assert.equal(isHealthy({ a: one, b: { ...one, children: ['a'] } }), true);
  });

  it('takes a disabled check for healthy whatever is seen, and an inverted one for unhealthy', () => {
    assert.equal(isHealthy({ a: { isDisabled: true } }, { a: '-' }), true);
    assert.equal(isHealthy({ a: { isDisabled: true, isInverted: true } }, { a: '-' }), false);
  });

  it('answers for a metric without data as the check says', () => {
    const metric = (withInsufficientData?: 'Healthy' | 'Unhealthy' | 'LastKnownStatus'): boolean =>
      isHealthy({ a: { type: 'CLOUDWATCH_METRIC', ...(withInsufficientData && { withInsufficientData }) } });
    assert.deepEqual(
      [metric('Healthy'), metric('Unhealthy'), metric('LastKnownStatus'), metric()],
      [true, false, true, true],
    );
  });

  it('takes a check that is not there for healthy', () => {
    assert.equal(isHealthy({}), true);
  });
});
