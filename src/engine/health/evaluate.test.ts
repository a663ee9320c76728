import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { HealthCheckConfig } from '../../api/route53.ts';
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
  configs: Record<string, Partial<HealthCheckConfig>>,
  votes: Record<string, string> = {},
): boolean {
  const [first = ''] = Object.keys(configs);
  return isCheckHealthy(
    {
      find: (id) => {
        const config = configs[id];
        return config && { id, version: 1, config: { Type: 'HTTP', ...config } };
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
    assert.equal(isHealthy({ a: { Inverted: true } }), false);
  });

  it('is healthy when more than 18 % of the checkers say so', () => {
    assert.equal(isHealthy({ a: {} }, { a: '+-----' }), false);
    assert.equal(isHealthy({ a: {} }, { a: '+----' }), true);
    assert.equal(isHealthy({ a: {} }, { a: '--' }), false);
  });

  it('counts the healthy children of a calculated check', () => {
    const votes = { b: '+', c: '-', d: '+' };
    const children = { b: {}, c: {}, d: {} };
    const calculated = (HealthThreshold: number): boolean =>
      isHealthy(
        { a: { Type: 'CALCULATED', ChildHealthChecks: ['b', 'c', 'd'], HealthThreshold }, ...children },
        votes,
      );
    assert.equal(calculated(2), true);
    assert.equal(calculated(3), false);
    assert.equal(calculated(0), true);
    assert.equal(calculated(4), false);
  });

  it('counts a child as it is after its inversion, and ends a circle', () => {
    const one = { Type: 'CALCULATED', ChildHealthChecks: ['b'], HealthThreshold: 1 } as const;
    assert.equal(isHealthy({ a: one, b: { Inverted: true } }, { b: '-' }), true);
    assert.equal(isHealthy({ a: one, b: { ...one, ChildHealthChecks: ['a'] } }), true);
  });

  it('takes a disabled check for healthy whatever is seen, and an inverted one for unhealthy', () => {
    assert.equal(isHealthy({ a: { Disabled: true } }, { a: '-' }), true);
    assert.equal(isHealthy({ a: { Disabled: true, Inverted: true } }, { a: '-' }), false);
  });

  it('answers for a metric without data as the check says', () => {
    const metric = (InsufficientDataHealthStatus?: 'Healthy' | 'Unhealthy' | 'LastKnownStatus'): boolean =>
      isHealthy({ a: { Type: 'CLOUDWATCH_METRIC', InsufficientDataHealthStatus } });
    assert.deepEqual(
      [metric('Healthy'), metric('Unhealthy'), metric('LastKnownStatus'), metric()],
      [true, false, true, true],
    );
  });

  it('takes a check that is not there for healthy', () => {
    assert.equal(isHealthy({}), true);
  });
});
