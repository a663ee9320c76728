/**
 * `millrace region`: what operators see of the regions of an installation and do with them. Where a supervisor runs on
 * this machine it is found by its data directory, and asked even when no region answers; otherwise any region is asked.
 */
import { Command } from 'commander';
import { sleep, systemClock } from '../../base/clock.ts';
import { clientDefaults } from '../../config.ts';
import { UnreachableError } from '../aws-client.ts';
import { EXIT } from '../exit-codes.ts';
import { clientContext, type ClientOptions, withClientOptions } from '../options.ts';
import { style, table } from '../output.ts';
import { findSupervisor } from '../supervisor-client.ts';

interface RegionOptions extends ClientOptions {
  readonly dataDir?: string;
  readonly watch?: boolean;
  readonly force?: boolean;
}

interface RegionHealth {
  readonly status: string;
  readonly pid?: number;
  readonly endpoint?: string;
  readonly dnsPort?: number;
  /** What each peer has not acknowledged yet. */
  readonly lag?: Readonly<Record<string, { readonly waiting: number; readonly ageMs: number }>>;
  /** Events that came long after they were put. */
  readonly late?: number;
  /** Undefined where there is no witness. */
  readonly lease?: {
    readonly holder?: string;
    readonly epoch: number;
    readonly isHeld: boolean;
    readonly isDegraded: boolean;
    readonly problem?: string;
  };
  readonly replication?: string;
  /** By the id of the check. */
  readonly checks?: Readonly<
    Record<
      string,
      {
        readonly endpoint: string;
        readonly isHealthy: boolean;
        readonly by: Readonly<Record<string, boolean>>;
      }
    >
  >;
  /** What its DNS server says of the names that fail over. */
  readonly answers?: Readonly<Record<string, string>>;
}

interface Health {
  readonly home: string;
  readonly regions: Readonly<Record<string, RegionHealth>>;
}

const WATCH_INTERVAL_MS = 1000;

export function regionCommand(): Command {
  return new Command('region')
    .description('show the regions of an installation; fail, restore and promote one')
    .addCommand(statusCommand())
    .addCommand(
      controlCommand('fail', 'end the process of a region as a crash would, and keep it down', 'held'),
    )
    .addCommand(controlCommand('restore', 'start a failed region again', 'running'))
    .addCommand(promoteCommand())
    .addHelpText(
      'after',
      `
Examples:
  $ millrace region status --watch
  $ millrace region fail us-west-2
  $ millrace region restore us-west-2
  $ millrace region promote us-west-2 --force`,
    );
}

function withRegionOptions(command: Command): Command {
  return withClientOptions(command)
    .option('--data-dir <path>', 'of the supervisor to talk to (MILLRACE_DATA_DIR)')
    .exitOverride();
}

function statusCommand(): Command {
  return withRegionOptions(new Command('status'))
    .description('say of each region whether it runs, and how far behind it is')
    .option('--watch', 'go on until interrupted')
    .action(async (options: RegionOptions) => {
      const { output } = clientContext(options);
      for (;;) {
        const health = await askHealth(options);
        if (options.watch === true && process.stdout.isTTY) process.stdout.write('\u001b[H\u001b[2J');
        output.result(health, describe(health));
        const isWell = Object.values(health.regions).every(({ status }) => status === 'running');
        process.exitCode = isWell ? EXIT.ok : EXIT.failed;
        if (options.watch !== true) return;
        await sleep(systemClock, WATCH_INTERVAL_MS);
      }
    });
}

function controlCommand(name: 'fail' | 'restore', description: string, status: string): Command {
  return withRegionOptions(new Command(name))
    .description(description)
    .argument('<region>')
    .action(async (region: string, options: RegionOptions) => {
      const { client, output } = clientContext(options);
      const supervisor = options.endpoint === undefined ? findSupervisor(dataDirOf(options)) : undefined;
      const path = `/_millrace/region/${name}?region=${encodeURIComponent(region)}`;
      await (supervisor === undefined ? client.platform('POST', path) : supervisor.perform(region, name));
      output.result({ region, status }, `${region} is ${status}`);
    });
}

function promoteCommand(): Command {
  return withRegionOptions(new Command('promote'))
    .description('make a region the home: where IAM, STS and Route 53 are written')
    .argument('<region>')
    .option('--force', 'the old home is gone for good: do not ask it')
    .action(async (region: string, options: RegionOptions) => {
      const path = `/_millrace/region/promote?region=${encodeURIComponent(region)}&force=${options.force === true}`;
      const answer = await firstAnswer(options, (client) => client.platform<{ home: string }>('POST', path));
      clientContext(options).output.result(answer.body, `${answer.body.home} is home`);
    });
}

function dataDirOf({ dataDir }: RegionOptions): string {
  return dataDir ?? clientDefaults().dataDir;
}

/** A region that is starting says 503 and knows as much as any. */
async function askHealth(options: RegionOptions): Promise<Health> {
  const answer = await firstAnswer(options, (client) => client.platform<Health>('GET', '/_millrace/health'));
  return answer.body;
}

type Client = ReturnType<typeof clientContext>['client'];

/** That of the first region that answers: those that the supervisor knows, or the one that was named. */
async function firstAnswer<T>(options: RegionOptions, ask: (client: Client) => Promise<T>): Promise<T> {
  const supervisor = options.endpoint === undefined ? findSupervisor(dataDirOf(options)) : undefined;
  const endpoints = Object.values(supervisor?.file.regions ?? {}).map(({ endpoint }) => endpoint);
  let unreachable: unknown;
  for (const endpoint of endpoints.length === 0 ? [options.endpoint] : endpoints) {
    try {
      return await ask(clientContext({ ...options, ...(endpoint === undefined ? {} : { endpoint }) }).client);
    } catch (error) {
      if (!(error instanceof UnreachableError)) throw error;
      unreachable = error;
    }
  }
  throw unreachable;
}

function describe({ home, regions }: Health): string {
  const rows = Object.entries(regions).map(([name, region]) => {
    const { status, pid, endpoint = '', dnsPort } = region;
    // Padded first: what colours a text makes it longer, and not wider.
    const mark = style(status === 'running' ? 'green' : 'red', status.padEnd(8));
    return [
      name,
      mark,
      name === home ? 'home' : '',
      pid === undefined ? '-' : String(pid),
      endpoint,
      dnsPort === undefined ? '-' : String(dnsPort),
      describeLease(region),
      region.replication ?? '-',
      describeLag(region),
    ];
  });
  const head = ['region', 'status', '', 'pid', 'endpoint', 'dns', 'lease', 'mode', 'behind'];
  return [table([head, ...rows]), ...describeHealth(regions)].join('\n');
}

/** Whether it may act alone, and whether it does. */
function describeLease({ lease }: RegionHealth): string {
  if (lease === undefined) return '-';
  if (lease.problem !== undefined) return lease.problem;
  if (lease.isHeld) return `held, epoch ${lease.epoch}${lease.isDegraded ? ', acknowledges alone' : ''}`;
  return lease.holder === undefined ? 'waiting' : `follows ${lease.holder}`;
}

/** What the checkers of each region see, and what each DNS server says of the names that hang on it. */
function describeHealth(regions: Health['regions']): string[] {
  const lines: string[] = [];
  for (const [region, { checks = {}, answers = {}, late = 0 }] of Object.entries(regions)) {
    for (const [id, { endpoint, isHealthy, by }] of Object.entries(checks)) {
      const verdicts = Object.entries(by).map(
        ([checker, isWell]) => `${checker} ${isWell ? 'ok' : 'failed'}`,
      );
      const state = style(isHealthy ? 'green' : 'red', isHealthy ? 'healthy' : 'unhealthy');
      lines.push(
        `${region} sees ${id} (${endpoint}) ${state}: ${verdicts.join(', ') || 'nobody has looked yet'}`,
      );
    }
    for (const [name, values] of Object.entries(answers))
      lines.push(`${region} answers ${name} with ${values}`);
    if (late > 0) lines.push(`${region} has taken ${late} events late`);
  }
  return lines.length === 0 ? [] : ['', ...lines];
}

/** What it has for others that they do not have yet. */
function describeLag({ lag }: RegionHealth): string {
  const waiting = Object.entries(lag ?? {}).filter(([, each]) => each.waiting > 0);
  const texts = waiting.map(
    ([peer, each]) => `${peer} by ${each.waiting} (${(each.ageMs / 1000).toFixed(1)} s)`,
  );
  return texts.length === 0 ? '-' : texts.join(', ');
}
