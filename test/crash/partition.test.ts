/**
 * Two regions and a witness in network namespaces of their own, between which the network is cut: packets vanish (a
 * black hole), or connections are reset. It needs root, `ip` and `nft`, and takes a while, so it runs in its long form
 * only: `npm run test:regions -- --partitions 3`.
 */
import assert from 'node:assert/strict';
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { suite, test } from 'node:test';
import { AwsClient } from '../../src/cli/aws-client.ts';
import { check, drainBoth, EAST, Mirror, otherOf, type RegionName, REGIONS, WEST } from './mirror.ts';

const ROUNDS = Number(process.env['MILLRACE_PARTITIONS'] ?? 0);
const MAIN = join(dirname(dirname(import.meta.dirname)), 'src', 'main.ts');
const ACCOUNT = '000000000000';
const KEY = { accessKeyId: 'AKIAROOTROOTROOTROOT', secretAccessKey: 'a-secret-of-twenty-characters' };
const PEER_SECRET = 'the-secret-of-an-installation-in-a-test';
const BRIDGE = 'millrace0';
const WITNESS_HOST = '10.77.0.254';
const HOSTS: Readonly<Record<RegionName, string>> = { [EAST]: '10.77.0.1', [WEST]: '10.77.0.2' };
const PORT = 4566;
const WITNESS_PORT = 4599;
const namespaceOf = (region: RegionName): string => `millrace-${region}`;
/** A namespace goes a moment after it is deleted, with what is in it: the next one needs other devices. */
let deviceCount = 0;

type Cut = 'drop' | 'reject with tcp reset';

function tool(...command: readonly string[]): void {
  const [program = '', ...args] = command;
  const { status, stderr } = spawnSync(program, args, { encoding: 'utf8' });
  assert.equal(status, 0, `${command.join(' ')}: ${stderr}`);
}

/** Why the test cannot run here; undefined when it can. */
function obstacle(): string | undefined {
  if (ROUNDS === 0) return 'its long form only: npm run test:regions -- --partitions 3';
  if (process.getuid?.() !== 0) return 'it needs root, for network namespaces';
  for (const name of ['ip', 'nft']) {
    if (spawnSync(name, ['-V']).error !== undefined) return `it needs ${name} (iproute2, nftables)`;
  }
  return undefined;
}

class Installation extends Mirror implements AsyncDisposable {
  readonly #dataDir = mkdtempSync(join(tmpdir(), 'millrace-partition-'));
  readonly #children: ChildProcess[] = [];

  constructor() {
    const clientOf = (region: RegionName): AwsClient => {
      return new AwsClient({ url: `http://${HOSTS[region]}:${PORT}`, region, ...KEY });
    };
    super({ account: ACCOUNT, clientOf });
  }

  async start(replication: 'async' | 'sync'): Promise<this> {
    try {
      return await this.#start(replication);
    } catch (error) {
      await this[Symbol.asyncDispose]();
      throw error;
    }
  }

  async #start(replication: 'async' | 'sync'): Promise<this> {
    tool('ip', 'link', 'add', BRIDGE, 'type', 'bridge');
    tool('ip', 'addr', 'add', `${WITNESS_HOST}/24`, 'dev', BRIDGE);
    tool('ip', 'link', 'set', BRIDGE, 'up');
    for (const region of REGIONS) connectRegion(region);
    await this.#run([], ['witness', '--host', WITNESS_HOST, '--port', String(WITNESS_PORT)]);
    for (const region of REGIONS) {
      const settings = [
        ['--host', HOSTS[region]],
        ['--port', String(PORT)],
        ['--region', region],
        ['--peer', `${otherOf(region)}=http://${HOSTS[otherOf(region)]}:${PORT}`],
        ['--home', EAST],
        ['--witness', `http://${WITNESS_HOST}:${WITNESS_PORT}`],
        ['--replication', replication],
        ['--dns-port', '0'],
      ].flat();
      await this.#run(['ip', 'netns', 'exec', namespaceOf(region)], ['start', ...settings]);
    }
    for (const region of REGIONS)
      await this.until(region, (health) => health[otherOf(region)].status === 'running');
    for (const region of REGIONS) await this.build(region);
    await this.until(EAST, (health) => health[EAST].lease?.isHeld === true);
    return this;
  }

  /** Between the two regions; both still reach the witness, and clients reach both. */
  cut(kind: Cut): void {
    for (const region of REGIONS) {
      const inside = ['ip', 'netns', 'exec', namespaceOf(region), 'nft'];
      tool(...inside, 'add', 'table', 'ip', 'cut');
      // A drop in front of everything is a black hole; resets can be sent from where packets come in.
      const hook = kind === 'drop' ? 'prerouting priority raw' : 'input priority filter';
      tool(...inside, 'add', 'chain', 'ip', 'cut', 'in', `{ type filter hook ${hook}; }`);
      const from = ['ip', 'saddr', HOSTS[otherOf(region)]];
      const what = kind === 'drop' ? ['drop'] : ['meta', 'l4proto', 'tcp', ...kind.split(' ')];
      tool(...inside, 'add', 'rule', 'ip', 'cut', 'in', ...from, ...what);
    }
  }

  heal(): void {
    for (const region of REGIONS) {
      tool('ip', 'netns', 'exec', namespaceOf(region), 'nft', 'delete', 'table', 'ip', 'cut');
    }
  }

  async #run(inside: readonly string[], args: readonly string[]): Promise<void> {
    const settings = ['--json', '--data-dir', this.#dataDir, '--log-level', 'silent'];
    const [program, ...rest] = [...inside, process.execPath, MAIN, ...args, ...settings];
    const env = {
      ...process.env,
      MILLRACE_PEER_SECRET: PEER_SECRET,
      MILLRACE_ROOT_ACCESS_KEY_ID: KEY.accessKeyId,
      MILLRACE_ROOT_SECRET_ACCESS_KEY: KEY.secretAccessKey,
    };
    const child = spawn(program ?? process.execPath, rest, { env, stdio: ['ignore', 'pipe', 'inherit'] });
    this.#children.push(child);
    for await (const _line of createInterface({ input: child.stdout })) return;
    throw new Error(`${args.join(' ')} did not start`);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const child of this.#children) {
      if (child.exitCode !== null || child.signalCode !== null) continue;
      const ended = once(child, 'exit');
      child.kill('SIGKILL');
      await ended;
    }
    for (const region of REGIONS) spawnSync('ip', ['netns', 'del', namespaceOf(region)]);
    spawnSync('ip', ['link', 'del', BRIDGE]);
    rmSync(this.#dataDir, { recursive: true, force: true });
  }
}

function connectRegion(region: RegionName): void {
  const namespace = namespaceOf(region);
  deviceCount += 1;
  const [outer, inner] = [`mr-out${deviceCount}`, `mr-in${deviceCount}`];
  tool('ip', 'netns', 'add', namespace);
  tool('ip', 'link', 'add', outer, 'type', 'veth', 'peer', 'name', inner, 'netns', namespace);
  tool('ip', 'link', 'set', outer, 'master', BRIDGE, 'up');
  const inside = ['ip', '-n', namespace];
  tool(...inside, 'addr', 'add', `${HOSTS[region]}/24`, 'dev', inner);
  for (const device of [inner, 'lo']) tool(...inside, 'link', 'set', device, 'up');
}

const skip = obstacle() ?? false;

suite('two regions between which the network is cut', { skip, timeout: 120_000 + ROUNDS * 180_000 }, () => {
  for (const kind of ['drop', 'reject with tcp reset'] as const) {
    test(`go on, and have everything once it is whole again (async, ${kind})`, async (context) => {
      await using installation = await new Installation().start('async');
      for (let round = 0; round < ROUNDS; round += 1) {
        await Promise.all(REGIONS.map((region) => installation.load(region, 50)));
        installation.cut(kind);
        await installation.until(EAST, (health) => health[WEST].status === 'down');
        await installation.until(WEST, (health) => health[EAST].status === 'down');
        await Promise.all(REGIONS.map((region) => installation.load(region, 200)));
        installation.heal();
        await installation.whenCalm();
      }
      assert.equal(installation.unknown.size, 0, 'each acknowledges what is put there');
      assert.deepEqual(check(installation, await drainBoth(installation)), []);
      context.diagnostic(JSON.stringify({ rounds: ROUNDS, acknowledged: installation.acknowledged.size }));
    });
  }

  test('acknowledge in one of them at the most, and have all of it in both afterwards (sync, drop)', async (context) => {
    await using installation = await new Installation().start('sync');
    for (let round = 0; round < ROUNDS; round += 1) {
      await Promise.all(REGIONS.map((region) => installation.load(region, 50)));
      installation.cut('drop');
      await installation.until(EAST, (health) => health[WEST].status === 'down');
      const { acknowledged } = installation;
      const before = acknowledged.size;
      // The first waits for the other region in vain, and tells the witness; the others need not wait.
      await installation.load(EAST, 20);
      assert.equal(acknowledged.size, before + 20, 'the holder of the lease goes on alone');
      await installation.load(WEST, 1);
      assert.equal(acknowledged.size, before + 20, 'the other one does not');
      const health = await installation.health(EAST);
      assert.equal(health[EAST].lease?.isDegraded, true);
      installation.heal();
      await installation.whenCalm();
      await installation.until(EAST, (each) => each[EAST].lease?.isDegraded === false);
    }
    assert.deepEqual(check(installation, await drainBoth(installation)), []);
    context.diagnostic(JSON.stringify({ rounds: ROUNDS, acknowledged: installation.acknowledged.size }));
  });
});
