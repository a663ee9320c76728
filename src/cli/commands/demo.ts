/** `millrace demo`: the article's pipeline on a server that runs, or on one of its own that goes with it. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Command, InvalidArgumentError } from 'commander';
import { clientDefaults, parseConfig } from '../../config.ts';
import { buildArchitecture } from '../../demo/architecture.ts';
import { demoOrders } from '../../demo/orders.ts';
import { runOrders } from '../../demo/run.ts';
import { startServer } from '../../server.ts';
import { AwsClient, UnreachableError } from '../aws-client.ts';
import { EXIT } from '../exit-codes.ts';
import { type ClientOptions, withClientOptions } from '../options.ts';
import { createOutput, type Output, style } from '../output.ts';
import { renderChain } from './trace.ts';
import { renderDrill } from '../drill-table.ts';
import { renderLedger } from '../ledger-table.ts';

interface DemoCommandOptions extends ClientOptions {
  readonly orders: number;
  readonly seed: number;
  readonly drill?: boolean;
  readonly fast?: boolean;
  readonly rate: number;
  readonly phase: number;
}

/** Of the health checks of a fast drill. */
const FAST_INTERVAL_MS = 500;

/** The account of the article's ARNs: signing with it makes them one's own. */
const ARTICLE_ACCOUNT = '123456789012';

export function demoCommand(): Command {
  return withClientOptions(new Command('demo'))
    .description("send orders through the article's pipeline and show what became of each")
    .option('--orders <count>', 'orders to send', wholeNumber, 1000)
    .option('--seed <number>', 'the same seed makes the same orders', wholeNumber, 7)
    .option('--drill', 'in two regions of their own, one of which is killed under load and comes back')
    .option('--rate <count>', 'of a drill: orders a second', wholeNumber, 50)
    .option(
      '--phase <seconds>',
      'of a drill: how long before, while and after a region is down',
      wholeNumber,
      5,
    )
    .option('--fast', 'of a drill: look at health each half second instead of each ten')
    .addHelpText(
      'after',
      `
Examples:
  $ millrace demo
  $ millrace demo --drill
  $ millrace demo --orders 5000 --seed 42 --json`,
    )
    .action(async (options: DemoCommandOptions) => {
      const output = createOutput(options.json ?? false);
      if (options.drill === true) {
        if (!(await runDrillDemo(options, output))) process.exitCode = EXIT.failed;
        return;
      }
      await using target = await findOrStart(options, output);
      const isBalanced = await runDemo(target.client, options, output);
      if (!isBalanced) process.exitCode = EXIT.failed;
    });
}

async function runDrillDemo(options: DemoCommandOptions, output: Output): Promise<boolean> {
  const { runDrill } = await import('../../demo/drill/drill.ts');
  const showProgress = progress(output);
  const result = await runDrill({
    account: ARTICLE_ACCOUNT,
    enricher: chooseEnricher(output),
    seed: options.seed,
    ordersPerSecond: options.rate,
    phaseSeconds: options.phase,
    intervalMs: options.fast === true ? FAST_INTERVAL_MS : undefined,
    note: (text) => {
      showProgress('');
      output.note(style('bold', text));
    },
    detail: showProgress,
  });
  showProgress('');
  const { problems } = result.ledger;
  output.result(
    { ...result, seed: options.seed },
    [
      '',
      renderDrill(result),
      '',
      problems.length === 0
        ? style(
            'green',
            'the ledger balances: nothing that was acknowledged was lost, and nothing is there twice',
          )
        : style('red', `the ledger does not balance:\n  ${problems.slice(0, 20).join('\n  ')}`),
    ].join('\n'),
  );
  return problems.length === 0;
}

async function runDemo(client: AwsClient, options: DemoCommandOptions, output: Output): Promise<boolean> {
  output.note(style('bold', 'building the architecture'));
  const architecture = await buildArchitecture({
    client,
    account: ARTICLE_ACCOUNT,
    enricher: chooseEnricher(output),
    note: (text) => output.note(`  ${text}`),
  });
  const run = `o${Date.now().toString(36)}`;
  const orders = demoOrders({ count: options.orders, seed: options.seed, run });
  output.note(style('bold', `sending ${orders.length} orders`));
  const result = await runOrders({ client, architecture, orders, run, onProgress: progress(output) });
  output.note('');
  const { ledger, chain } = result;
  output.result(
    { ...result, seed: options.seed },
    [
      renderLedger(result),
      '',
      style('bold', 'one order from its event to its end'),
      chain === undefined ? 'no order was processed' : renderChain(chain),
      '',
      ledger.problems.length === 0
        ? style('green', 'the ledger balances: every order is where it belongs')
        : style('red', `the ledger does not balance:\n  ${ledger.problems.slice(0, 20).join('\n  ')}`),
    ].join('\n'),
  );
  return ledger.problems.length === 0;
}

/** The server that runs, or one of its own in a directory that goes with it. */
async function findOrStart(
  options: ClientOptions,
  output: Output,
): Promise<AsyncDisposable & { client: AwsClient }> {
  const defaults = clientDefaults();
  const region = options.region ?? defaults.region;
  const keys = { accessKeyId: ARTICLE_ACCOUNT, secretAccessKey: 'test' };
  const client = new AwsClient({ url: options.endpoint ?? defaults.endpoint, region, ...keys });
  try {
    await client.platform('GET', '/_millrace/health');
    output.note(`using the server at ${client.endpoint.url}`);
    return { client, [Symbol.asyncDispose]: async () => undefined };
  } catch (error) {
    if (!(error instanceof UnreachableError) || options.endpoint !== undefined) throw error;
  }
  const dataDir = mkdtempSync(join(tmpdir(), 'millrace-demo-'));
  const server = await startServer(parseConfig({ port: 0, dataDir, region, logLevel: 'warn' }));
  output.note(`no server runs at ${client.endpoint.url}: started one at ${server.endpoint} for this demo`);
  return {
    client: new AwsClient({ url: server.endpoint, region, ...keys }),
    [Symbol.asyncDispose]: async () => {
      await server.close();
      rmSync(dataDir, { recursive: true, force: true });
    },
  };
}

function chooseEnricher(output: Output): 'python' | 'node' {
  if (spawnSync('python3', ['-c', 'import boto3'], { timeout: 20_000 }).status === 0) return 'python';
  output.note('  python3 has no boto3 here: EnrichOrder runs on Node instead of as in the article');
  return 'node';
}

function progress(output: Output): (text: string) => void {
  return (text) => {
    if (!output.isJson && process.stderr.isTTY) process.stderr.write(`\r\u001b[K  ${text}`);
  };
}

function wholeNumber(text: string): number {
  const number = Number(text);
  if (!Number.isSafeInteger(number) || number < 0)
    throw new InvalidArgumentError('It has to be a whole number.');
  return number;
}
