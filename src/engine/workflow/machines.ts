/** All state machines of a region, and their definitions compiled once per revision. */
import type { Scope } from '../../base/arn.ts';
import { errorMessage } from '../../base/errors.ts';
import { uuid } from '../../base/ids.ts';
import { parseStateMachine } from '../../lang/asl/parse.ts';
import type { StateMachine } from '../../lang/asl/types.ts';
import { decodeHead, decodeRecord, encodeRecord } from '../../storage/codec.ts';
import { key, prefixRange } from '../../storage/keys.ts';
import type { Position } from '../../storage/store.ts';
import { KEYSPACE } from '../keyspace.ts';
import type { Loop, Turn } from '../loop.ts';
import {
  machineArn,
  machineKey,
  type MachineRecord,
  type RevisionRecord,
  revisionKey,
  revisionPrefix,
} from './machine-record.ts';
import { hasExecutions, RevisionSweep } from './revision-sweep.ts';

export type NewMachine = Omit<MachineRecord, 'revisionId' | 'createdAtMs' | 'updatedAtMs'> & {
  readonly definition: string;
};

export type MachineChange = Partial<
  Pick<MachineRecord, 'roleArn' | 'loggingConfiguration' | 'tracingConfiguration' | 'tags'>
> & { readonly definition?: string };

/** One definition, ready to run. */
export interface Revision extends RevisionRecord {
  readonly definition: string;
  readonly machine: StateMachine;
}

/** Older revisions in memory, compiled: a definition may have a megabyte, and may change every second. */
const OLDER_REVISIONS_MAX = 100;

interface Entry {
  record: MachineRecord;
  /** Undefined when its definition can no longer be read: the machine is there, and starts nothing until updated. */
  revision: Revision | undefined;
  position: Position;
}

export class Machines {
  readonly #loop: Loop;
  readonly #byArn = new Map<string, Entry>();
  /** Revisions besides the current ones that were asked for last. Executions that run hold on to their own. */
  readonly #older = new Map<string, Revision>();

  constructor(loop: Loop) {
    this.#loop = loop;
  }

  start(): void {
    const { store, quarantine } = this.#loop;
    quarantine.each('configuration', store.range(...prefixRange(key(KEYSPACE.stateMachine))), ({ value }) => {
      const record = decodeHead<MachineRecord>(value);
      const revision = this.#readRevision(record, record.name, record.revisionId);
      this.#byArn.set(machineArn(record), { record, revision, position: 0 });
    });
    new RevisionSweep(this.#loop, this).start();
  }

  find(arn: string): MachineRecord | undefined {
    return this.#byArn.get(arn)?.record;
  }

  /** The current definition of a machine. */
  current(arn: string): Revision | undefined {
    return this.#byArn.get(arn)?.revision;
  }

  /** The definition that an execution runs by, which may be older than the machine's or outlive it. */
  revision(scope: Scope, name: string, revisionId: string): Revision | undefined {
    const current = this.#byArn.get(machineArn({ ...scope, name }))?.revision;
    if (current?.revisionId === revisionId) return current;
    const older = this.#older.get(revisionId) ?? this.#readRevision(scope, name, revisionId);
    if (older !== undefined) this.#remember(older);
    return older;
  }

  #remember(older: Revision): void {
    this.#older.delete(older.revisionId);
    this.#older.set(older.revisionId, older);
    const [oldest] = this.#older.keys();
    if (this.#older.size > OLDER_REVISIONS_MAX && oldest !== undefined) this.#older.delete(oldest);
  }

  /** Definitions in memory. */
  get revisionCount(): number {
    return this.#byArn.size + this.#older.size;
  }

  /** The machines of an account in a region, by name. */
  list(scope: Scope): MachineRecord[] {
    return [...this.#byArn.values()]
      .map(({ record }) => record)
      .filter(({ account, region }) => account === scope.account && region === scope.region)
      .toSorted((a, b) => (a.name < b.name ? -1 : 1));
  }

  /** Throws `InvalidDefinition` before it changes anything. The caller has made sure that the name is free. */
  create(turn: Turn, created: NewMachine): MachineRecord {
    const { definition, ...rest } = created;
    const machine = parseStateMachine(definition, created.type);
    const revisionId = uuid(turn.random);
    const record: MachineRecord = { ...rest, revisionId, createdAtMs: turn.now, updatedAtMs: turn.now };
    const revision: Revision = {
      revisionId,
      roleArn: record.roleArn,
      createdAtMs: turn.now,
      definition,
      machine,
    };
    this.#byArn.set(machineArn(record), { record, revision, position: turn.position });
    this.#putRevision(turn, record, revision);
    this.#put(turn, record);
    return record;
  }

  /** A change of the definition or the role makes a new revision; executions that run keep theirs. */
  update(turn: Turn, arn: string, { definition, ...change }: MachineChange): MachineRecord | undefined {
    const entry = this.#byArn.get(arn);
    if (entry === undefined) return undefined;
    const before = entry.revision;
    const parsed =
      definition === undefined
        ? before
        : { definition, machine: parseStateMachine(definition, entry.record.type) };
    let { revisionId } = entry.record;
    if (parsed !== undefined && (definition !== undefined || change.roleArn !== undefined)) {
      if (before !== undefined) this.#remember(before);
      revisionId = uuid(turn.random);
      const revision: Revision = {
        revisionId,
        roleArn: change.roleArn ?? entry.record.roleArn,
        createdAtMs: turn.now,
        definition: parsed.definition,
        machine: parsed.machine,
      };
      entry.revision = revision;
      this.#putRevision(turn, entry.record, revision);
    }
    entry.record = { ...entry.record, ...change, revisionId, updatedAtMs: turn.now };
    entry.position = turn.position;
    this.#put(turn, entry.record);
    return entry.record;
  }

  /** Its revisions stay as long as executions that ran by them. */
  delete(turn: Turn, arn: string): void {
    const entry = this.#byArn.get(arn);
    if (entry === undefined) return;
    this.#byArn.delete(arn);
    turn.delete(machineKey(entry.record, entry.record.name));
    if (!hasExecutions(this.#loop.store, entry.record))
      turn.deleteRange(...prefixRange(revisionPrefix(entry.record, entry.record.name)));
  }

  #put(turn: Turn, record: MachineRecord): void {
    turn.put(machineKey(record, record.name), encodeRecord(record));
  }

  #putRevision(turn: Turn, { account, region, name }: MachineRecord, revision: Revision): void {
    const { definition, machine: _, ...head } = revision;
    turn.put(revisionKey({ account, region }, name, revision.revisionId), encodeRecord(head, definition));
  }

  #readRevision(scope: Scope, name: string, revisionId: string): Revision | undefined {
    const value = this.#loop.store.get(revisionKey(scope, name, revisionId));
    if (value === undefined) return undefined;
    const { head, texts } = decodeRecord<RevisionRecord & Pick<MachineRecord, 'type'>>(value);
    const definition = texts[0] ?? '';
    try {
      return { ...head, definition, machine: parseStateMachine(definition, 'STANDARD') };
    } catch (error) {
      // What an earlier version took. It holds up nothing but the executions that run by it.
      const machine = machineArn({ ...scope, name });
      this.#loop.log.error({ machine, error: errorMessage(error) }, 'a definition can no longer be read');
      return undefined;
    }
  }
}
