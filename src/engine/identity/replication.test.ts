import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite, test } from 'node:test';
import { ACCOUNT, EAST, SimRegions, WEST } from '../../testing/region-fixture.ts';

const SECOND = 1000;
const SECRET = 'the-secret-of-an-installation-in-a-test';
const TRUST = JSON.stringify({
  Version: '2012-10-17',
  Statement: [{ Effect: 'Allow', Principal: '*', Action: 'sts:AssumeRole' }],
});
const settings = () => ({ peerSecret: SECRET });

interface AccessKeyAnswer {
  readonly AccessKey: { readonly AccessKeyId: string; readonly SecretAccessKey: string };
}

async function createKey(regions: SimRegions): Promise<AccessKeyAnswer['AccessKey']> {
  await regions.call(EAST, 'iam:CreateUser', { UserName: 'Ada' });
  const answer = await regions.call(EAST, 'iam:CreateAccessKey', { UserName: 'Ada' });
  return (answer as unknown as AccessKeyAnswer).AccessKey;
}

const secretIn = (regions: SimRegions, region: string, id: string) =>
  regions.region(region).credentials.lookup(id)?.secretAccessKey;

suite('identities', () => {
  test('written at home are known everywhere, with their secrets, and after restarts', async () => {
    const regions = new SimRegions({ settings });
    const { AccessKeyId: id, SecretAccessKey: secret } = await createKey(regions);
    await regions.clock.advance(SECOND);
    assert.equal(secretIn(regions, WEST, id), secret);
    const { User: user } = await regions.call(WEST, 'iam:GetUser', { UserName: 'ada' });
    assert.equal((user as { UserName: string }).UserName, 'Ada');
    regions.kill(EAST);
    regions.restart(WEST);
    assert.equal(secretIn(regions, WEST, id), secret);
  });

  test('that are changed or deleted at home are so everywhere', async () => {
    const regions = new SimRegions({ settings });
    const { AccessKeyId } = await createKey(regions);
    await regions.clock.advance(SECOND);
    await regions.call(EAST, 'iam:UpdateAccessKey', { AccessKeyId, UserName: 'Ada', Status: 'Inactive' });
    await regions.clock.advance(SECOND);
    assert.equal(secretIn(regions, WEST, AccessKeyId), undefined);
    await regions.call(EAST, 'iam:DeleteAccessKey', { AccessKeyId, UserName: 'Ada' });
    await regions.call(EAST, 'iam:DeleteUser', { UserName: 'Ada' });
    await regions.clock.advance(SECOND);
    await assert.rejects(regions.call(WEST, 'iam:GetUser', { UserName: 'Ada' }), { code: 'NoSuchEntity' });
    const listed = await regions.call(WEST, 'iam:ListUsers', {});
    assert.deepEqual(listed['Users'], []);
  });

  test('of a region that was alone are known to the peers that it gets', async (t) => {
    // Its keys are sealed for itself alone.
    let peerSecret: string | undefined;
    const directory = mkdtempSync(join(tmpdir(), 'millrace-'));
    t.after(() => rmSync(directory, { recursive: true }));
    const dataDir = (region: string): string => {
      const path = join(directory, region);
      mkdirSync(path, { recursive: true });
      return path;
    };
    const regions = new SimRegions({ settings: (region) => ({ peerSecret, dataDir: dataDir(region) }) });
    regions.kill(WEST);
    const { AccessKeyId: id, SecretAccessKey: secret } = await createKey(regions);
    await regions.clock.advance(SECOND);
    peerSecret = SECRET;
    regions.restart(EAST);
    regions.start(WEST);
    await regions.clock.advance(10 * SECOND);
    assert.equal(secretIn(regions, EAST, id), secret);
    assert.equal(secretIn(regions, WEST, id), secret);
    // And a region that is alone again can still read what it got from the others.
    peerSecret = undefined;
    regions.restart(WEST);
    assert.equal(secretIn(regions, WEST, id), secret);
  });
});

suite('a session', () => {
  test('is known in every region, wherever it was started, and to one that comes later', async () => {
    const third = 'eu-west-1';
    const regions = new SimRegions({ settings, regions: [EAST, WEST, third] });
    await regions.call(EAST, 'iam:CreateRole', { RoleName: 'work', AssumeRolePolicyDocument: TRUST });
    await regions.clock.advance(SECOND);
    const input = { RoleArn: `arn:aws:iam::${ACCOUNT}:role/work`, RoleSessionName: 'one' };
    const answer = await regions.call(WEST, 'sts:AssumeRole', input);
    const { AccessKeyId: id, SecretAccessKey: secret } = answer['Credentials'] as Record<string, string>;
    await regions.clock.advance(SECOND);
    // Whoever started it tells of it, home or not.
    regions.kill(EAST);
    regions.lose(third);
    regions.start(third);
    await regions.clock.advance(10 * SECOND);
    for (const region of [WEST, third]) {
      assert.equal(secretIn(regions, region, id ?? ''), secret, region);
    }
    regions.start(EAST);
    await regions.clock.advance(2 * 3_600_000);
    for (const region of [EAST, WEST, third]) {
      assert.equal(regions.region(region).credentials.lookup(id ?? ''), undefined, region);
    }
  });
});
