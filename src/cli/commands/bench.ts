/** `millrace bench`: the one harness of measurements, its options, and the exit code when a count does not add up. */
import { Command, InvalidArgumentError, Option } from 'commander';
import { findScenario, runBench } from '../../bench/bench.ts';
import { renderReport } from '../../bench/report.ts';
import type { Scenario } from '../../bench/scenario.ts';
import { DEFAULT_SCENARIOS, SCENARIOS } from '../../bench/scenarios.ts';
import { EXIT } from '../exit-codes.ts';
import { createOutput } from '../output.ts';

interface BenchCommandOptions {
  readonly seconds: number;
  readonly runs: number;
  readonly concurrency: readonly number[];
  readonly scenarios: readonly Scenario[];
  readonly baseline?: boolean;
  readonly against?: string;
  readonly endpoint?: string;
  readonly profile?: string;
  readonly records?: number;
  readonly json?: boolean;
}

const SECONDS_DEFAULT = 2;
const RUNS_DEFAULT = 3;
const CONCURRENCIES_DEFAULT = [1, 32];
/** The load generator runs in one process, and past this its own cost is what is measured. */
const CONCURRENCY_MAX = 1024;

export function benchCommand(): Command {
  return new Command('bench')
    .description('measure a server of this build: throughput, latency and CPU time of its data plane')
    .option('--seconds <number>', 'length of each run', positive, SECONDS_DEFAULT)
    .option('--runs <count>', 'runs of which the medians are told', count, RUNS_DEFAULT)
    .option('--concurrency <list>', 'clients at a time, such as 1,32', concurrencies, CONCURRENCIES_DEFAULT)
    .addOption(scenariosOption())
    .option('--baseline', 'measure a bare node:http server too: the ceiling of this machine')
    .option('--against <url>', 'measure another AWS-compatible server too')
    .option('--endpoint <url>', 'measure a server that runs already instead of one started for it')
    .option('--profile <directory>', 'write a CPU profile of the server that is started')
    .option(
      '--records <count>',
      'measure the start on a store of so many records too, such as 1000000',
      count,
    )
    .option('--json', 'print JSON for programs')
    .addHelpText(
      'after',
      `
Examples:
  $ millrace bench --baseline
  $ millrace bench --against http://127.0.0.1:5000 --seconds 5
  $ millrace bench --scenarios all --concurrency 32
  $ millrace bench --scenarios put-events --concurrency 1,64 --runs 5 --json`,
    )
    .action(async (options: BenchCommandOptions) => {
      const output = createOutput(options.json ?? false);
      const report = await runBench({
        seconds: options.seconds,
        runCount: options.runs,
        concurrencies: options.concurrency,
        scenarios: options.scenarios,
        endpoint: options.endpoint,
        withCeiling: options.baseline ?? false,
        against: options.against,
        profileDirectory: options.profile,
        recordCount: options.records,
        onProgress: (text) => output.note(text),
      });
      output.result(report, renderReport(report));
      const isProved = report.rows.every(
        ({ target, problems }) => target === 'other' || problems.length === 0,
      );
      if (!isProved) process.exitCode = EXIT.failed;
    });
}

function scenariosOption(): Option {
  const names = (list: readonly Scenario[]): string => list.map(({ name }) => name).join(', ');
  return new Option('--scenarios <list>', `all, or some of ${names(SCENARIOS)}`)
    .argParser(scenarios)
    .default(DEFAULT_SCENARIOS, names(DEFAULT_SCENARIOS));
}

function positive(text: string): number {
  const value = Number(text);
  if (!(value > 0)) throw new InvalidArgumentError('It has to be a number above 0.');
  return value;
}

function count(text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1)
    throw new InvalidArgumentError('It has to be a whole number above 0.');
  return value;
}

function concurrencies(text: string): number[] {
  const values = text.split(',').map(count);
  if (values.some((value) => value > CONCURRENCY_MAX)) {
    throw new InvalidArgumentError(`More than ${CONCURRENCY_MAX} clients would measure the load generator.`);
  }
  return values;
}

function scenarios(text: string): readonly Scenario[] {
  if (text === 'all') return SCENARIOS;
  return text.split(',').map((name) => {
    const scenario = findScenario(name);
    if (scenario === undefined) throw new InvalidArgumentError(`There is no scenario ${name}.`);
    return scenario;
  });
}
