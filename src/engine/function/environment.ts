/**
 * One process of a function, from its start to its end; the pool owns it and hands it one invocation at a time.
 *
 *     starting -> idle <-> busy -> dead
 *
 * It is dead for good once an invocation was interrupted, the runtime failed, the process ended or it said
 * something that makes no sense; then the whole process group is killed, and nothing that it may still send counts.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { constants } from 'node:os';
import type { Duplex } from 'node:stream';
import { type Clock, formatIsoMs, type Timer } from '../../base/clock.ts';
import { type Channel, type ChannelListener, type ChannelMessage, openFramedChannel } from './channel.ts';
import { endLine, type EnvironmentLog, reportLine, startLine } from './environment-log.ts';
import type { FunctionSpec } from './spec.ts';

export interface Invocation {
  readonly requestId: string;
  /** As it was named by the caller, with its qualifier. */
  readonly functionArn: string;
  readonly payloadText: string;
  readonly clientContext?: string | undefined;
  readonly wantsLogTail?: boolean | undefined;
}

export interface Outcome {
  readonly payloadText: string;
  readonly isError: boolean;
  readonly logTail?: string;
}

/** `unreached`: the process had ended before it saw the invocation, which can go to another. */
export type Settle = (outcome: Outcome | 'unreached') => void;

interface Running {
  readonly id: number;
  readonly invocation: Invocation;
  readonly settle: Settle;
  readonly startedAtMs: number;
  readonly deadline: Timer;
}

/** How a process is started. The runtime API, where there is one, listens before the process runs. */
export interface Launch {
  readonly spec: FunctionSpec;
  readonly argv: readonly [string, ...string[]];
  readonly variables: Readonly<Record<string, string>>;
  readonly directory: string;
  readonly log: EnvironmentLog;
  readonly clock: Clock;
  /** Connects to the process; descriptors 3 and 4 are its pipes. */
  readonly connect: (child: ChildProcess, listener: ChannelListener) => Channel;
}

export interface EnvironmentEvents {
  /** It can take an invocation: it has just started, or has answered. */
  free(environment: Environment): void;
  /** It has answered, and of the time until then its handler took so long. */
  answered(handlerMs: number): void;
  /** It takes no more. `initError` is the error of a process that never became ready. */
  dead(environment: Environment, initError: string | undefined): void;
  /** The process is gone and its directory can be removed. */
  ended(environment: Environment): void;
}

/** After its end a process is given this long for what it wrote to be read, should a child of it hold the pipe. */
const DRAIN_MS = 100;

/** AWS gives initialisation 10 s: https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtime-environment.html */
const INIT_MS_MAX = 10_000;

export function connectFramed(child: ChildProcess, listener: ChannelListener): Channel {
  return openFramedChannel(child.stdio[3] as Duplex, child.stdio[4] as Duplex, listener);
}

export class Environment {
  readonly spec: FunctionSpec;
  readonly #launch: Launch;
  readonly #events: EnvironmentEvents;
  readonly #child: ChildProcess;
  readonly #channel: Channel;
  readonly #spawnedAtMs: number;
  #state: 'starting' | 'idle' | 'busy' | 'dead' = 'starting';
  #running: Running | undefined;
  #initTimer: Timer;
  /** Until the first invocation has reported it. */
  #initMs: number | undefined;
  #lastId = 0;
  #isRetired = false;
  #hasEnded = false;

  constructor(launch: Launch, events: EnvironmentEvents) {
    this.spec = launch.spec;
    this.#launch = launch;
    this.#events = events;
    const [command, ...args] = launch.argv;
    this.#spawnedAtMs = launch.clock.monotonicMs();
    this.#child = spawn(command, args, {
      cwd: launch.directory,
      env: launch.variables,
      stdio: ['ignore', 'pipe', 'pipe', 'pipe', 'pipe'],
      // A group of its own: a kill reaches what the handler started, and Ctrl-C at the terminal does not reach it.
      detached: true,
    });
    this.#channel = launch.connect(this.#child, (message) => this.#receive(message));
    this.#watchProcess();
    const initMsMax = INIT_MS_MAX + launch.spec.timeoutMs;
    this.#initTimer = launch.clock.callAt(launch.clock.now() + initMsMax, () => {
      this.#die(
        errorText('Sandbox.Timedout', `Error: Task timed out after ${(initMsMax / 1000).toFixed(2)} seconds`),
      );
    });
  }

  get pid(): number | undefined {
    return this.#child.pid;
  }

  get ageMs(): number {
    return this.#launch.clock.monotonicMs() - this.#spawnedAtMs;
  }

  get isIdle(): boolean {
    return this.#state === 'idle';
  }

  get isBusy(): boolean {
    return this.#state === 'busy';
  }

  get isAlive(): boolean {
    return this.#state !== 'dead' && this.#child.exitCode === null && this.#child.signalCode === null;
  }

  /** How long it has had the invocation in hand; 0 without one. */
  get inHandMs(): number {
    return this.#running === undefined ? 0 : this.#launch.clock.monotonicMs() - this.#running.startedAtMs;
  }

  /** It must be idle. `settle` is called exactly once. */
  invoke(invocation: Invocation, settle: Settle): void {
    const { clock, log, spec } = this.#launch;
    this.#state = 'busy';
    this.#lastId += 1;
    if (invocation.wantsLogTail === true) log.startTail();
    log.write([startLine(invocation.requestId, spec.version)]);
    const deadlineMs = clock.now() + spec.timeoutMs;
    const deadline = clock.callAt(deadlineMs, () => this.#timeOut());
    const startedAtMs = clock.monotonicMs();
    this.#running = { id: this.#lastId, invocation, settle, startedAtMs, deadline };
    const { requestId, functionArn, payloadText, clientContext } = invocation;
    this.#channel.send({ id: this.#lastId, requestId, functionArn, deadlineMs, payloadText, clientContext });
  }

  /** Ends it at once when it is idle, else after the invocation in hand. */
  retire(): void {
    this.#isRetired = true;
    if (this.#state !== 'busy') this.kill();
  }

  /** Ends it at once; an invocation in hand fails. */
  kill(): void {
    this.#die(undefined);
  }

  /** It uses more memory than its function has: it is killed as the kernel would. */
  killForMemory(): void {
    this.#fail('Runtime.ExitError', 'Error: Runtime exited with error: signal: killed');
  }

  #receive(message: ChannelMessage): void {
    if (this.#state === 'dead') return;
    switch (message.kind) {
      case 'ready':
        if (this.#state === 'starting') this.#becomeReady();
        return;
      case 'init-error':
        this.#die(message.body);
        return;
      case 'log':
        if (message.isWhole) this.#launch.log.write([message.body]);
        else this.#launch.log.writeRaw(message.body);
        return;
      case 'response':
      case 'error':
      case 'fatal':
        this.#answer(message);
        return;
      case 'unreached':
        this.#loseCall();
        return;
      case 'broken':
        this.#fail('Runtime.ExitError', `Error: Runtime exited with error: ${message.reason}`);
        return;
    }
  }

  #becomeReady(): void {
    this.#initTimer.cancel();
    this.#initMs = this.#launch.clock.monotonicMs() - this.#spawnedAtMs;
    this.#becomeFree();
  }

  #becomeFree(): void {
    if (this.#isRetired) return this.kill();
    this.#state = 'idle';
    this.#events.free(this);
  }

  #answer(message: ChannelMessage & { kind: 'response' | 'error' | 'fatal' }): void {
    const running = this.#running;
    // An answer to anything but the invocation in hand: user code wrote to our descriptor.
    if (running === undefined || running.id !== message.id) {
      this.#fail('Runtime.ExitError', 'Error: Runtime exited with error: an answer that nobody waits for');
      return;
    }
    const isError = message.kind !== 'response';
    // User code shares the process that measures: it cannot have taken longer than we waited.
    this.#events.answered(Math.min(message.handlerMs ?? Infinity, this.inHandMs));
    this.#settle({ payloadText: message.body, isError }, { status: 'ok', peakKb: message.peakKb });
    if (message.kind === 'fatal') this.#die(undefined);
    else this.#becomeFree();
  }

  #timeOut(): void {
    const running = this.#running;
    if (running === undefined) return;
    const { requestId } = running.invocation;
    const message = `Task timed out after ${(this.spec.timeoutMs / 1000).toFixed(2)} seconds`;
    const payloadText = errorText('Sandbox.Timedout', `RequestId: ${requestId} Error: ${message}`);
    this.#launch.log.flush();
    this.#launch.log.write([`${formatIsoMs(this.#launch.clock.now())} ${requestId} ${message}\n\n`]);
    this.#settle({ payloadText, isError: true }, { status: 'timeout', peakKb: undefined });
    this.#die(undefined);
  }

  /** The runtime itself failed: the invocation in hand, if any, is answered so. */
  #fail(errorType: string, message: string): void {
    const running = this.#running;
    if (running === undefined) {
      this.#die(this.#state === 'starting' ? errorText(errorType, message) : undefined);
      return;
    }
    const { requestId } = running.invocation;
    const payloadText = errorText(errorType, `RequestId: ${requestId} ${message}`);
    this.#launch.log.flush();
    this.#launch.log.write([`RequestId: ${requestId} ${message}\n${errorType}\n`]);
    this.#settle({ payloadText, isError: true }, { status: 'error', peakKb: undefined, errorType });
    this.#die(undefined);
  }

  #loseCall(): void {
    const running = this.#running;
    this.#running = undefined;
    running?.deadline.cancel();
    this.#die(undefined);
    running?.settle('unreached');
  }

  #settle(
    outcome: Outcome,
    report: { status: 'ok' | 'timeout' | 'error'; peakKb: number | undefined; errorType?: string },
  ): void {
    const running = this.#running;
    if (running === undefined) return;
    this.#running = undefined;
    running.deadline.cancel();
    const { clock, log, spec } = this.#launch;
    const { requestId } = running.invocation;
    const durationMs = clock.monotonicMs() - running.startedAtMs;
    const initMs = this.#initMs;
    this.#initMs = undefined;
    log.flush();
    log.write([endLine(requestId), reportLine(spec, { requestId, durationMs, initMs, ...report })]);
    const logTail = log.takeTail();
    running.settle(logTail === undefined ? outcome : { ...outcome, logTail });
  }

  #die(initError: string | undefined): void {
    if (this.#state === 'dead') return;
    if (this.#running !== undefined) {
      return this.#fail('Runtime.ExitError', 'Error: Runtime exited with error: signal: killed');
    }
    const error = this.#state === 'starting' ? initError : undefined;
    this.#state = 'dead';
    this.#initTimer.cancel();
    this.#killGroup();
    this.#channel.close();
    this.#events.dead(this, error);
  }

  #killGroup(): void {
    const { pid } = this.#child;
    if (pid === undefined) return;
    try {
      process.kill(-pid, 'SIGKILL');
    } catch {
      // The group is empty already.
    }
  }

  #watchProcess(): void {
    const child = this.#child;
    const { log, clock } = this.#launch;
    for (const stream of [child.stdout, child.stderr]) {
      stream?.setEncoding('utf8');
      stream?.on('data', (text: string) => log.writeRaw(text));
      stream?.on('error', () => undefined);
    }
    child.once('error', (error) => {
      // It could not be started; there will be no exit.
      this.#fail('Runtime.InvalidEntrypoint', `Error: ${error.message}`);
      this.#end();
    });
    child.once('exit', (code, signal) => {
      // What is left of the group would keep the pipes open.
      this.#killGroup();
      const drained = clock.callAt(clock.now() + DRAIN_MS, () => this.#exited(code, signal));
      child.once('close', () => {
        drained.cancel();
        this.#exited(code, signal);
      });
    });
  }

  #exited(code: number | null, signal: NodeJS.Signals | null): void {
    this.#launch.log.flush();
    if (this.#state !== 'dead') this.#fail('Runtime.ExitError', `Error: ${exitReason(code, signal)}`);
    this.#end();
  }

  #end(): void {
    if (this.#hasEnded) return;
    this.#hasEnded = true;
    this.#events.ended(this);
  }
}

const SIGNAL_NAMES: Readonly<Record<string, string>> = {
  SIGKILL: 'killed',
  SIGABRT: 'aborted',
  SIGSEGV: 'segmentation fault',
  SIGTERM: 'terminated',
  SIGILL: 'illegal instruction',
  SIGTRAP: 'trace/breakpoint trap',
};

/** In the words of AWS's own supervisor. */
function exitReason(code: number | null, signal: NodeJS.Signals | null): string {
  const name = signal ?? signalOf(code);
  if (name !== undefined) return `Runtime exited with error: signal: ${SIGNAL_NAMES[name] ?? name}`;
  if (code === 0) return 'Runtime exited without providing a reason';
  return `Runtime exited with error: exit status ${code}`;
}

/** bubblewrap, like a shell, exits with 128 and the number of the signal that its child died of. */
function signalOf(code: number | null): string | undefined {
  return Object.entries(constants.signals).find(([, number]) => code === 128 + number)?.[0];
}

function errorText(errorType: string, errorMessage: string): string {
  return JSON.stringify({ errorType, errorMessage });
}
