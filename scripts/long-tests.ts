/**
 * Behind `npm run test:crash`, `test:regions` and `test:sim`: the crash tests and the simulation in their long form,
 * with all that they report. `npm test` runs the same tests in a few seconds each.
 *
 *   npm run test:crash -- --rounds 200 --points 300 --images 2000 --seed 1
 *   npm run test:regions -- --rounds 20 --partitions 3
 *   npm run test:sim -- --seeds 500 --regions 500
 */
import { spawnSync } from 'node:child_process';
import { globSync } from 'node:fs';
import { dirname } from 'node:path';
import { parseArgs } from 'node:util';
import { errorMessage } from '../src/base/errors.ts';

const ROOT = dirname(import.meta.dirname);
/** The tests bound themselves, by how much they are asked for. */
const FILE_TIMEOUT_MS = 6 * 3600 * 1000;

interface LongForm {
  readonly files: string;
  /** Option, the variable by which the tests know it, and what it is where nobody says otherwise. */
  readonly options: Readonly<Record<string, readonly [variable: string, usual: number]>>;
}

const FORMS: Readonly<Record<string, LongForm>> = {
  crash: {
    files: 'test/crash/**/*.test.ts',
    options: {
      rounds: ['MILLRACE_CRASH_ROUNDS', 200],
      points: ['MILLRACE_CRASH_POINTS', 300],
      images: ['MILLRACE_POWER_IMAGES', 2000],
      seed: ['MILLRACE_SEED', 1],
    },
  },
  regions: {
    files: 'test/crash/{regions,partition}.test.ts',
    options: {
      rounds: ['MILLRACE_REGION_ROUNDS', 20],
      partitions: ['MILLRACE_PARTITIONS', 3],
      seed: ['MILLRACE_SEED', 1],
    },
  },
  sim: {
    files: 'test/sim/**/*.test.ts',
    options: { seeds: ['MILLRACE_SIM_SEEDS', 500], regions: ['MILLRACE_SIM_REGION_SEEDS', 500] },
  },
};

/** The variables for the tests: what was asked for, else what the environment says, else the usual. */
function variables({ options }: LongForm, args: readonly string[]): Record<string, string> {
  const names = Object.keys(options);
  const { values } = parseArgs({
    args: [...args],
    options: Object.fromEntries(names.map((name) => [name, { type: 'string' as const }])),
  });
  return Object.fromEntries(
    Object.entries(options).map(([name, [variable, usual]]) => {
      const text = String(values[name] ?? process.env[variable] ?? usual);
      if (!/^[1-9]\d{0,8}$/.test(text)) throw new Error(`--${name} takes a number from 1 on, not ${text}`);
      return [variable, text];
    }),
  );
}

function main([name = '', ...args]: readonly string[]): number {
  const form = FORMS[name];
  if (form === undefined) throw new Error(`usage: long-tests.ts ${Object.keys(FORMS).join('|')} [options]`);
  const set = variables(form, args);
  console.log(
    Object.entries(set)
      .map(([variable, value]) => `${variable}=${value}`)
      .join(' '),
  );
  const nodeArgs = ['--test', '--enable-source-maps', '--test-concurrency=1', '--test-reporter=spec'];
  const files = globSync(form.files, { cwd: ROOT }).toSorted();
  const { status } = spawnSync(
    process.execPath,
    [...nodeArgs, `--test-timeout=${FILE_TIMEOUT_MS}`, '--test-force-exit', ...files],
    { cwd: ROOT, env: { ...process.env, ...set }, stdio: 'inherit' },
  );
  return status ?? 1;
}

try {
  process.exitCode = main(process.argv.slice(2));
} catch (error) {
  console.error(`✖ ${errorMessage(error)}`);
  process.exitCode = 2;
}
