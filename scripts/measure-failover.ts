/**
 * How long a client is without service when a region ends, and when it only falls silent: rounds of either, with a
 * health check of 10 s and with a fast one, as stock boto3 sees it and with the timeouts that docs/regions.md names.
 *
 *   npx node scripts/measure-failover.ts [--rounds 20] [--silent-rounds 3] [--clients documented]
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { buildArchitecture } from '../src/demo/architecture.ts';
import { buildFailover } from '../src/demo/drill/failover.ts';
import { DrillInstallation } from '../src/demo/drill/installation.ts';
import { API_NAME, PRIMARY, REGIONS, SECONDARY } from '../src/demo/drill/names.ts';

const ACCOUNT = '123456789012';
type Kind = 'stock' | 'documented';
const CLIENT = new URL('../test/boto3/failover_client.py', import.meta.url).pathname;
const LOOK_INTERVAL_MS = 20;

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '20' },
    'silent-rounds': { type: 'string', default: '3' },
    clients: { type: 'string', default: 'stock documented' },
  },
});
/** A stock client takes a minute to notice silence. */
const KINDS = values.clients.split(' ') as readonly Kind[];

interface Line {
  readonly kind: Kind;
  /** Seconds since the epoch, of a success. */
  readonly at?: number;
}

/** Two clients at the name that fails over, and when each got through last. */
class Clients implements Disposable {
  readonly #children: ChildProcess[] = [];
  readonly #successes: Record<Kind, number[]> = { stock: [], documented: [] };

  constructor(port: string, dnsPorts: readonly number[]) {
    for (const kind of KINDS) {
      const args = [CLIENT, API_NAME, port, kind, ...dnsPorts.map(String)];
      const child = spawn('python3', args, { stdio: ['ignore', 'pipe', 'inherit'] });
      this.#children.push(child);
      createInterface({ input: child.stdout }).on('line', (text) => {
        const { at } = JSON.parse(text) as Line;
        if (at !== undefined) this.#successes[kind].push(at * 1000);
      });
    }
  }

  /** Seconds from `sinceMs` to the first success after it. */
  async firstAfter(kind: Kind, sinceMs: number): Promise<number> {
    for (;;) {
      const found = this.#successes[kind].find((atMs) => atMs > sinceMs);
      if (found !== undefined) return (found - sinceMs) / 1000;
      await sleep(LOOK_INTERVAL_MS);
    }
  }

  [Symbol.dispose](): void {
    for (const child of this.#children) child.kill('SIGKILL');
  }
}

async function until(installation: DrillInstallation, address: string): Promise<void> {
  while ((await installation.resolve(SECONDARY, API_NAME)) !== address) await sleep(LOOK_INTERVAL_MS);
}

function describe(title: string, seconds: readonly number[]): void {
  const sorted = seconds.toSorted((a, b) => a - b);
  const at = (share: number): string =>
    (sorted[Math.floor((sorted.length - 1) * share)] ?? Number.NaN).toFixed(2);
  console.log(`${title}: median ${at(0.5)} s, worst ${at(1)} s, of ${sorted.length}`);
}

async function measureRound(
  installation: DrillInstallation,
  end: 'kill' | 'silence',
): Promise<{ readonly dns: number } & { readonly [Each in Kind]?: number }> {
  // Each says of itself what it knows at once, and of the other what that has told it.
  const [own, other] = [await installation.health(PRIMARY), await installation.health(SECONDARY)];
  const { address: primary, endpoint, dnsPort, pid } = own[PRIMARY];
  const { address: secondary, dnsPort: otherDnsPort } = other[SECONDARY];
  await until(installation, primary);
  // New ones each time: a client stays with the connection that it has, and would not notice the next end.
  using clients = new Clients(new URL(endpoint).port, [dnsPort, otherDnsPort]);
  await Promise.all(KINDS.map((kind) => clients.firstAfter(kind, Date.now())));
  await sleep(500 + Math.random() * 500);
  const endedMs = Date.now();
  if (end === 'kill') await installation.fail(PRIMARY);
  else process.kill(pid, 'SIGSTOP');
  await until(installation, secondary);
  const dns = (Date.now() - endedMs) / 1000;
  // What was under way when it ended may still have got through.
  const times = await Promise.all(KINDS.map((kind) => clients.firstAfter(kind, endedMs + 30)));
  if (end === 'kill') await installation.restore(PRIMARY);
  else process.kill(pid, 'SIGCONT');
  return { dns, ...Object.fromEntries(KINDS.map((kind, index) => [kind, (times[index] ?? 0) + 0.03])) };
}

async function measure(
  intervalMs: number | undefined,
  end: 'kill' | 'silence',
  rounds: number,
): Promise<void> {
  await using installation = await DrillInstallation.start(ACCOUNT);
  const note = (): void => undefined;
  for (const region of REGIONS) {
    await buildArchitecture({
      client: installation.client(region),
      account: ACCOUNT,
      enricher: 'node',
      note,
    });
  }
  await buildFailover({ installation, account: ACCOUNT, intervalMs, note });
  const dns: number[] = [];
  const seen: Record<Kind, number[]> = { stock: [], documented: [] };
  for (let round = 0; round < rounds; round += 1) {
    const times = await measureRound(installation, end);
    dns.push(times.dns);
    for (const kind of KINDS) seen[kind].push(times[kind] ?? Number.NaN);
  }
  const title = `${end}, check each ${intervalMs === undefined ? '10 s' : `${intervalMs} ms`}`;
  describe(`${title}, DNS`, dns);
  for (const kind of KINDS) describe(`${title}, ${kind} boto3`, seen[kind]);
}

for (const intervalMs of [undefined, 500]) {
  await measure(intervalMs, 'kill', Number(values.rounds));
  await measure(intervalMs, 'silence', Number(values['silent-rounds']));
}
