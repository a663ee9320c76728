/**
 * Everything that can be set, in one schema, parsed once and frozen. A setting comes from the command line, else
 * from its environment variable (`MILLRACE_` and the name in upper case), else from its default. No other file
 * reads `process.env`.
 */
import { z } from 'zod';

export const DEFAULT_PORT = 4566;
export const DEFAULT_REGION = 'us-east-1';
/** The account of requests whose access key is not itself an account id. */
export const DEFAULT_ACCOUNT = '000000000000';

const LOOPBACK_HOSTS: ReadonlySet<string> = new Set(['127.0.0.1', '::1', 'localhost']);

const schema = z
  .strictObject({
    /** Address to listen on. Anything but loopback demands signatures of known keys. */
    host: z.string().min(1).default('127.0.0.1'),
    /** 0 takes any free port. */
    port: z.coerce.number().int().min(0).max(65_535).default(DEFAULT_PORT),
    region: z
      .string()
      .regex(/^[a-z]{2}(-[a-z]+){1,3}-\d{1,2}$/, 'is no region name such as us-east-1')
      .default(DEFAULT_REGION),
    account: z
      .string()
      .regex(/^\d{12}$/, 'has to be 12 digits')
      .default(DEFAULT_ACCOUNT),
    /** Each region keeps its files in a directory of its own below this one. */
    dataDir: z.string().min(1).default('./.millrace'),
    /** Keep everything in memory, for tests: nothing survives the process. */
    memory: z.stringbool().or(z.boolean()).default(false),
    /** `open` believes every signature, and is for loopback alone; `verify` takes known keys only. */
    auth: z.enum(['open', 'verify']).optional(),
    logLevel: z.enum(['debug', 'info', 'warn', 'error', 'silent']).default('info'),
  })
  .transform((given) => ({
    ...given,
    auth: given.auth ?? (LOOPBACK_HOSTS.has(given.host) ? 'open' : 'verify'),
  }))
  .refine((config) => config.auth !== 'open' || LOOPBACK_HOSTS.has(config.host), {
    path: ['auth'],
    message: 'open is for loopback alone: an address that others can reach needs verify',
  });

export type Config = Readonly<z.output<typeof schema>>;

/** Settings by name, as the command line gives them; `undefined` counts as not given. */
export type Settings = Readonly<Record<string, unknown>>;

/** A setting that does not fit; the message names it and says what was wrong. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
}

/** Parses settings over the environment. Throws `ConfigError` naming every setting that does not fit. */
export function parseConfig(settings: Settings = {}, environment: NodeJS.ProcessEnv = process.env): Config {
  const given: Record<string, unknown> = {};
  for (const name of ['host', 'port', 'region', 'account', 'dataDir', 'memory', 'auth', 'logLevel']) {
    const value = settings[name] ?? environment[environmentName(name)];
    if (value !== undefined) given[name] = value;
  }
  const unknownNames = Object.keys(settings).filter(
    (name) => settings[name] !== undefined && !(name in given),
  );
  if (unknownNames.length > 0) throw new ConfigError(`unknown setting: ${unknownNames.join(', ')}`);
  const parsed = schema.safeParse(given);
  if (parsed.success) return Object.freeze(parsed.data);
  const problems = parsed.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`);
  throw new ConfigError(`invalid setting: ${problems.join('; ')}`);
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
