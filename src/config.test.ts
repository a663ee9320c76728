import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { clientDefaults, ConfigError, environmentWithoutAws, parseConfig } from './config.ts';

suite('the configuration', () => {
  test('has defaults that serve us-east-1 on loopback, believing every signature', () => {
    const { host, port, region, account, auth, memory } = parseConfig({}, {});
    assert.deepEqual(
      { host, port, region, account, auth, memory },
      {
        host: '127.0.0.1',
        port: 4566,
        region: 'us-east-1',
        account: '000000000000',
        auth: 'open',
        memory: false,
      },
    );
  });

  test('takes the command line before the environment, and the environment before defaults', () => {
    const environment = { MILLRACE_PORT: '5000', MILLRACE_DATA_DIR: '/data', MILLRACE_MEMORY: 'true' };
    const config = parseConfig({ port: '6000' }, environment);
    assert.equal(config.port, 6000);
    assert.equal(config.dataDir, '/data');
    assert.equal(config.memory, true);
  });

  test('verifies signatures as soon as others can reach it, and refuses to do otherwise', () => {
    assert.equal(parseConfig({ host: '0.0.0.0' }, {}).auth, 'verify');
    assert.throws(() => parseConfig({ host: '0.0.0.0', auth: 'open' }, {}), ConfigError);
  });

  test('takes a root key whole or not at all', () => {
    const rootAccessKeyId = 'AKIAROOTROOTROOTROOT';
    const environment = { MILLRACE_ROOT_SECRET_ACCESS_KEY: 'a-secret-of-twenty-characters' };
    assert.equal(parseConfig({ rootAccessKeyId }, environment).rootAccessKeyId, rootAccessKeyId);
    assert.throws(() => parseConfig({ rootAccessKeyId }, {}), /goes with rootSecretAccessKey/);
    // An account id as a key is never known, so it cannot be the root's.
    assert.throws(() => parseConfig({ rootAccessKeyId: '123456789012' }, environment), ConfigError);
  });

  test('takes several regions, of which the first is home', () => {
    const config = parseConfig({ region: ['us-west-2', 'us-east-1'] }, {});
    assert.deepEqual(
      [config.region, config.regions, config.home],
      ['us-west-2', ['us-west-2', 'us-east-1'], 'us-west-2'],
    );
    assert.deepEqual(parseConfig({}, { MILLRACE_REGION: 'eu-west-1 eu-west-2' }).regions, [
      'eu-west-1',
      'eu-west-2',
    ]);
    assert.throws(() => parseConfig({ region: ['us-east-1', 'us-east-1'] }, {}), /named twice/);
    const last = { region: ['us-east-1', 'us-west-2'], port: 65_535 };
    assert.throws(() => parseConfig(last, {}), /port: 2 regions take as many ports/);
  });

  test('takes peers with the secret that they share, and all of them agree on the home', () => {
    const peerSecret = 'x'.repeat(32);
    const west = parseConfig(
      { region: 'us-west-2', peer: ['us-east-1=http://10.0.0.1:4566'], peerSecret },
      {},
    );
    const east = parseConfig(
      { region: 'us-east-1', peer: 'us-west-2=http://b.example:4566,10.0.0.2', peerSecret },
      {},
    );
    assert.deepEqual(west.peers, [
      { region: 'us-east-1', endpoint: 'http://10.0.0.1:4566', address: '10.0.0.1' },
    ]);
    assert.deepEqual(east.peers, [
      { region: 'us-west-2', endpoint: 'http://b.example:4566', address: '10.0.0.2' },
    ]);
    assert.deepEqual([west.home, east.home], ['us-east-1', 'us-east-1']);
    assert.throws(
      () => parseConfig({ peer: 'us-west-2=http://b:1' }, {}),
      /peerSecret: .*MILLRACE_PEER_SECRET/,
    );
    assert.throws(() => parseConfig({ peer: 'us-west-2=b:1', peerSecret }, {}), /peer: is no region and URL/);
    const both = { region: ['us-east-1', 'us-west-2'], peer: 'eu-west-1=http://c:1', peerSecret };
    assert.throws(() => parseConfig(both, {}), /peer: goes with one region/);
    assert.throws(() => parseConfig({ home: 'eu-west-1' }, {}), /home: eu-west-1 is none/);
  });

  test('names every setting that does not fit', () => {
    assert.throws(
      () => parseConfig({ port: 'x', region: 'nowhere' }, {}),
      (error: Error) => /port: /.test(error.message) && /region: is no region name/.test(error.message),
    );
    assert.throws(() => parseConfig({ prot: 1 }, {}), /unknown setting: prot/);
  });

  test('takes the usual words for yes and no, and none but the words that a setting has', () => {
    assert.equal(parseConfig({}, { MILLRACE_MEMORY: '1' }).memory, true);
    assert.equal(parseConfig({ memory: 'off' }, { MILLRACE_MEMORY: '1' }).memory, false);
    for (const settings of [
      { memory: 'perhaps' },
      { logLevel: 'loud' },
      { port: '' },
      { port: -1 },
      { host: '' },
    ]) {
      assert.throws(() => parseConfig(settings, {}), ConfigError, JSON.stringify(settings));
    }
  });
});

suite('the environment of clients', () => {
  test('points to the local server unless it says otherwise', () => {
    assert.equal(clientDefaults({}).endpoint, 'http://127.0.0.1:4566');
    assert.equal(clientDefaults({ MILLRACE_PORT: '1' }).endpoint, 'http://127.0.0.1:1');
    assert.equal(clientDefaults({ AWS_DEFAULT_REGION: 'eu-west-1' }).region, 'eu-west-1');
  });

  test('keeps from children whatever could lead them to AWS', () => {
    const kept = { PATH: '/bin', AWS_CA_BUNDLE: '/ca.pem' };
    const leading = { AWS_PROFILE: 'prod', AWS_ENDPOINT_URL: 'x' };
    assert.deepEqual(environmentWithoutAws({ ...kept, ...leading }), kept);
  });
});
