/**
 * All pipes of a region and their lives:
 *
 *     CREATING -> RUNNING <-> UPDATING        STOPPED -> STARTING -> RUNNING -> STOPPING -> STOPPED
 *        |          any of them -> DELETING -> gone
 *        +-> STOPPED, when that is the desired state
 *
 * A state on the way (CREATING, UPDATING, STARTING, STOPPING, DELETING) is on disk before the work for it begins
 * and is left in a commit of its own, so that callers see it as they do at AWS, and a crash in between goes on.
 */
import type { Scope } from '../../base/arn.ts';
import { errorMessage } from '../../base/errors.ts';
import { decodeHead, encodeRecord } from '../../storage/codec.ts';
import { key, prefixRange } from '../../storage/keys.ts';
import { KEYSPACE } from '../keyspace.ts';
import type { Loop, Turn } from '../loop.ts';
import { type CompiledPipe, compilePipe } from './compile.ts';
import { pipeArn, type PipeDefinition, pipeKey, type PipeRecord } from './pipe-record.ts';
import { type PipeStats, PipeWorker } from './pipe.ts';
import type { PipePorts } from './ports.ts';

interface Pipe {
  record: PipeRecord;
  /** Undefined when an earlier version took what this one does not: the pipe is there, and moves nothing. */
  compiled: CompiledPipe | undefined;
  worker: PipeWorker | undefined;
}

export interface NewPipe extends Scope {
  readonly name: string;
  readonly definition: PipeDefinition;
  readonly desiredState: 'RUNNING' | 'STOPPED';
  readonly tags: Readonly<Record<string, string>>;
}

export class Pipes {
  readonly #loop: Loop;
  readonly #ports: PipePorts;
  readonly #byArn = new Map<string, Pipe>();

  constructor(loop: Loop, ports: PipePorts) {
    this.#loop = loop;
    this.#ports = ports;
    // A pipe whose queue is created after it, or created again, finds it then.
    ports.queues.onCreate((queue) => {
      for (const pipe of this.#byArn.values()) {
        if (pipe.record.definition.source === queue.arn && pipe.record.currentState === 'RUNNING')
          this.#work(pipe);
      }
    });
  }

  /** Reads every pipe back and goes on where each was. */
  start(): void {
    const { store, quarantine } = this.#loop;
    quarantine.each('configuration', store.range(...prefixRange(key(KEYSPACE.pipe))), ({ value }) => {
      const record = decodeHead<PipeRecord>(value);
      this.#byArn.set(pipeArn(record), { record, compiled: this.#recompile(record), worker: undefined });
    });
    for (const pipe of this.#byArn.values()) {
      if (pipe.record.currentState === 'RUNNING') this.#work(pipe);
      else this.#settle(pipe);
    }
  }

  #recompile(record: PipeRecord): CompiledPipe | undefined {
    try {
      return compilePipe(record.definition);
    } catch (error) {
      this.#loop.log.error(
        { pipe: pipeArn(record), error: errorMessage(error) },
        'a pipe no longer compiles',
      );
      return undefined;
    }
  }

  close(): void {
    for (const pipe of this.#byArn.values()) pipe.worker?.stop(() => undefined);
  }

  get(scope: Scope, name: string): PipeRecord | undefined {
    return this.#byArn.get(pipeArn({ ...scope, name }))?.record;
  }

  find(arn: string): PipeRecord | undefined {
    return this.#byArn.get(arn)?.record;
  }

  stats(arn: string): PipeStats | undefined {
    return this.#byArn.get(arn)?.worker?.stats;
  }

  /** The pipes of an account in a region, by name. */
  list(scope: Scope): PipeRecord[] {
    return [...this.#byArn.values()]
      .map(({ record }) => record)
      .filter(({ account, region }) => account === scope.account && region === scope.region)
      .toSorted((a, b) => (a.name < b.name ? -1 : 1));
  }

  /** The caller has made sure that there is no pipe of that name. */
  create(turn: Turn, created: NewPipe): PipeRecord {
    const pipe: Pipe = {
      record: { ...created, createdAtMs: turn.now, modifiedAtMs: turn.now, currentState: 'CREATING' },
      compiled: compilePipe(created.definition),
      worker: undefined,
    };
    this.#byArn.set(pipeArn(created), pipe);
    return this.#change(turn, pipe, {});
  }

  update(turn: Turn, arn: string, change: Pick<NewPipe, 'definition' | 'desiredState'>): PipeRecord {
    const pipe = this.#require(arn);
    pipe.compiled = compilePipe(change.definition);
    return this.#change(turn, pipe, { ...change, currentState: 'UPDATING', modifiedAtMs: turn.now });
  }

  setDesiredState(turn: Turn, arn: string, desiredState: PipeRecord['desiredState']): PipeRecord {
    const currentState = ({ RUNNING: 'STARTING', STOPPED: 'STOPPING', DELETED: 'DELETING' } as const)[
      desiredState
    ];
    return this.#change(turn, this.#require(arn), { desiredState, currentState, modifiedAtMs: turn.now });
  }

  setTags(turn: Turn, arn: string, tags: PipeRecord['tags']): void {
    const pipe = this.#require(arn);
    this.#put(turn, pipe, { tags });
  }

  #require(arn: string): Pipe {
    const pipe = this.#byArn.get(arn);
    if (pipe === undefined) throw new Error(`no pipe ${arn}`);
    return pipe;
  }

  #put(turn: Turn, pipe: Pipe, change: Partial<PipeRecord>): PipeRecord {
    pipe.record = { ...pipe.record, ...change };
    turn.put(pipeKey(pipe.record, pipe.record.name), encodeRecord(pipe.record));
    return pipe.record;
  }

  #change(turn: Turn, pipe: Pipe, change: Partial<PipeRecord>): PipeRecord {
    turn.afterCommit(() => this.#settle(pipe));
    return this.#put(turn, pipe, change);
  }

  /** Does the work of a state on the way: stops what runs, then enters the state that is wanted. */
  #settle(pipe: Pipe): void {
    const { worker } = pipe;
    pipe.worker = undefined;
    const enter = (): void => this.#enter(pipe);
    if (worker === undefined) enter();
    else worker.stop(enter);
  }

  #enter(pipe: Pipe): void {
    const { desiredState, currentState } = pipe.record;
    if (currentState === 'RUNNING' || currentState === 'STOPPED') return;
    // Deleted meanwhile, while a batch was on its way; its name may already be that of another pipe.
    if (this.#byArn.get(pipeArn(pipe.record)) !== pipe) return;
    if (desiredState === 'DELETED') {
      this.#loop.turn((turn) => turn.delete(pipeKey(pipe.record, pipe.record.name)));
      this.#byArn.delete(pipeArn(pipe.record));
      return;
    }
    this.#loop.turn((turn) => this.#put(turn, pipe, { currentState: desiredState }));
    if (desiredState === 'RUNNING') this.#work(pipe);
  }

  #work(pipe: Pipe): void {
    const queue = this.#ports.queues.find(pipe.record.definition.source);
    if (queue === undefined) {
      this.#loop.log.warn({ pipe: pipeArn(pipe.record) }, 'the source of the pipe does not exist');
      return;
    }
    const { record, compiled } = pipe;
    if (compiled === undefined) return;
    pipe.worker?.stop(() => undefined);
    pipe.worker = new PipeWorker({ loop: this.#loop, ports: this.#ports, record, compiled, queue });
  }
}
