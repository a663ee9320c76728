/**
 * What processes did to the files below a directory, read from the logs that strace wrote of them: every write,
 * truncation and sync, every name that was made or removed, and what was said on standard output meanwhile.
 *
 * Time is counted in lines of the logs, of one process after the other. A call begins and ends; what another thread
 * did in between may have happened before or after it. Files and directories are numbered, because their names come
 * and go. The -shm is left out: it is memory shared by name, which SQLite makes anew at every first open.
 */
import assert from 'node:assert/strict';
import { existsSync, readFileSync, statSync } from 'node:fs';
import { basename, dirname } from 'node:path';

/** The directory that the history is of. */
export const ROOT = 0;
const STDOUT = -1;

interface Span {
  readonly beganAt: number;
  /** Infinity where the process ended in the middle. */
  endedAt: number;
}

export interface Change extends Span {
  readonly file: number;
  readonly offset: number;
  /** Undefined for a truncation, to `offset` bytes. */
  readonly data: Buffer | undefined;
}

export interface NameChange extends Span {
  readonly directory: number;
  readonly name: string;
  /** The file or directory that it stands for from now on; undefined for nothing. */
  readonly target: number | undefined;
}

interface Sync extends Span {
  /** A file or directory. */
  readonly of: number;
}

interface Saying extends Span {
  readonly text: string;
}

interface OpenFile {
  readonly of: number;
  position: number;
}

interface Call extends Span {
  readonly name: string;
  readonly args: string;
  readonly result: number;
}

export class History {
  readonly changes: Change[] = [];
  readonly nameChanges: NameChange[] = [];
  readonly syncs: Sync[] = [];
  readonly sayings: Saying[] = [];
  /** Power may fail at each of these. */
  readonly instants: number[] = [];
  readonly #root: string;
  readonly directories = new Set([ROOT]);
  readonly #names: Map<string, number>;
  #descriptors = new Map<number, OpenFile>();
  #lastNumber = ROOT;
  #lines = 0;

  /** `root` is there from the start and empty. */
  constructor(root: string) {
    this.#root = root;
    this.#names = new Map([[root, ROOT]]);
  }

  /** Takes in what one process did, from its start to its end. The files have to be as it has left them. */
  addProcess(log: string): void {
    this.#descriptors = new Map([[1, { of: STDOUT, position: 0 }]]);
    const firstChange = this.changes.length;
    for (const call of this.#calls(log)) this.#perform(call);
    this.#decideUnfinished(firstChange);
    this.#assertComplete();
  }

  /** Calls that failed are left out; those that the end of the process has cut off are last. */
  *#calls(log: string): Generator<Call> {
    const unfinished = new Map<string, { readonly head: string; readonly beganAt: number }>();
    for (const line of readFileSync(log, 'latin1').split('\n')) {
      this.#lines += 1;
      const [, thread = '', rest = ''] = /^(\d+) +(.*)$/s.exec(line) ?? [];
      if (rest.endsWith(' <unfinished ...>')) {
        const head = rest.slice(0, -' <unfinished ...>'.length);
        unfinished.set(thread, { head, beganAt: this.#lines });
        continue;
      }
      const isResumed = rest.startsWith('<... ');
      const begun = isResumed ? unfinished.get(thread) : undefined;
      if (isResumed) unfinished.delete(thread);
      const text = begun === undefined ? rest : begun.head + rest.slice(rest.indexOf(' resumed>') + 9);
      yield* parsed(text, { beganAt: begun?.beganAt ?? this.#lines, endedAt: this.#lines });
    }
    for (const { head, beganAt } of unfinished.values())
      yield* parsed(`${head}) = 0`, { beganAt, endedAt: Infinity });
  }

  #perform(call: Call): void {
    switch (call.name) {
      case 'openat':
        return this.#open(call);
      case 'close':
        this.#descriptors.delete(Number.parseInt(call.args, 10));
        return;
      case 'write':
      case 'pwrite64':
        return this.#write(call);
      case 'ftruncate':
        return this.#truncate(call);
      case 'fsync':
      case 'fdatasync':
        return this.#sync(call);
      case 'unlink':
        return this.#name(call, pathOf(call.args), undefined);
      case 'mkdir':
        return this.#makeDirectory(call, pathOf(call.args));
      case 'link':
      case 'rename':
        return this.#link(call);
      default:
        // What nobody does today must not be passed over when somebody does.
        assert.ok(!pathOf(call.args).startsWith(this.#root), `unknown change: ${call.name}`);
    }
  }

  #open(call: Call): void {
    const path = pathOf(call.args);
    if (!path.startsWith(this.#root) || path.endsWith('-shm') || call.endedAt === Infinity) return;
    let of = this.#names.get(path);
    if (of === undefined) {
      assert.match(call.args, /O_CREAT/);
      of = this.#newNumber();
      this.#name(call, path, of);
    } else if (call.args.includes('O_TRUNC')) {
      this.#change(call, { file: of, offset: 0, data: undefined });
    }
    this.#descriptors.set(call.result, { of, position: 0 });
  }

  #newNumber(): number {
    this.#lastNumber += 1;
    return this.#lastNumber;
  }

  #makeDirectory(call: Call, path: string): void {
    if (!path.startsWith(this.#root)) return;
    const number = this.#newNumber();
    this.directories.add(number);
    this.#name(call, path, number);
  }

  /** The new name first; a power failure may leave one of them, both or none. */
  #link(call: Call): void {
    const [from = '', to = ''] = pathsOf(call.args);
    const target = this.#names.get(from);
    if (target === undefined) return;
    this.#name(call, to, target);
    if (call.name === 'link') return;
    this.#name(call, from, undefined);
    for (const [path, below] of Array.from(this.#names)) {
      if (!path.startsWith(`${from}/`)) continue;
      this.#names.delete(path);
      this.#names.set(to + path.slice(from.length), below);
    }
  }

  #name(span: Span, path: string, target: NameChange['target']): void {
    if (!path.startsWith(this.#root) || path.endsWith('-shm')) return;
    if (target === undefined) this.#names.delete(path);
    else this.#names.set(path, target);
    const directory = this.#names.get(dirname(path));
    assert.ok(directory !== undefined, `where is ${path}?`);
    this.nameChanges.push({ ...spanOf(span), directory, name: basename(path), target });
    this.#instant(span);
  }

  #write(call: Call): void {
    const [, descriptor = '', hex = '', cut, tail = ''] =
      /^(\d+), "((?:\\x[0-9a-f]{2})*)"(\.*), (.*)$/s.exec(call.args) ?? [];
    const open = this.#descriptors.get(Number(descriptor));
    if (open === undefined) return;
    assert.equal(cut, '', 'the log holds the whole of each write');
    const data = Buffer.from(hex.replaceAll('\\x', ''), 'hex');
    const { of } = open;
    if (of === STDOUT) {
      this.sayings.push({ ...spanOf(call), text: data.toString().trim() });
      this.#instant(call);
      return;
    }
    assert.ok(call.endedAt === Infinity || call.result === data.length, 'nothing is written in part');
    const offset = call.name === 'pwrite64' ? Number(tail.split(', ')[1]) : open.position;
    if (call.name === 'write') open.position += data.length;
    this.#change(call, { file: of, offset, data });
  }

  #truncate(call: Call): void {
    const [descriptor = 0, sizeBytes = 0] = call.args.split(', ').map(Number);
    const of = this.#descriptors.get(descriptor)?.of;
    if (of !== undefined) this.#change(call, { file: of, offset: sizeBytes, data: undefined });
  }

  #sync(call: Call): void {
    const of = this.#descriptors.get(Number.parseInt(call.args, 10))?.of;
    if (of === undefined || call.endedAt === Infinity) return;
    this.syncs.push({ ...spanOf(call), of });
    this.#instant(call);
  }

  #change(span: Span, change: Omit<Change, keyof Span>): void {
    this.changes.push({ ...spanOf(span), ...change });
    this.#instant(span);
  }

  #instant(span: Span): void {
    this.instants.push(Math.min(span.endedAt, this.#lines));
  }

  /** A write that the end of the process has cut off has happened, or has not: the file tells. */
  #decideUnfinished(firstChange: number): void {
    for (const change of this.changes.slice(firstChange).filter(({ endedAt }) => endedAt === Infinity)) {
      const path = this.#paths().get(change.file);
      const { offset, data } = change;
      assert.ok(data !== undefined, 'a truncation was cut off');
      const bytes = path === undefined ? Buffer.alloc(0) : readFileSync(path);
      if (bytes.subarray(offset, offset + data.length).equals(data)) change.endedAt = this.#lines;
      else this.changes.splice(this.changes.indexOf(change), 1);
    }
  }

  #paths(): Map<number, string> {
    const files = Array.from(this.#names).filter(([, of]) => !this.directories.has(of));
    return new Map(files.map(([path, of]) => [of, path]));
  }

  /** With all that was written the files are those on disk: nothing was overlooked or misread. */
  #assertComplete(): void {
    for (const [file, path] of this.#paths()) {
      assert.ok(existsSync(path), `${path} is gone`);
      const content = new Content();
      for (const change of this.changes) if (change.file === file) content.apply(change);
      assert.equal(content.sizeBytes, statSync(path).size, `the size of ${path}`);
      assert.ok(readFileSync(path).equals(content.bytes()), `${path} holds what the log does not tell`);
    }
  }
}

/** The bytes of a file that is being put together. */
export class Content {
  #buffer = Buffer.alloc(64 * 1024);
  sizeBytes = 0;

  apply({ offset, data }: Pick<Change, 'offset' | 'data'>): void {
    const endsAt = offset + (data?.length ?? 0);
    if (endsAt > this.#buffer.length)
      this.#buffer = Buffer.concat([this.#buffer, Buffer.alloc(Math.max(endsAt, this.#buffer.length))]);
    if (data === undefined) {
      this.#buffer.fill(0, offset, Math.max(offset, this.sizeBytes));
      this.sizeBytes = offset;
    } else {
      data.copy(this.#buffer, offset);
      this.sizeBytes = Math.max(this.sizeBytes, endsAt);
    }
  }

  bytes(): Buffer {
    return this.#buffer.subarray(0, this.sizeBytes);
  }
}

function spanOf({ beganAt, endedAt }: Span): Span {
  return { beganAt, endedAt };
}

function* parsed(text: string, span: Span): Generator<Call> {
  const [, name, args = '', result = ''] = /^(\w+)\((.*)\)\s+= (-?\d+|\?)/s.exec(text) ?? [];
  if (name === undefined || result.startsWith('-')) return;
  // A question mark: the process was killed in it.
  if (result === '?') yield { name, args, result: 0, beganAt: span.beganAt, endedAt: Infinity };
  else yield { name, args, result: Number(result), ...span };
}

/** The strings among the arguments. */
function pathsOf(args: string): string[] {
  return Array.from(args.matchAll(/"((?:\\x[0-9a-f]{2})*)"/g), ([, hex = '']) =>
    Buffer.from(hex.replaceAll('\\x', ''), 'hex').toString(),
  );
}

function pathOf(args: string): string {
  return pathsOf(args)[0] ?? '';
}
