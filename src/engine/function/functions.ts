/**
 * All functions of a region: their records, and the one way in for calling them. Services create and change them;
 * pipes, buses and workflows call them through `FunctionCaller`. Processes belong to the pool.
 */
import type { Scope } from '../../base/arn.ts';
import type { Timer } from '../../base/clock.ts';
import { AwsError } from '../../base/errors.ts';
import { uuid } from '../../base/ids.ts';
import { randomFloat } from '../../base/random.ts';
import { key, prefixRange } from '../../storage/keys.ts';
import type { Position } from '../../storage/store.ts';
import { KEYSPACE } from '../keyspace.ts';
import type { Loop, Turn } from '../loop.ts';
import type { SecretBox } from '../secrets.ts';
import { AsyncInvocations } from './async-invocations.ts';
import { CodeStore } from './code-store.ts';
import {
  createFunctionCodec,
  functionArn,
  type FunctionCodec,
  functionKey,
  type FunctionRecord,
  type FunctionVersion,
  LATEST,
  parseFunctionArn,
} from './function-record.ts';
import { Launcher, type LauncherOptions } from './launcher.ts';
import { FunctionPool, type PoolOptions } from './pool.ts';
import type { FunctionAnswer, FunctionCall, FunctionCaller, SyncFunctionCall } from './ports.ts';
import type { FunctionSpec } from './spec.ts';
import { UrlIndex, type UrlOwner } from './url-index.ts';

/** Payloads: https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html */
const SYNC_PAYLOAD_SIZE_BYTES_MAX = 6_291_456;
const ASYNC_PAYLOAD_SIZE_BYTES_MAX = 1_048_576;

/** No invocation lasts longer, so that code which nobody names any more can then go. */
const INVOCATION_MS_MAX = 15 * 60_000;

export interface FunctionsOptions
  extends
    Pick<LauncherOptions, 'processClock' | 'logs' | 'credentials' | 'endpointUrl' | 'sandbox'>,
    Pick<PoolOptions, 'processCountMax' | 'eagerCount'> {
  readonly loop: Loop;
  readonly secrets: SecretBox;
  /** Where packages are kept; undefined when everything is in memory, which then means a temporary directory. */
  readonly codeDirectory: string | undefined;
}

/** A function in memory: its record, its published versions and what is going on. */
export interface FunctionEntry {
  readonly record: FunctionRecord;
  readonly versions: ReadonlyMap<string, FunctionVersion>;
  /** The last commit that changed it. */
  readonly position: Position;
}

export interface FoundUrl extends UrlOwner {
  readonly entry: FunctionEntry;
}

class Held implements FunctionEntry {
  record: FunctionRecord;
  readonly versions = new Map<string, FunctionVersion>();
  /** By the version that they were made of: a changed one is another object. */
  readonly specs = new Map<FunctionVersion, FunctionSpec>();
  position: Position;
  inFlightCount = 0;

  constructor(record: FunctionRecord, position: Position) {
    this.record = record;
    this.position = position;
  }
}

export class Functions implements FunctionCaller {
  readonly #loop: Loop;
  readonly #codec: FunctionCodec;
  readonly #byArn = new Map<string, Held>();
  readonly #urls = new UrlIndex();
  readonly #timers = new Set<Timer>();
  readonly #async: AsyncInvocations;
  readonly code: CodeStore;
  readonly launcher: Launcher;
  readonly #pool: FunctionPool;

  constructor(options: FunctionsOptions) {
    const { loop, secrets, codeDirectory, ...rest } = options;
    this.#loop = loop;
    this.#codec = createFunctionCodec(secrets);
    this.code = new CodeStore(codeDirectory);
    const { random, log, clock } = loop;
    this.launcher = new Launcher({
      ...rest,
      clock,
      random,
      log,
      temporaryRoot: () => this.code.temporaryRoot,
    });
    this.#pool = new FunctionPool({ ...rest, clock, launcher: this.launcher });
    this.#async = new AsyncInvocations({ loop, invoke: (call) => this.invoke(call) });
  }

  /** Reads every function back, and takes up the asynchronous invocations that are pending. */
  start(): void {
    const { store, quarantine } = this.#loop;
    quarantine.each('configuration', store.range(...prefixRange(key(KEYSPACE.function))), ({ value }) => {
      // `$LATEST` sorts before the numbers of versions, so the function comes first.
      const decoded = this.#codec.decode(value);
      if ('function' in decoded) {
        this.#byArn.set(functionArn(decoded.function), new Held(decoded.function, 0));
        this.#urls.replace(undefined, decoded.function);
      } else {
        this.#byArn.get(functionArn(decoded.owner))?.versions.set(decoded.version.version, decoded.version);
      }
    });
    this.code.sweep(new Set([...this.#byArn.values()].flatMap((held) => [...codesOf(held)])));
    this.#async.start();
  }

  /** Ends every process. Asynchronous invocations that were under way are made again after the next start. */
  async close(): Promise<void> {
    this.#async.close();
    for (const timer of this.#timers) timer.cancel();
    await this.#pool.close();
    this.launcher.close();
    this.code.close();
  }

  /** False while the disk is nearly full: nothing new is to be admitted. */
  get acceptsWrites(): boolean {
    return this.#loop.store.acceptsWrites;
  }

  get(scope: Scope, name: string): FunctionEntry | undefined {
    return this.#byArn.get(functionArn({ ...scope, name }));
  }

  /** The function, and something that its qualifier names; `undefined` when there is either not. */
  find(arn: string): FunctionEntry | undefined {
    return this.#resolve(arn)?.held;
  }

  /** What a function URL is of: the function and the qualifier, if its URL is an alias's. */
  findUrl(id: string): FoundUrl | undefined {
    const owner = this.#urls.get(id);
    const entry = owner === undefined ? undefined : this.#byArn.get(owner.functionArn);
    return owner === undefined || entry === undefined ? undefined : { ...owner, entry };
  }

  /** The functions of an account in a region, by name. */
  list(scope: Scope): FunctionEntry[] {
    return [...this.#byArn.values()]
      .filter(({ record }) => record.account === scope.account && record.region === scope.region)
      .toSorted((a, b) => (a.record.name < b.record.name ? -1 : 1));
  }

  /** Creates a function or changes one; the code that it names is in the code store. */
  put(turn: Turn, record: FunctionRecord): FunctionEntry {
    const arn = functionArn(record);
    const held = this.#byArn.get(arn) ?? new Held(record, turn.position);
    const before = held.record.latest;
    turn.put(functionKey(record), this.#codec.encodeFunction(record));
    this.#urls.replace(this.#byArn.get(arn)?.record, record);
    this.#byArn.set(arn, held);
    held.record = record;
    held.position = turn.position;
    if (before.revisionId !== record.latest.revisionId) this.#retire(held, before);
    return held;
  }

  /** Publishes `$LATEST` as it is, under the next number. */
  publish(turn: Turn, entry: FunctionEntry, description: string | undefined): FunctionVersion {
    const held = this.#held(entry);
    const { latest, lastVersion } = held.record;
    const number = String(lastVersion + 1);
    const config = description === undefined ? latest.config : { ...latest.config, description };
    const version: FunctionVersion = { ...latest, version: number, config, revisionId: uuid(turn.random) };
    turn.put(functionKey(held.record, number), this.#codec.encodeVersion(held.record, version));
    held.versions.set(number, version);
    this.put(turn, { ...held.record, lastVersion: lastVersion + 1 });
    return version;
  }

  /** Deletes a function with all its versions. */
  delete(turn: Turn, entry: FunctionEntry): void {
    const held = this.#held(entry);
    turn.delete(functionKey(held.record));
    for (const version of held.versions.keys()) turn.delete(functionKey(held.record, version));
    this.#byArn.delete(functionArn(held.record));
    this.#urls.replace(held.record, undefined);
    this.#retire(held, held.record.latest);
    for (const version of held.versions.values()) this.#retire(held, version);
  }

  deleteVersion(turn: Turn, entry: FunctionEntry, version: FunctionVersion): void {
    const held = this.#held(entry);
    turn.delete(functionKey(held.record, version.version));
    held.versions.delete(version.version);
    held.position = turn.position;
    this.#retire(held, version);
  }

  async invoke(call: SyncFunctionCall): Promise<FunctionAnswer> {
    const { held, version } = this.#require(call.functionArn);
    requireSize(call.payloadText, SYNC_PAYLOAD_SIZE_BYTES_MAX);
    const { reservedConcurrency } = held.record;
    if (reservedConcurrency !== undefined && held.inFlightCount >= reservedConcurrency) {
      throw reservedConcurrencyExceeded();
    }
    held.inFlightCount += 1;
    try {
      const spec = this.#spec(held, version) ?? (await this.#prepare(held, version));
      const outcome = await this.#pool.invoke(spec, call);
      return {
        payloadText: outcome.payloadText,
        executedVersion: version.version,
        ...(outcome.isError ? { functionError: 'Unhandled' as const } : {}),
        ...(outcome.logTail === undefined ? {} : { logTail: outcome.logTail }),
      };
    } finally {
      held.inFlightCount -= 1;
    }
  }

  enqueueAsync(turn: Turn, call: FunctionCall & { readonly requestId?: string }): string {
    this.#require(call.functionArn);
    requireSize(call.payloadText, ASYNC_PAYLOAD_SIZE_BYTES_MAX);
    const { functionArn: arn, payloadText, cause } = call;
    const requestId = call.requestId ?? uuid(turn.random);
    this.#async.enqueue(turn, { requestId, functionArn: arn, payloadText, cause });
    return requestId;
  }

  #held(entry: FunctionEntry): Held {
    return entry as Held;
  }

  #require(arn: string): { held: Held; version: FunctionVersion } {
    const resolved = this.#resolve(arn);
    if (resolved === undefined) throw functionNotFound(arn);
    return resolved;
  }

  #resolve(arn: string): { held: Held; version: FunctionVersion } | undefined {
    const plain = this.#byArn.get(arn);
    if (plain !== undefined) return { held: plain, version: plain.record.latest };
    const name = parseFunctionArn(arn);
    if (name?.qualifier === undefined) return undefined;
    const held = this.#byArn.get(functionArn(name));
    if (held === undefined) return undefined;
    const version = this.#qualified(held, name.qualifier);
    return version === undefined ? undefined : { held, version };
  }

  #qualified(held: Held, qualifier: string): FunctionVersion | undefined {
    if (qualifier === LATEST) return held.record.latest;
    const { aliases } = held.record;
    const alias = Object.hasOwn(aliases, qualifier) ? aliases[qualifier] : undefined;
    if (alias === undefined) return held.versions.get(qualifier);
    const { additional } = alias;
    const isAdditional = additional !== undefined && randomFloat(this.#loop.random) < additional.weight;
    const number = isAdditional ? additional.version : alias.version;
    return number === LATEST ? held.record.latest : held.versions.get(number);
  }

  /** What processes of a version are made of, once its code is unpacked. */
  #spec(held: Held, version: FunctionVersion): FunctionSpec | undefined {
    const existing = held.specs.get(version);
    if (existing !== undefined) return existing;
    const taskDirectory = this.code.directory(version.code.sha256);
    if (taskDirectory === undefined) return undefined;
    const { account, region, name } = held.record;
    const { config } = version;
    const spec: FunctionSpec = {
      key: `${functionArn(held.record, version.version)}/${version.revisionId}`,
      account,
      region,
      name,
      version: version.version,
      runtime: config.runtime,
      handler: config.handler,
      timeoutMs: config.timeoutSeconds * 1000,
      memorySizeMb: config.memorySizeMb,
      ephemeralStorageMb: config.ephemeralStorageMb,
      environment: config.variables ?? {},
      taskDirectory,
      roleArn: config.roleArn,
      logGroupName: config.logGroupName,
    };
    held.specs.set(version, spec);
    return spec;
  }

  async #prepare(held: Held, version: FunctionVersion): Promise<FunctionSpec> {
    await this.code.unpacked(version.code.sha256);
    const spec = this.#spec(held, version);
    if (spec !== undefined) return spec;
    throw new AwsError('ServiceException', 'The code of the function is gone.', { fault: 'server' });
  }

  /** A version is no more, or not as it was: its processes end, and later its code goes if nobody else names it. */
  #retire(held: Held, version: FunctionVersion): void {
    const { code } = version;
    const spec = held.specs.get(version);
    held.specs.delete(version);
    if (spec !== undefined) this.#pool.retire(spec.key);
    const timer = this.#loop.timers.at(this.#loop.clock.now() + INVOCATION_MS_MAX, () => {
      this.#timers.delete(timer);
      if (![...this.#byArn.values()].some((other) => codesOf(other).has(code.sha256))) {
        this.code.remove(code.sha256);
      }
    });
    this.#timers.add(timer);
  }
}

function codesOf({ record, versions }: FunctionEntry): Set<string> {
  return new Set([record.latest, ...versions.values()].map(({ code }) => code.sha256));
}

function requireSize(payloadText: string, sizeBytesMax: number): void {
  // A character takes at most 3 bytes, so most payloads need no counting.
  if (payloadText.length * 3 <= sizeBytesMax || Buffer.byteLength(payloadText) <= sizeBytesMax) return;
  throw new AwsError(
    'RequestTooLargeException',
    `Request must be smaller than ${sizeBytesMax} bytes for the InvokeFunction operation`,
    { httpStatus: 413 },
  );
}

export function functionNotFound(arn: string): AwsError {
  return new AwsError('ResourceNotFoundException', `Function not found: ${arn}`, {
    httpStatus: 404,
    members: { Type: 'User' },
  });
}

function reservedConcurrencyExceeded(): AwsError {
  return new AwsError('TooManyRequestsException', 'Rate Exceeded.', {
    httpStatus: 429,
    members: { Reason: 'ReservedFunctionConcurrentInvocationLimitExceeded', Type: 'User' },
  });
}
