import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { createEngineFixture } from '../../testing/engine-fixture.ts';
import type { Loop } from '../loop.ts';
import { createSecretBox, ephemeralSecretKey, type SecretBox } from '../secrets.ts';
import { Credentials } from './credentials.ts';
import { Identities } from './identities.ts';
import type { UserRecord } from './identity-record.ts';

const ACCOUNT = '123456789012';

const USER: UserRecord = {
  kind: 'user',
  account: ACCOUNT,
  name: 'ada',
  path: '/',
  id: 'AIDAEXAMPLE',
  createdAtMs: 0,
  tags: [],
  inlinePolicies: [],
  attachedPolicies: [],
};

const SESSION = {
  account: ACCOUNT,
  arn: `arn:aws:sts::${ACCOUNT}:assumed-role/worker/one`,
  userId: 'AROAEXAMPLE:one',
  roleArn: `arn:aws:iam::${ACCOUNT}:role/worker`,
  durationSeconds: 900,
};

function open(loop: Loop, secrets: SecretBox) {
  const identities = new Identities(loop);
  const credentials = new Credentials({ loop, identities, secrets });
  identities.start();
  credentials.start();
  return { identities, credentials };
}

function createFixture() {
  const fixture = createEngineFixture();
  const secrets = createSecretBox(ephemeralSecretKey());
  const opened = open(fixture.loop, secrets);
  fixture.loop.turn((turn) => opened.identities.put(turn, USER));
  return { ...fixture, ...opened, restart: (box = secrets) => open(fixture.restart(), box) };
}

suite('the access key of a user', () => {
  test('is known until it is switched off or deleted, and after a restart', () => {
    const { loop, credentials, restart } = createFixture();
    const { record, secretAccessKey } = loop.turn((turn) => credentials.createAccessKey(turn, USER));
    const known = credentials.lookup(record.accessKeyId);
    assert.equal(secretAccessKey.length, 40);
    assert.deepEqual(known, {
      accessKeyId: record.accessKeyId,
      secretAccessKey,
      account: ACCOUNT,
      userName: 'ada',
      arn: `arn:aws:iam::${ACCOUNT}:user/ada`,
      userId: 'AIDAEXAMPLE',
    });
    assert.deepEqual(restart().credentials.lookup(record.accessKeyId), known);
    loop.turn((turn) => credentials.updateAccessKey(turn, record.accessKeyId, { isActive: false }));
    assert.equal(credentials.lookup(record.accessKeyId), undefined);
    assert.equal(restart().credentials.lookup(record.accessKeyId), undefined);
    assert.equal(credentials.accessKeysOf(USER).length, 1);
    loop.turn((turn) => credentials.deleteAccessKey(turn, record));
    assert.equal(restart().credentials.accessKey(record.accessKeyId), undefined);
  });

  test('sealed under a key that is lost is not known, and the others are', () => {
    const { loop, credentials, restart } = createFixture();
    const lost = loop.turn((turn) => credentials.createAccessKey(turn, USER)).record.accessKeyId;
    const box = createSecretBox(ephemeralSecretKey());
    const other = restart(box);
    assert.equal(other.credentials.lookup(lost), undefined);
    const kept = loop.turn((turn) => other.credentials.createAccessKey(turn, USER)).record.accessKeyId;
    assert.ok(restart(box).credentials.lookup(kept));
  });
});

suite('a session', () => {
  test('is known to its end and as expired a while longer, then forgotten', async () => {
    const { loop, clock, credentials, restart } = createFixture();
    const { accessKeyId, sessionToken } = loop.turn((turn) => credentials.startSession(turn, SESSION));
    const known = credentials.lookup(accessKeyId);
    assert.equal(known?.sessionToken, sessionToken);
    assert.equal(known?.expiresAtMs, clock.now() + 900_000);
    assert.equal(known?.arn, SESSION.arn);
    assert.deepEqual(restart().credentials.lookup(accessKeyId), known);
    await clock.advance(29 * 60_000);
    assert.equal(credentials.sessionCount, 1);
    await clock.advance(5 * 60_000);
    assert.equal(credentials.sessionCount, 0);
    assert.equal(credentials.lookup(accessKeyId), undefined);
    assert.equal(restart().credentials.sessionCount, 0);
  });
});
