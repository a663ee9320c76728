/**
 * The stored form of an execution: its state, with every payload kept as the JSON text that it is, and where its
 * records lie. A running execution and an ended one lie under different prefixes, and each has one line in the
 * index of its machine.
 */
import { parseArn, type Scope } from '../../base/arn.ts';
import { decodeHead, decodeRecord, encodeRecord } from '../../storage/codec.ts';
import { key } from '../../storage/keys.ts';
import type { Key, Value } from '../../storage/store.ts';
import type { Cause } from '../cause.ts';
import { KEYSPACE } from '../keyspace.ts';
import type { ExecutionIdentity, ExecutionState, ExecutionStatus, Frame } from './state.ts';

export interface ExecutionRecord {
  readonly state: ExecutionState;
  /** Names the definition that it runs by. */
  readonly revisionId: string;
  readonly cause?: Cause;
}

/** One line of the index. */
export interface ExecutionSummary {
  readonly name: string;
  readonly status: ExecutionStatus;
  readonly startedAtMs: number;
  readonly stoppedAtMs?: number;
}

/** Account, region, machine and name: where an execution's records lie. */
export interface ExecutionPlace extends Scope {
  readonly machine: string;
  readonly name: string;
}

/** `undefined` when the text is not the ARN of a Standard execution. */
export function parseExecutionArn(arn: string): ExecutionPlace | undefined {
  const parsed = parseArn(arn);
  const [kind, machine, name, ...rest] = parsed?.resource.split(':') ?? [];
  if (parsed?.service !== 'states' || kind !== 'execution' || !machine || !name || rest.length > 0)
    return undefined;
  return { account: parsed.account, region: parsed.region, machine, name };
}

export function placeKey(space: string, { account, region, machine, name }: ExecutionPlace): Key {
  return key(space, account, region, machine, name);
}

/** The prefix of the chunks of a history; the id of a chunk's first event follows. */
export function historyKey(place: ExecutionPlace, firstEventId: number): Key {
  return placeKey(KEYSPACE.executionHistory, place) + key(firstEventId);
}

/** Newest first: the start is counted down from the largest instant that a key can hold. */
export function indexKey(place: ExecutionPlace, startedAtMs: number): Key {
  const { account, region, machine, name } = place;
  return key(KEYSPACE.executionIndex, account, region, machine, Number.MAX_SAFE_INTEGER - startedAtMs, name);
}

/** The prefix of the index of a machine. */
export function indexPrefix(scope: Scope, machine: string): Key {
  return key(KEYSPACE.executionIndex, scope.account, scope.region, machine);
}

type StoredFrame = Omit<Frame, 'input'> & { readonly input: number };

/** In the place of each text stands its number among the texts of the record. */
interface StoredState extends Omit<ExecutionState, 'identity' | 'frames' | 'output'> {
  readonly identity: Omit<ExecutionIdentity, 'input'> & { readonly input: number };
  readonly frames: readonly StoredFrame[];
  readonly output?: number;
}

interface StoredExecution extends Omit<ExecutionRecord, 'state'> {
  readonly state: StoredState;
}

/** The input of the execution, of its frames and its output are often the same text, which is then stored once. */
export function encodeExecution(record: ExecutionRecord): Value {
  const texts: string[] = [];
  const numbers = new Map<string, number>();
  const number = (text: string): number => {
    let found = numbers.get(text);
    if (found === undefined) {
      found = texts.push(text) - 1;
      numbers.set(text, found);
    }
    return found;
  };
  const { identity, frames, output, ...rest } = record.state;
  const state: StoredState = {
    ...rest,
    identity: { ...identity, input: number(identity.input) },
    frames: frames.map((frame) => ({ ...frame, input: number(frame.input) })),
    ...(output === undefined ? {} : { output: number(output) }),
  };
  return encodeRecord({ ...record, state } satisfies StoredExecution, ...texts);
}

export function decodeExecution(value: Value): ExecutionRecord {
  const { head, texts } = decodeRecord<StoredExecution>(value);
  const text = (index: number): string => texts[index] ?? '';
  const { identity, frames, output, ...rest } = head.state;
  const state: ExecutionState = {
    ...rest,
    identity: { ...identity, input: text(identity.input) },
    frames: frames.map((frame) => ({ ...frame, input: text(frame.input) })),
    ...(output === undefined ? {} : { output: text(output) }),
  };
  return { ...head, state };
}

export function encodeSummary(summary: ExecutionSummary): Value {
  return encodeRecord(summary);
}

export function decodeSummary(value: Value): ExecutionSummary {
  return decodeHead<ExecutionSummary>(value);
}
