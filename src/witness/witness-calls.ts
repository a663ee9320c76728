/**
 * The calls of the witness, on both sides: what a region sends as JSON, and what answers it. How the bytes get there,
 * and that they come from a region of the installation, is the caller's matter on either side.
 */
import type { Clock } from '../base/clock.ts';
import { AwsError } from '../base/errors.ts';
import type { WitnessPort } from '../engine/region/lease-keeper.ts';
import type { Acquire, HolderClaim, Witness, WitnessAnswer } from '../engine/region/witness.ts';

/** Sends one call and answers the JSON of the reply; rejects when none came in time. */
export type CallWitness = (name: WitnessCallName, body: unknown) => Promise<unknown>;

/** Its name among those who call each other: no region has such a one. */
export const WITNESS = 'witness';

export const WITNESS_CALLS = ['acquire', 'set-degraded', 'release'] as const;

export type WitnessCallName = (typeof WITNESS_CALLS)[number];

/** A third of the time that a holder can do without an answer. */
const ANSWER_WITHIN_MS = 1000;

/** The witness as a region's `LeaseKeeper` asks it. */
export function createWitnessPort(call: CallWitness, clock: Clock): WitnessPort {
  const ask = async (name: WitnessCallName, body: unknown): Promise<WitnessAnswer> => {
    const late = Promise.withResolvers<never>();
    const timer = clock.callAt(clock.now() + ANSWER_WITHIN_MS, () => {
      late.reject(new Error(`no answer within ${ANSWER_WITHIN_MS} ms`));
    });
    const answering = Promise.race([call(name, body), late.promise]).finally(() => timer.cancel());
    const answer = (await answering) as Partial<WitnessAnswer> | undefined;
    if (answer?.kind !== 'granted' && answer?.kind !== 'refused') {
      throw new Error('what answers is no witness');
    }
    return answer as WitnessAnswer;
  };
  return {
    acquire: (asked) => ask('acquire', asked),
    setDegraded: (claim, isDegraded) => ask('set-degraded', { ...claim, isDegraded }),
    release: (claim) => ask('release', claim),
  };
}

/** What the witness says to a call. `from` is the region that sends it: none speaks for another. */
export function answerWitnessCall(
  witness: Witness,
  name: string,
  body: unknown,
  from: string,
): WitnessAnswer {
  const given = (typeof body === 'object' && body !== null ? body : {}) as Readonly<Record<string, unknown>>;
  const text = (member: string): string => {
    const value = given[member];
    if (typeof value === 'string' && value !== '' && value.length <= TEXT_LENGTH_MAX) return value;
    throw malformed(member);
  };
  const flag = (member: string): boolean => {
    const value = given[member];
    if (typeof value === 'boolean') return value;
    throw malformed(member);
  };
  const candidate = { group: text('group'), region: text('region'), incarnation: text('incarnation') };
  if (candidate.region !== from) {
    const message = `${from} does not speak for ${candidate.region}.`;
    throw new AwsError('AccessDeniedException', message, { httpStatus: 403 });
  }
  switch (name) {
    case 'acquire': {
      const isForced = given['isForced'] === undefined ? false : flag('isForced');
      const asked: Acquire = { ...candidate, isPreferred: flag('isPreferred'), isForced };
      return witness.acquire(asked);
    }
    case 'set-degraded':
      return witness.setDegraded(claimOf(candidate, given['epoch']), flag('isDegraded'));
    case 'release':
      return witness.release(claimOf(candidate, given['epoch']));
    default:
      throw new AwsError('NotFound', `The witness knows no ${name.slice(0, 100)}.`, { httpStatus: 404 });
  }
}

const TEXT_LENGTH_MAX = 128;

function claimOf(candidate: Omit<HolderClaim, 'epoch'>, epoch: unknown): HolderClaim {
  if (typeof epoch === 'number' && Number.isSafeInteger(epoch)) return { ...candidate, epoch };
  throw malformed('epoch');
}

function malformed(member: string): AwsError {
  return new AwsError('ValidationException', `${member} is missing or malformed.`);
}
