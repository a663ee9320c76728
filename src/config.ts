/**
 * Everything that can be set, in one table, parsed once and frozen. A setting comes from the command line, else
 * from its environment variable (`MILLRACE_` and the name in upper case), else from its default. No other file
 * reads `process.env`.
 */
import { isIP } from 'node:net';
import { EXECUTION_RETENTION_DAYS } from './engine/workflow/limits.ts';
import { parsePeer, type PeerSetting, REGION_NAME } from './peer-setting.ts';

export const DEFAULT_PORT = 4566;
const DEFAULT_REGION = 'us-east-1';
/** The account of requests whose access key is not itself an account id. */
const DEFAULT_ACCOUNT = '000000000000';

const PORT_MAX = 65_535;
/** Each is a process, and talks to each other one. */
const REGIONS_MAX = 16;

const LOOPBACK_HOSTS: ReadonlySet<string> = new Set(['127.0.0.1', '::1', 'localhost']);

export interface Config {
  /** Address to listen on. Anything but loopback demands signatures of known keys. */
  readonly host: string;
  /** 0 takes any free port. */
  readonly port: number;
  /** The one that this process serves; the first of several, which have a process each. */
  readonly region: string;
  readonly regions: readonly string[];
  /** Regions that somebody else has started, with whom this one makes an installation. */
  readonly peers: readonly PeerSetting[];
  /** What they know each other by. */
  readonly peerSecret?: string;
  /** Says which region may act alone, where no supervisor does: `http://10.0.0.9:4599` */
  readonly witness?: string;
  /** Where global services are written, until `millrace region promote` says otherwise. The same everywhere. */
  readonly home: string;
  /** What DNS answers say of this process. Default: the address that it listens on. */
  readonly address?: string;
  /** A loopback address that this process listens on besides its own, `127.0.0.2:4566`, where it can be bound. */
  readonly secondAddress?: string;
  /** When requests are answered whose events go to other regions: at once, or when those have them. */
  readonly replication: 'async' | 'sync';
  /** Of the DNS server, over UDP and TCP; 0 takes any free one. Undefined: the usual one, else any free one. */
  readonly dnsPort?: number;
  /** Public names by which clients call this server, and all below them; those in hosted zones need not be named. */
  readonly allowedHosts: readonly string[];
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

// By hand: a schema library took 45 ms and 12 MB of every start for these few (docs/adr/0002-what-a-request-costs.md).
const READERS = {
  host: matching(/./, 'must not be empty'),
  port: wholeNumber(PORT_MAX),
  region: listOf(regionName),
  peer: listOf(peerSetting),
  home: regionName,
  peerSecret: matching(/^[\x21-\x7e]{32,256}$/, 'has to be 32 to 256 characters without spaces'),
  witness: matching(/^https?:\/\/[^\s/]+\/?$/, 'is no URL such as http://10.0.0.9:4599'),
  address: ipAddress,
  secondAddress: matching(/^127(\.\d{1,3}){3}:\d{1,5}$/, 'has to be a loopback address and a port'),
  replication: oneOf('async', 'sync'),
  dnsPort: wholeNumber(PORT_MAX),
  allowedHosts: listOf(matching(/^[a-z0-9-]+(\.[a-z0-9-]+)*$/, 'has to be host names in lower case')),
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
} satisfies Record<string, Read<unknown>>;

/** Settings that fit, each by its name. */
type Given = { -readonly [Name in keyof typeof READERS]?: ReturnType<(typeof READERS)[Name]> };

const DEFAULTS = {
  host: '127.0.0.1',
  port: DEFAULT_PORT,
  account: DEFAULT_ACCOUNT,
  dataDir: './.millrace',
  memory: false,
  replication: 'async',
  executionRetentionDays: EXECUTION_RETENTION_DAYS,
  logLevel: 'info',
} satisfies Given;

function regionName(given: unknown): string {
  if (typeof given === 'string' && REGION_NAME.test(given)) return given;
  throw new ConfigError('is no region name such as us-east-1');
}

function peerSetting(given: unknown): PeerSetting {
  const peer = typeof given === 'string' ? parsePeer(given) : undefined;
  if (peer !== undefined) return peer;
  throw new ConfigError('is no region and URL such as us-west-2=http://10.0.0.7:4566');
}

/** An option that is given several times, or one text with spaces between. */
function listOf<T>(read: Read<T>): Read<readonly [T, ...T[]]> {
  return (given) => {
    const texts = Array.isArray(given) ? given : String(given).split(/\s+/).filter(Boolean);
    if (texts.length > REGIONS_MAX) throw new ConfigError(`has at most ${REGIONS_MAX} values`);
    const [first, ...others] = texts.map(read);
    if (first === undefined) throw new ConfigError('must not be empty');
    return [first, ...others];
  };
}

function ipAddress(given: unknown): string {
  if (typeof given === 'string' && isIP(given) !== 0) return given;
  throw new ConfigError('has to be an IPv4 or IPv6 address');
}

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
  const given: Partial<Record<string, unknown>> = {};
  const problems: string[] = [];
  for (const [name, reader] of Object.entries(READERS)) {
    const text = settings[name] ?? environment[environmentName(name)];
    if (text === undefined) continue;
    try {
      given[name] = reader(text);
    } catch (error) {
      if (!(error instanceof ConfigError)) throw error;
      problems.push(`${name}: ${error.message}`);
    }
  }
  const config = toConfig(given as Given);
  problems.push(...contradictions(config));
  if (problems.length > 0) throw new ConfigError(`invalid setting: ${problems.join('; ')}`);
  return Object.freeze(config);
}

function toConfig({ region: regions = [DEFAULT_REGION], peer, ...given }: Given): Config {
  const peers: readonly PeerSetting[] = peer ?? [];
  const known = { ...DEFAULTS, ...given };
  const [region] = regions;
  return {
    auth: LOOPBACK_HOSTS.has(known.host) ? 'open' : 'verify',
    // Whoever starts the regions one by one need not say it, for all of them come to the same.
    home:
      regions.length > 1 ? region : ([region, ...peers.map((each) => each.region)].toSorted()[0] ?? region),
    ...known,
    allowedHosts: known.allowedHosts ?? [],
    region,
    regions,
    peers,
  };
}

/** What does not go together, a line each. */
function contradictions(config: Config): string[] {
  const problems: string[] = [];
  if (config.auth === 'open' && !LOOPBACK_HOSTS.has(config.host)) {
    problems.push('auth: open is for loopback alone: an address that others can reach needs verify');
  }
  if ((config.rootAccessKeyId === undefined) !== (config.rootSecretAccessKey === undefined)) {
    problems.push('rootAccessKeyId: goes with rootSecretAccessKey, and one of them is missing');
  }
  const all = [...config.regions, ...config.peers.map(({ region }) => region)];
  if (new Set(all).size < all.length) problems.push('region: a region is named twice, here or as a peer');
  if (config.port + config.regions.length - 1 > PORT_MAX) {
    problems.push(`port: ${config.regions.length} regions take as many ports, and the last is ${PORT_MAX}`);
  }
  if (!all.includes(config.home)) problems.push(`home: ${config.home} is none of the regions`);
  if (config.peers.length === 0) return problems;
  if (config.regions.length > 1) {
    problems.push('peer: goes with one region; several are started here, or elsewhere, not both');
  }
  if (config.peerSecret === undefined) {
    problems.push('peerSecret: regions with peers need one: MILLRACE_PEER_SECRET, the same for all of them');
  }
  return problems;
}

/** `dataDir` is `MILLRACE_DATA_DIR`. */
function environmentName(setting: string): string {
  return `MILLRACE_${setting.replaceAll(/[A-Z]/g, '_$&').toUpperCase()}`;
}

/** What the commands that talk to a running server start from, where their own options say nothing. */
export interface ClientDefaults {
  readonly endpoint: string;
  /** Where a supervisor on this machine has left word of itself. */
  readonly dataDir: string;
  readonly region: string;
  /** Without any key `test` signs, which a server in open mode takes for the default account. */
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
}

export function clientDefaults(environment: NodeJS.ProcessEnv = process.env): ClientDefaults {
  const port = environment[environmentName('port')] ?? String(DEFAULT_PORT);
  return {
    endpoint: environment['MILLRACE_ENDPOINT'] ?? `http://127.0.0.1:${port}`,
    dataDir: environment[environmentName('dataDir')] ?? DEFAULTS.dataDir,
    region: environment['AWS_REGION'] ?? environment['AWS_DEFAULT_REGION'] ?? DEFAULT_REGION,
    accessKeyId: environment['AWS_ACCESS_KEY_ID'] ?? 'test',
    secretAccessKey: environment['AWS_SECRET_ACCESS_KEY'] ?? 'test',
  };
}

/**
 * The environment of a child process, without anything of AWS: it is told where to go in so many words. Whom it trusts
 * there leads nowhere else, and is kept.
 */
export function environmentWithoutAws(environment: NodeJS.ProcessEnv = process.env): NodeJS.ProcessEnv {
  return Object.fromEntries(
    Object.entries(environment).filter(([name]) => !name.startsWith('AWS_') || name === 'AWS_CA_BUNDLE'),
  );
}

/** The environment of a process of ours, with some settings in the place of those that this one was given. */
export function environmentWith(
  settings: Settings,
  environment: NodeJS.ProcessEnv = process.env,
): NodeJS.ProcessEnv {
  const given = Object.entries(settings).flatMap(([name, value]) => {
    // A list that is empty is one that nobody has given.
    const texts = [value].flat().filter((each) => each !== undefined);
    return texts.length === 0 ? [] : [[environmentName(name), texts.map(String).join(' ')]];
  });
  return { ...environment, ...Object.fromEntries(given) };
}
