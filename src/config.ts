/**
 * Everything that can be set, in one table, parsed once and frozen. A setting comes from the command line, else
 * from its environment variable (`MILLRACE_` and the name in upper case), else from its default. No other file
 * reads `process.env`.
 */
import { EXECUTION_RETENTION_DAYS } from './engine/workflow/limits.ts';

const DEFAULT_PORT = 4566;
const DEFAULT_REGION = 'us-east-1';
/** The account of requests whose access key is not itself an account id. */
const DEFAULT_ACCOUNT = '000000000000';

const LOOPBACK_HOSTS: ReadonlySet<string> = new Set(['127.0.0.1', '::1', 'localhost']);

export interface Config {
  /** Address to listen on. Anything but loopback demands signatures of known keys. */
  readonly host: string;
  /** 0 takes any free port. */
  readonly port: number;
  readonly region: string;
  readonly account: string;
  /** Each region keeps its files in a directory of its own below this one. */
  readonly dataDir: string;
  /** Keep everything in memory, for tests: nothing survives the process. */
  readonly memory: boolean;
  /** `open` believes every signature, and is for loopback alone; `verify` takes known keys only. */
  readonly auth: 'open' | 'verify';
  /** A key that is known from the start, for the account above: with it the first users and roles are made. */
  readonly rootAccessKeyId?: string;
  readonly rootSecretAccessKey?: string;
  /** Executions are forgotten so many days after their end, with their histories. */
  readonly executionRetentionDays: number;
  readonly logLevel: 'debug' | 'info' | 'warn' | 'error' | 'silent';
}

/** Reads one setting; throws `ConfigError` with what is wrong about it. */
type Read<T> = (given: unknown) => T;

// By hand: a schema library took 45 ms and 12 MB of every start for these eight (docs/adr/0002-what-a-request-costs.md).
const READERS: { readonly [Name in keyof Config]-?: Read<NonNullable<Config[Name]>> } = {
  host: matching(/./, 'must not be empty'),
  port: wholeNumber(65_535),
  region: matching(/^[a-z]{2}(-[a-z]+){1,3}-\d{1,2}$/, 'is no region name such as us-east-1'),
  account: matching(/^\d{12}$/, 'has to be 12 digits'),
  dataDir: matching(/./, 'must not be empty'),
  memory: flag,
  auth: oneOf('open', 'verify'),
  rootAccessKeyId: matching(
    /^(?!\d{12}$)[A-Z0-9]{16,128}$/,
    'has to be 16 to 128 capital letters and digits',
  ),
  rootSecretAccessKey: matching(/^\S{20,128}$/, 'has to be 20 to 128 characters'),
  executionRetentionDays: wholeNumber(36_500),
  logLevel: oneOf('debug', 'info', 'warn', 'error', 'silent'),
};

const DEFAULTS: Omit<Config, 'auth' | 'rootAccessKeyId' | 'rootSecretAccessKey'> = {
  host: '127.0.0.1',
  port: DEFAULT_PORT,
  region: DEFAULT_REGION,
  account: DEFAULT_ACCOUNT,
  dataDir: './.millrace',
  memory: false,
  executionRetentionDays: EXECUTION_RETENTION_DAYS,
  logLevel: 'info',
};

function matching(pattern: RegExp, otherwise: string): Read<string> {
  return (given) => {
    if (typeof given === 'string' && pattern.test(given)) return given;
    throw new ConfigError(otherwise);
  };
}

function wholeNumber(max: number): Read<number> {
  return (given) => {
    const value = typeof given === 'string' && given.trim() !== '' ? Number(given) : given;
    if (typeof value === 'number' && Number.isInteger(value) && value >= 0 && value <= max) return value;
    throw new ConfigError(`has to be a whole number from 0 to ${max}`);
  };
}

function flag(given: unknown): boolean {
  const text = String(given).toLowerCase();
  if (['true', '1', 'yes', 'on'].includes(text)) return true;
  if (['false', '0', 'no', 'off'].includes(text)) return false;
  throw new ConfigError('has to be true or false');
}

function oneOf<const Values extends readonly string[]>(...values: Values): Read<Values[number]> {
  return (given) => {
    const found = values.find((value) => value === given);
    if (found !== undefined) return found;
    throw new ConfigError(`has to be one of ${values.join(', ')}`);
  };
}

/** Settings by name, as the command line gives them; `undefined` counts as not given. */
export type Settings = Readonly<Record<string, unknown>>;

/** A setting that does not fit; the message names it and says what was wrong. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
}

/** The address of the configuration cannot be listened on. */
export class AddressError extends Error {
  override readonly name = 'AddressError';

  constructor({ host, port }: Pick<Config, 'host' | 'port'>, cause: NodeJS.ErrnoException) {
    super(
      cause.code === 'EADDRINUSE'
        ? `port ${port} of ${host} is in use: another server listens there; --port or MILLRACE_PORT names another`
        : `cannot listen on port ${port} of ${host}: ${cause.message}`,
      { cause },
    );
  }
}

/** Parses settings over the environment. Throws `ConfigError` naming every setting that does not fit. */
export function parseConfig(settings: Settings = {}, environment: NodeJS.ProcessEnv = process.env): Config {
  const unknownNames = Object.keys(settings).filter(
    (name) => settings[name] !== undefined && !Object.hasOwn(READERS, name),
  );
  if (unknownNames.length > 0) throw new ConfigError(`unknown setting: ${unknownNames.join(', ')}`);
  const read: Partial<Record<string, unknown>> = {};
  const problems: string[] = [];
  for (const [name, reader] of Object.entries(READERS)) {
    const given = settings[name] ?? environment[environmentName(name)];
    if (given === undefined) continue;
    try {
      read[name] = reader(given);
    } catch (error) {
      if (!(error instanceof ConfigError)) throw error;
      problems.push(`${name}: ${error.message}`);
    }
  }
  const known = { ...DEFAULTS, ...(read as Partial<Config>) };
  const isLoopback = LOOPBACK_HOSTS.has(known.host);
  const config: Config = { auth: isLoopback ? 'open' : 'verify', ...known };
  if (config.auth === 'open' && !isLoopback) {
    problems.push('auth: open is for loopback alone: an address that others can reach needs verify');
  }
  if ((config.rootAccessKeyId === undefined) !== (config.rootSecretAccessKey === undefined)) {
    problems.push('rootAccessKeyId: goes with rootSecretAccessKey, and one of them is missing');
  }
  if (problems.length > 0) throw new ConfigError(`invalid setting: ${problems.join('; ')}`);
  return Object.freeze(config);
}

/** `dataDir` is `MILLRACE_DATA_DIR`. */
function environmentName(setting: string): string {
  return `MILLRACE_${setting.replaceAll(/[A-Z]/g, '_$&').toUpperCase()}`;
}

/** What the commands that talk to a running server start from, where their own options say nothing. */
export interface ClientDefaults {
  readonly endpoint: string;
  readonly region: string;
  /** Without any key `test` signs, which a server in open mode takes for the default account. */
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
}

export function clientDefaults(environment: NodeJS.ProcessEnv = process.env): ClientDefaults {
  const port = environment[environmentName('port')] ?? String(DEFAULT_PORT);
  return {
    endpoint: environment['MILLRACE_ENDPOINT'] ?? `http://127.0.0.1:${port}`,
    region: environment['AWS_REGION'] ?? environment['AWS_DEFAULT_REGION'] ?? DEFAULT_REGION,
    accessKeyId: environment['AWS_ACCESS_KEY_ID'] ?? 'test',
    secretAccessKey: environment['AWS_SECRET_ACCESS_KEY'] ?? 'test',
  };
}

/** The environment of a child process, without anything of AWS: it is told where to go in so many words. */
export function environmentWithoutAws(environment: NodeJS.ProcessEnv = process.env): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(environment).filter(([name]) => !name.startsWith('AWS_')));
}
