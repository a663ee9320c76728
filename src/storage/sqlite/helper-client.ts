/** The main thread's side of the helper thread, which is started when there is first something for it to do. */
import type { Worker } from 'node:worker_threads';
import { errorMessage } from '../../base/errors.ts';
import { StoreFailedError } from '../store.ts';
import type { Key, ScrubReport, VerifyReport } from '../store.ts';
import type { HelperCommand, HelperReport, WriterOptions } from './messages.ts';
import { Requests, startThread, threadEnd } from './threads.ts';

export class Helper {
  readonly #options: WriterOptions;
  readonly #onDiskFailure: (message: string) => void;
  readonly #requests = new Requests();
  #worker: Worker | undefined;

  constructor(options: WriterOptions, onDiskFailure: (message: string) => void) {
    this.#options = options;
    this.#onDiskFailure = onDiskFailure;
  }

  /** Resolves with the bytes that the WAL holds. */
  async checkpoint(): Promise<number> {
    return (await this.#ask((id) => ({ kind: 'checkpoint', id }))) as number;
  }

  async backup(path: string): Promise<void> {
    await this.#ask((id) => ({ kind: 'backup', id, path }));
  }

  async verify(): Promise<VerifyReport> {
    return (await this.#ask((id) => ({ kind: 'verify', id }))) as VerifyReport;
  }

  async scrub(from: Key): Promise<ScrubReport> {
    return (await this.#ask((id) => ({ kind: 'scrub', id, from }))) as ScrubReport;
  }

  /** After what is under way. */
  async close(): Promise<void> {
    await this.#requests.settled();
    const worker = this.#worker;
    if (worker === undefined) return;
    const ended = threadEnd(worker);
    worker.postMessage({ kind: 'close' } satisfies HelperCommand);
    await ended;
  }

  #ask(command: (id: number) => HelperCommand): Promise<unknown> {
    const worker = (this.#worker ??= this.#start());
    return this.#requests.ask((id) => worker.postMessage(command(id)));
  }

  #start(): Worker {
    const worker = startThread('helper', this.#options);
    worker.on('message', (report: HelperReport) => {
      if (report.kind === 'diskFailed') this.#onDiskFailure(report.message);
      if (report.kind === 'done') this.#requests.answer(report.id, report.result);
      else this.#requests.refuse(report.id, report.message);
    });
    let reason = 'the helper thread of the store has ended';
    worker.on('error', (error) => {
      reason = `the helper thread of the store failed: ${errorMessage(error)}`;
    });
    worker.on('exit', () => {
      this.#worker = undefined;
      this.#requests.refuseAll(new StoreFailedError(reason));
    });
    return worker;
  }
}
