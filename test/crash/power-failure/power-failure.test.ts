/**
 * A store on a disk whose power fails: of what processes wrote, and strace wrote down, images are made of what the
 * disk may hold (`image.ts`), and each is opened. Images: MILLRACE_POWER_IMAGES (default 100); seed: MILLRACE_SEED.
 */
import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { suite, test } from 'node:test';
import type { TestContext } from 'node:test';
import { systemClock } from '../../../src/base/clock.ts';
import { errorMessage } from '../../../src/base/errors.ts';
import { silentLogger } from '../../../src/base/log.ts';
import type { Random } from '../../../src/base/random.ts';
import { randomBelow, seededRandom } from '../../../src/base/random.ts';
import { openSqliteStore } from '../../../src/storage/sqlite/store.ts';
import { ledgerFindings } from '../ledger.ts';
import { runChild, runLedger, summary } from '../ledger-process.ts';
import type { LedgerOptions } from '../ledger-process.ts';
import { whyNoStrace, writingDown } from '../strace.ts';
import { History } from './history.ts';
import type { Image } from './image.ts';
import { writeImage } from './image.ts';

const FILES_CHILD = fileURLToPath(new URL('files-child.ts', import.meta.url));
const SEED = Number(process.env['MILLRACE_SEED'] ?? 1);
const IMAGES = Number(process.env['MILLRACE_POWER_IMAGES'] ?? 100);
/** Each history is another: where processes were killed, and how they interleaved. */
const IMAGES_PER_HISTORY = 500;
/** Threads open them, and wait for the disk most of the time. */
const IMAGES_AT_ONCE = 4;
const TIMEOUT_MS = 60_000 + IMAGES * 1000;

/** Killed in the middle of a commit, once more while that is recovered from, closed, and used again. */
async function recordHistory(
  place: string,
  random: Random,
  options: Partial<LedgerOptions>,
): Promise<History> {
  const root = join(place, 'disk');
  await mkdir(root);
  const history = new History(root);
  const log = join(place, 'log');
  const live = async (batches: number, end: LedgerOptions['end'], killAtSync?: number): Promise<void> => {
    const all = { directory: join(root, 'data', 'store'), batches, end, ...options };
    const { refusal } = await runLedger(all, writingDown(log, killAtSync));
    assert.equal(refusal, undefined);
    history.addProcess(log);
    await rm(log);
  };
  await live(50, 'close', 12 + randomBelow(random, 20));
  await live(50, 'kill', 5 + randomBelow(random, 30));
  await live(30, 'close');
  // With more images to make of it, long enough for a checkpoint in the middle.
  await live(IMAGES > IMAGES_PER_HISTORY ? 600 : 30, 'kill');
  return history;
}

interface Finding {
  readonly kind: string;
  readonly image: Pick<Image, 'at' | 'fate'>;
}

interface Examination {
  readonly findings: Finding[];
  readonly acknowledged: number;
}

/** Makes so many images, opens each, and stops at the first finding, or the first of that kind. */
async function examine(
  history: History,
  place: string,
  { count, random, kind }: { readonly count: number; readonly random: Random; readonly kind?: string },
): Promise<Examination> {
  const findings: Finding[] = [];
  let acknowledged = 0;
  let next = 0;
  const worker = async (): Promise<void> => {
    while (next < count && !findings.some((finding) => kind === undefined || finding.kind === kind)) {
      const directory = join(place, `image-${next}`);
      next += 1;
      const image = writeImage(history, directory, random);
      const { progress } = summary(`${image.said.join('\n')}\n`);
      const { sent } = summary(`${image.saying.join('\n')}\n`).progress;
      acknowledged += Math.max(progress.acknowledged, progress.seen);
      const found = await findingsIn(join(directory, 'data', 'store'), { ...progress, sent });
      findings.push(...found.map((finding) => ({ ...finding, image: { at: image.at, fate: image.fate } })));
      await rm(directory, { recursive: true });
    }
  };
  await Promise.all(Array.from({ length: IMAGES_AT_ONCE }, worker));
  return { findings, acknowledged };
}

async function findingsIn(
  directory: string,
  progress: Parameters<typeof ledgerFindings>[1],
): Promise<{ readonly kind: string }[]> {
  try {
    await using store = await openSqliteStore({ directory, clock: systemClock, log: silentLogger });
    const found = ledgerFindings(store, progress);
    await store.settle();
    return [...found, ...ledgerFindings(store, progress)];
  } catch (error) {
    return [{ kind: `refused: ${errorMessage(error)}` }];
  }
}

async function newPlace(context: TestContext): Promise<string> {
  const place = await mkdtemp(join(tmpdir(), 'millrace-power-'));
  context.after(() => rm(place, { recursive: true }));
  return place;
}

suite('when the power fails', { skip: whyNoStrace(), timeout: TIMEOUT_MS }, () => {
  test(`nothing acknowledged or shown is lost, and nothing invented, in ${IMAGES} images`, async (context) => {
    const random = seededRandom(SEED);
    const total = { images: 0, instants: 0, acknowledged: 0 };
    for (; total.images < IMAGES; total.images += IMAGES_PER_HISTORY) {
      const place = await newPlace(context);
      const history = await recordHistory(place, random, {});
      const count = Math.min(IMAGES_PER_HISTORY, IMAGES - total.images);
      const { findings, acknowledged } = await examine(history, place, { count, random });
      assert.deepEqual(findings, [], `seed ${SEED}, history ${total.images / IMAGES_PER_HISTORY}`);
      total.instants += history.instants.length;
      total.acknowledged += acknowledged;
    }
    context.diagnostic(JSON.stringify({ seed: SEED, ...total, images: IMAGES }));
    assert.ok(total.acknowledged > IMAGES * 10, `${total.acknowledged} acknowledged batches were looked for`);
  });

  for (const [what, options] of [
    ['writes without syncing', { synchronous: 'OFF' }],
    ['acknowledges before it commits', { isEarly: true }],
  ] as const) {
    test(`the same images catch a store that ${what}`, async (context) => {
      const random = seededRandom(SEED);
      const place = await newPlace(context);
      const history = await recordHistory(place, random, options);
      const { findings } = await examine(history, place, { count: 100, random, kind: 'lost' });
      assert.ok(
        findings.some(({ kind }) => kind === 'lost'),
        `the check has no teeth: ${JSON.stringify(findings)}`,
      );
    });
  }

  test('the key of the secrets and the code of functions are there whenever others could rely on them', async (context) => {
    const random = seededRandom(SEED);
    const place = await newPlace(context);
    const root = join(place, 'disk');
    // The store makes the directory of the region, and syncs it; what is in it is theirs.
    await mkdir(join(root, 'region'), { recursive: true });
    const history = new History(join(root, 'region'));
    const log = join(place, 'log');
    await runChild([...writingDown(log), process.execPath, FILES_CHILD, join(root, 'region')]);
    history.addProcess(log);
    let held = 0;
    for (let number = 0; number < IMAGES; number += 1) {
      const directory = join(place, `image-${number}`);
      const { said, at, fate } = writeImage(history, directory, random);
      for (const line of said) {
        const [, name = '', hex = ''] = line.split(' ');
        const bytes = existsSync(join(directory, name))
          ? readFileSync(join(directory, name), 'hex')
          : 'missing';
        assert.equal(bytes, hex, `${name}, seed ${SEED}, image ${number}: ${fate} at ${at}`);
        held += 1;
      }
    }
    assert.ok(held > IMAGES / 2, `${held} files were looked for`);
  });
});
