/**
 * One region's process, as its supervisor sees it.
 *
 *     starting -> running -> (ended) down -> starting ...      restarted at once, then with growing delays
 *          \---------\--- fail ---> held --- restore ---> starting
 *
 * The process ends itself when the channel to the supervisor closes, so nothing here has to clean up after a crash.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import type { Clock, Timer } from '../base/clock.ts';
import type { Logger } from '../base/log.ts';
import type { SupervisedState } from '../installation/health.ts';
import { Backoff } from './backoff.ts';
import { eachLine } from './log-lines.ts';
import type { ToRegion, ToSupervisor } from './messages.ts';

export interface RegionProcessOptions {
  readonly region: string;
  readonly command: readonly [file: string, ...args: string[]];
  readonly environment: NodeJS.ProcessEnv;
  readonly clock: Clock;
  readonly log: Logger;
  readonly onLine: (line: string) => void;
  readonly onMessage: (message: ToSupervisor) => void;
  readonly onChange: () => void;
}

/** How a process has ended. */
export interface Exit {
  readonly code: number | null;
  readonly signal: string | null;
}

export class RegionProcess {
  readonly region: string;
  readonly #options: RegionProcessOptions;
  readonly #backoff = new Backoff();
  #status: SupervisedState['status'] = 'down';
  #child: ChildProcess | undefined;
  #startedMs = 0;
  #timer: Timer | undefined;
  #isStopping = false;
  /** Resolves or rejects with the start that is under way. */
  #starting = Promise.withResolvers<void>();
  #ended: Promise<Exit> = Promise.resolve({ code: null, signal: null });

  constructor(options: RegionProcessOptions) {
    this.region = options.region;
    this.#options = options;
    this.#starting.promise.catch(() => undefined);
  }

  get state(): SupervisedState {
    return { status: this.#status, pid: this.#child?.pid };
  }

  /** Starts it for the first time: resolves when it answers, rejects with how it ended before it did. */
  start(): Promise<void> {
    this.#spawn();
    return this.#starting.promise;
  }

  send(message: ToRegion): void {
    // It may be about to end, which its exit tells.
    if (this.#child?.connected) this.#child.send(message, () => undefined);
  }

  /** Ends it as a crash would, and keeps it so. Resolves when the process is gone. */
  async fail(): Promise<void> {
    this.#timer?.cancel();
    this.#set('held');
    this.#child?.kill('SIGKILL');
    await this.#ended;
  }

  /** Resolves when it answers again. */
  restore(): Promise<void> {
    if (this.#child === undefined) {
      this.#timer?.cancel();
      this.#backoff.reset();
      this.#spawn();
    }
    return this.#starting.promise;
  }

  /** Asks it to end, and kills it after `drainMs`. */
  async stop(drainMs: number): Promise<void> {
    const { clock } = this.#options;
    this.#isStopping = true;
    this.#timer?.cancel();
    this.#child?.kill('SIGTERM');
    const deadline = clock.callAt(clock.now() + drainMs, () => this.kill());
    await this.#ended;
    deadline.cancel();
  }

  kill(): void {
    this.#child?.kill('SIGKILL');
  }

  #spawn(): void {
    const { command, environment, clock, onLine } = this.#options;
    const [file, ...args] = command;
    this.#starting = Promise.withResolvers<void>();
    this.#starting.promise.catch(() => undefined);
    this.#startedMs = clock.monotonicMs();
    const child = spawn(file, args, { env: environment, stdio: ['ignore', 'ignore', 'pipe', 'ipc'] });
    this.#child = child;
    eachLine(child.stderr as NonNullable<typeof child.stderr>, onLine);
    child.on('message', (message) => this.#hear(message as ToSupervisor));
    this.#ended = new Promise((resolve) => {
      const end = (exit: Exit): void => {
        this.#end(exit);
        resolve(exit);
      };
      child.once('exit', (code, signal) => end({ code, signal }));
      child.once('error', (error) => {
        this.#options.log.error(
          { region: this.region, error: error.message },
          'a region could not be started',
        );
        if (child.pid === undefined) end({ code: null, signal: null });
      });
    });
    this.#set('starting');
  }

  #hear(message: ToSupervisor): void {
    if (message.kind === 'ready') {
      this.#set('running');
      this.#starting.resolve();
    }
    this.#options.onMessage(message);
  }

  #end(exit: Exit): void {
    const { clock, log } = this.#options;
    const livedMs = Math.round(clock.monotonicMs() - this.#startedMs);
    this.#child = undefined;
    this.#starting.reject(new RegionEndedError(this.region, exit));
    if (this.#isStopping || this.#status === 'held') {
      this.#options.onChange();
      return;
    }
    const delayMs = this.#backoff.next(livedMs);
    log.error({ region: this.region, ...exit, livedMs, restartInMs: delayMs }, 'a region has ended');
    this.#set('down');
    // Not in the same turn even without a delay: whoever waits for its end may want it to stay so.
    this.#timer = clock.callAt(clock.now() + delayMs, () => this.#spawn());
  }

  #set(status: SupervisedState['status']): void {
    this.#status = status;
    this.#options.onChange();
  }
}

export class RegionEndedError extends Error {
  override readonly name = 'RegionEndedError';
  readonly exit: Exit;

  constructor(region: string, exit: Exit) {
    super(`the region ${region} ended with ${exit.signal ?? `code ${exit.code}`} before it answered`);
    this.exit = exit;
  }
}
