/**
 * What a disk may hold after the power failed: all that was synced, and of the rest whatever it likes. It may have
 * taken everything or nothing, some writes and not others (so in any order), some sectors of a write and not others;
 * and a name that nobody synced may be there or not, whatever the file behind it holds.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Random } from '../../../src/base/random.ts';
import { randomBelow } from '../../../src/base/random.ts';
import { Content, ROOT } from './history.ts';
import type { Change, History } from './history.ts';

const SECTOR_BYTES = 512;

/** What becomes of what was not synced. */
const FATES = [
  'nothing',
  'everything',
  'some writes',
  'some sectors',
  'the later writes',
  'the earlier writes',
] as const;
type Fate = (typeof FATES)[number];

export interface Image {
  readonly at: number;
  readonly fate: Fate;
  /** What had been said, and what was just being said, when the power failed. */
  readonly said: readonly string[];
  readonly saying: readonly string[];
}

/** Writes an image of what may be left into the directory `place`, which it makes. */
export function writeImage(history: History, place: string, random: Random): Image {
  const at = history.instants[randomBelow(random, history.instants.length)] ?? 0;
  const fate = FATES[randomBelow(random, FATES.length)] ?? 'nothing';
  const surviving = new Survival(history, { at, fate, random });
  mkdirSync(place, { recursive: true });
  writeDirectory(surviving, ROOT, place);
  const said = history.sayings.filter(({ endedAt }) => endedAt <= at).map(({ text }) => text);
  const saying = history.sayings.filter(({ beganAt }) => beganAt <= at).map(({ text }) => text);
  return { at, fate, said, saying };
}

function writeDirectory(surviving: Survival, directory: number, place: string): void {
  for (const [name, target] of surviving.namesIn(directory)) {
    if (surviving.isDirectory(target)) {
      mkdirSync(join(place, name));
      writeDirectory(surviving, target, join(place, name));
    } else {
      writeFileSync(join(place, name), surviving.contentOf(target).bytes(), { mode: 0o600 });
    }
  }
}

interface Failure {
  readonly at: number;
  readonly fate: Fate;
  readonly random: Random;
}

class Survival {
  readonly #history: History;
  readonly #failure: Failure;
  /** Out of 8: how much of what may go either way is kept. */
  readonly #share: number;

  constructor(history: History, failure: Failure) {
    this.#history = history;
    this.#failure = failure;
    this.#share = 1 + randomBelow(failure.random, 7);
  }

  isDirectory(number: number): boolean {
    return this.#history.directories.has(number);
  }

  namesIn(directory: number): Map<string, number> {
    const { at, fate, random } = this.#failure;
    const changes = this.#history.nameChanges.filter(
      (change) => change.directory === directory && change.beganAt <= at,
    );
    const syncedAt = this.#syncedAt(directory);
    const names = new Map<string, number>();
    for (const [name, ofName] of Map.groupBy(changes, (change) => change.name)) {
      const synced = ofName.filter(({ endedAt }) => endedAt <= syncedAt).length;
      const open = ofName.length - synced;
      // Of one name each change builds on the one before.
      const kept = fate === 'everything' ? open : fate === 'nothing' ? 0 : randomBelow(random, open + 1);
      const target = ofName[synced + kept - 1]?.target;
      if (target !== undefined) names.set(name, target);
    }
    return names;
  }

  contentOf(file: number): Content {
    const changes = this.#history.changes.filter(
      (change) => change.file === file && change.beganAt <= this.#failure.at,
    );
    const syncedAt = this.#syncedAt(file);
    const open = changes.filter(({ endedAt }) => endedAt > syncedAt);
    const turn = randomBelow(this.#failure.random, open.length + 1);
    const content = new Content();
    let openCount = 0;
    for (const change of changes) {
      if (change.endedAt <= syncedAt) {
        content.apply(change);
      } else {
        for (const part of this.#partsKept(change, openCount < turn)) content.apply(part);
        openCount += 1;
      }
    }
    return content;
  }

  #partsKept(change: Change, isEarlier: boolean): readonly Pick<Change, 'offset' | 'data'>[] {
    switch (this.#failure.fate) {
      case 'nothing':
        return [];
      case 'everything':
        return [change];
      case 'some writes':
        return this.#isKept() ? [change] : [];
      case 'some sectors':
        return sectorsOf(change).filter(() => this.#isKept());
      case 'the later writes':
        return isEarlier ? [] : [change];
      case 'the earlier writes':
        return isEarlier ? [change] : [];
    }
  }

  #isKept(): boolean {
    return randomBelow(this.#failure.random, 8) < this.#share;
  }

  /** All that had ended by then is on disk: the beginning of the last sync that had ended before the failure. */
  #syncedAt(of: number): number {
    const { at } = this.#failure;
    const syncs = this.#history.syncs.filter((sync) => sync.of === of && sync.endedAt <= at);
    return syncs.reduce((latest, { beganAt }) => Math.max(latest, beganAt), -1);
  }
}

function sectorsOf({ offset, data }: Change): Pick<Change, 'offset' | 'data'>[] {
  if (data === undefined) return [{ offset, data }];
  const parts: Pick<Change, 'offset' | 'data'>[] = [];
  for (let start = 0; start < data.length;) {
    const end = Math.min(data.length, start + SECTOR_BYTES - ((offset + start) % SECTOR_BYTES));
    parts.push({ offset: offset + start, data: data.subarray(start, end) });
    start = end;
  }
  return parts;
}
