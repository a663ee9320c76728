/** Starts the processes of functions: command line, environment variables, sandbox and log stream of each. */
import { accessSync, constants, mkdirSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { type Clock, formatIsoMs } from '../../base/clock.ts';
import type { Logger } from '../../base/log.ts';
import { randomText } from '../../base/ids.ts';
import type { Random } from '../../base/random.ts';
import type { ChannelListener } from './channel.ts';
import { connectFramed, Environment, type EnvironmentEvents, type Launch } from './environment.ts';
import { EnvironmentLog } from './environment-log.ts';
import type { FunctionLogSink, RoleCredentials } from './ports.ts';
import { MemoryWatch } from './memory-watch.ts';
import { Reaper } from './reaper.ts';
import { RuntimeApi } from './runtime-api.ts';
import {
  createMemoryGroup,
  detectSandbox,
  findPython,
  insidePaths,
  type MemoryGroup,
  NO_SANDBOX,
  type PythonInterpreter,
  type SandboxSupport,
  sandboxed,
} from './sandbox.ts';
import { type FunctionSpec, runtimeFamily } from './spec.ts';
import { functionVariables } from './variables.ts';

export interface LauncherOptions {
  /** The engine's clock, for the times of log lines. */
  readonly clock: Clock;
  /** Real time: processes run by it, whatever the engine's clock says. */
  readonly processClock: Clock;
  readonly random: Random;
  readonly log: Logger;
  readonly logs: FunctionLogSink;
  readonly credentials: (spec: FunctionSpec) => RoleCredentials;
  /** Where the platform listens; asked for when a process starts. */
  readonly endpointUrl: () => string;
  /** Each process gets a directory below this one, removed when it has ended. */
  readonly temporaryRoot: () => string;
  /** `auto` uses what the machine offers; `none` starts plain processes. Default: `auto`. */
  readonly sandbox?: 'auto' | 'none';
}

/** A function that cannot be started on this machine; the text is what its caller gets. */
export class LaunchError extends Error {
  override readonly name = 'LaunchError';
  readonly errorType: string;

  constructor(errorType: string, message: string) {
    super(message);
    this.errorType = errorType;
  }
}

const RUNTIMES_DIRECTORY = join(import.meta.dirname, 'runtimes');

const MEBIBYTE = 1024 * 1024;

/** V8 gets most of the memory; the rest is for buffers and code. */
const HEAP_SHARE = 0.9;

interface Program {
  readonly argv: (inside: { readonly runtimeDirectory: string; readonly taskRoot: string }) => string[];
  readonly readOnlyPaths: readonly string[];
  /** As the log of the process names it. */
  readonly description: string;
}

export class Launcher {
  readonly #options: LauncherOptions;
  readonly #memory: MemoryWatch;
  readonly #reaper = new Reaper();
  #support: Promise<SandboxSupport> | undefined;
  #python: Promise<PythonInterpreter | undefined> | undefined;

  constructor(options: LauncherOptions) {
    this.#options = options;
    this.#memory = new MemoryWatch(options.processClock);
  }

  /** What this machine offers, found out at the first call. */
  support(): Promise<SandboxSupport> {
    this.#support ??= this.#options.sandbox === 'none' ? Promise.resolve(NO_SANDBOX) : detectSandbox();
    return this.#support;
  }

  /** Once every process has ended. */
  close(): void {
    this.#reaper.close();
  }

  /** Starts a process. Rejects with `LaunchError` when this machine cannot run it. */
  async start(spec: FunctionSpec, events: EnvironmentEvents): Promise<Environment> {
    const { processClock: clock, random, temporaryRoot } = this.#options;
    const support = await this.support();
    const program = await this.#program(spec);
    const id = randomText(random, 32, '0123456789abcdef');
    const temporaryDirectory = join(temporaryRoot(), id);
    mkdirSync(temporaryDirectory, { recursive: true });
    const log = this.#openLog(spec, id);
    log.write([`INIT_START Runtime Version: ${program.description}\n`]);

    const directories = {
      taskDirectory: spec.taskDirectory,
      runtimeDirectory: RUNTIMES_DIRECTORY,
      temporaryDirectory,
    };
    const inside = insidePaths(support, directories);
    const memoryGroup = createMemoryGroup(support, { name: id, sizeBytes: spec.memorySizeMb * MEBIBYTE });
    const argv = sandboxed(support, {
      argv: program.argv(inside),
      ...directories,
      readOnlyPaths: program.readOnlyPaths,
      fileSizeBytesMax: spec.ephemeralStorageMb * MEBIBYTE,
      memoryGroup,
    });
    const channel = await this.#openChannel(spec);
    const variables = functionVariables({
      ...inside,
      spec,
      credentials: this.#options.credentials(spec),
      endpointUrl: this.#options.endpointUrl(),
      logStreamName: log.stream.streamName,
      searchPath: `${dirname(process.execPath)}:/usr/local/bin:/usr/bin:/bin:/opt/bin`,
      runtimeApi: channel.runtimeApi,
    });
    const directory = spec.taskDirectory;
    const launch: Launch = { spec, argv, variables, directory, log, clock, connect: channel.connect };
    return this.#run(launch, events, { memoryGroup, temporaryDirectory });
  }

  #run(
    launch: Launch,
    events: EnvironmentEvents,
    { memoryGroup, temporaryDirectory }: { memoryGroup: MemoryGroup | undefined; temporaryDirectory: string },
  ): Environment {
    let unwatch: () => void = () => undefined;
    const cleanUp = (): void => {
      unwatch();
      memoryGroup?.remove();
      rmSync(temporaryDirectory, { recursive: true, force: true });
    };
    let environment: Environment;
    try {
      environment = new Environment(launch, {
        ...events,
        ended: (ended) => {
          cleanUp();
          if (ended.pid !== undefined) this.#reaper.forget(ended.pid);
          events.ended(ended);
        },
      });
    } catch (error) {
      // The server itself has run out of descriptors or processes.
      cleanUp();
      throw error;
    }
    if (environment.pid !== undefined) {
      this.#reaper.watch(environment.pid);
      if (memoryGroup === undefined) unwatch = this.#memory.watch(environment);
    }
    return environment;
  }

  /** `2026/01/31/[$LATEST]` and 32 hexadecimal digits, as AWS names the stream of a process. */
  #openLog(spec: FunctionSpec, id: string): EnvironmentLog {
    const day = formatIsoMs(this.#options.clock.now()).slice(0, 10).replaceAll('-', '/');
    const { account, region, logGroupName: groupName } = spec;
    const stream = { account, region, groupName, streamName: `${day}/[${spec.version}]${id}` };
    return new EnvironmentLog(this.#options.logs, stream, this.#options.clock);
  }

  async #openChannel(spec: FunctionSpec): Promise<{ connect: Launch['connect']; runtimeApi?: string }> {
    if (runtimeFamily(spec.runtime) !== 'provided') return { connect: connectFramed };
    // The process does not exist yet when its API starts to listen; nobody can speak before it does.
    let listener: ChannelListener | undefined;
    const api = await RuntimeApi.listen((message) => listener?.(message));
    return {
      runtimeApi: api.address,
      connect: (_child, connected) => {
        listener = connected;
        return api;
      },
    };
  }

  async #program(spec: FunctionSpec): Promise<Program> {
    switch (runtimeFamily(spec.runtime)) {
      case 'node':
        return nodeProgram(spec);
      case 'python':
        this.#python ??= findPython();
        return pythonProgram(spec, await this.#python);
      case 'provided':
        return bootstrapProgram(spec);
      case undefined:
        throw new LaunchError(
          'Runtime.InvalidRuntime',
          `Error: ${spec.runtime} cannot be run on this machine`,
        );
    }
  }
}

function nodeProgram(spec: FunctionSpec): Program {
  const heapMb = Math.floor(spec.memorySizeMb * HEAP_SHARE);
  return {
    argv: ({ runtimeDirectory }) => [
      process.execPath,
      `--max-old-space-size=${heapMb}`,
      join(runtimeDirectory, 'node.mjs'),
    ],
    readOnlyPaths: [process.execPath],
    description: describeRuntime(spec, 'nodejs', process.versions.node),
  };
}

function pythonProgram(spec: FunctionSpec, python: PythonInterpreter | undefined): Program {
  if (python === undefined) {
    throw new LaunchError('Runtime.InvalidEntrypoint', 'Error: there is no python3 on this machine');
  }
  return {
    // No bytecode is written: the unpacked code is shared by all processes and stays as it was deployed.
    argv: ({ runtimeDirectory }) => [python.executable, '-B', join(runtimeDirectory, 'python.py')],
    readOnlyPaths: python.paths,
    description: describeRuntime(spec, 'python', python.version),
  };
}

function bootstrapProgram(spec: FunctionSpec): Program {
  try {
    accessSync(join(spec.taskDirectory, 'bootstrap'), constants.X_OK);
  } catch {
    // Missing, or not executable: AWS says the same of both.
    throw new LaunchError(
      'Runtime.InvalidEntrypoint',
      "Error: Couldn't find valid bootstrap(s): [/var/task/bootstrap /opt/bootstrap]",
    );
  }
  return {
    argv: ({ taskRoot }) => [join(taskRoot, 'bootstrap')],
    // A bootstrap may be a script for the Node that runs the platform.
    readOnlyPaths: [process.execPath],
    description: spec.runtime,
  };
}

/** A machine has one Node and one Python: when a function asks for another version, its log says what it got. */
function describeRuntime(spec: FunctionSpec, family: string, version: string): string {
  const wanted = spec.runtime.slice(family.length).replace(/\.x$/, '');
  const isSame = version === wanted || version.startsWith(`${wanted}.`);
  return isSame ? `${family}:${version}` : `${family}:${version} (for ${spec.runtime})`;
}
