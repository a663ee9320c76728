import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { answerPlatformName, resolvePlatformName } from './platform-names.ts';
import type { Peer } from './ports.ts';

const peer = (region: string, address: string): Peer => ({
  region,
  endpoint: `http://${address}:4566`,
  address,
});

const OPTIONS = {
  own: peer('us-east-1', '127.0.0.1'),
  peers: [peer('us-west-2', '127.0.0.2')],
  endpointRegion: (id: string) => (id === 'abcde.veo' ? 'us-west-2' : undefined),
};

describe('resolvePlatformName', () => {
  it('leads the names of a region to its process, and of regions without one to whoever is asked', () => {
    const addresses = {
      'abc1.lambda-url.us-west-2.on.aws': '127.0.0.2',
      'abc1.lambda-url.us-west-2.localhost': '127.0.0.2',
      'abc1.lambda-url.eu-west-1.on.aws': '127.0.0.1',
      'events.us-west-2.amazonaws.com': '127.0.0.2',
      'sync-states.us-west-2.amazonaws.com': '127.0.0.2',
      '123456789012.ddb.us-east-1.amazonaws.com': '127.0.0.1',
      'iam.amazonaws.com': '127.0.0.1',
      'sync-localhost': '127.0.0.1',
      'sync-127.0.0.1': '127.0.0.1',
      'anything.localhost': '127.0.0.1',
      'abcde.veo.endpoint.events.amazonaws.com': '127.0.0.2',
    };
    for (const [name, address] of Object.entries(addresses)) {
      assert.equal(resolvePlatformName(name, OPTIONS), address, name);
    }
  });

  it('knows no other names', () => {
    for (const name of [
      'example.com',
      'amazonaws.com',
      'us-west-2.amazonaws.com',
      'xyz.abc.endpoint.events.amazonaws.com',
      'lambda-url.us-west-2.on.aws',
      'localhost.example.com',
      'sync-example.com',
      '',
    ]) {
      assert.equal(resolvePlatformName(name, OPTIONS), undefined, name);
    }
  });
});

describe('answerPlatformName', () => {
  it('answers with an address of the kind that was asked for, or with nothing', () => {
    const name = 'events.us-west-2.amazonaws.com';
    const [record] = answerPlatformName({ name, type: 'A' }, OPTIONS).answers;
    assert.deepEqual(record, { name, type: 'A', ttlSeconds: 1, value: '127.0.0.2' });
    assert.deepEqual(answerPlatformName({ name, type: 'AAAA' }, OPTIONS), {
      code: 'NOERROR',
      isAuthoritative: true,
      answers: [],
      authorities: [],
    });
    assert.equal(answerPlatformName({ name: 'example.com', type: 'A' }, OPTIONS).code, 'REFUSED');
  });
});
