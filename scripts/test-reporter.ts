/**
 * The reporter of `npm test`: silent about what passes, the whole story of each test that fails, and the counts as
 * JSON for `run-tests.ts`, which adds up those of several processes. Node loads it by its path.
 */
import { writeFileSync } from 'node:fs';
import { relative } from 'node:path';
import type { TestEvent } from 'node:test/reporters';
import { setTimeout as sleep } from 'node:timers/promises';
import { inspect } from 'node:util';

export interface TestCounts {
  readonly tests: number;
  readonly suites: number;
  readonly passed: number;
  readonly failed: number;
  readonly cancelled: number;
  readonly skipped: number;
  readonly todo: number;
}

const RUNNER_RESOURCES: ReadonlySet<string> = new Set(['PipeWrap', 'TTYWrap', 'FSReqCallback', 'Immediate']);

/** Sockets of the last test are closed a moment after it. */
const CLOSING_GRACE_MS = 200;

type TestResult = Extract<TestEvent, { type: 'test:pass' | 'test:fail' }>['data'];

/** A suite fails because a test in it failed, which has been told by then. */
function isEchoOfSubtest(result: TestResult): boolean {
  const error: unknown = 'error' in result.details ? result.details.error : undefined;
  return error instanceof Error && 'failureType' in error && error.failureType === 'subtestsFailed';
}

function place(result: TestResult): string {
  const file = result.file === undefined ? '' : relative(process.cwd(), result.file);
  return `${file}:${result.line ?? 0}`;
}

function failure(result: TestResult): string {
  const error: unknown = 'error' in result.details ? result.details.error : undefined;
  const cause: unknown = error instanceof Error && error.cause !== undefined ? error.cause : error;
  const text = typeof cause === 'string' ? cause : inspect(cause, { depth: 8 });
  return `✖ ${result.name} (${place(result)})\n${text.replaceAll(/^/gm, '    ')}\n`;
}

/** The lines of one event that are worth telling; passes are silent. */
function* describe(event: TestEvent): Generator<string> {
  if (event.type === 'test:fail' && !isEchoOfSubtest(event.data)) yield failure(event.data);
  else if (event.type === 'test:pass' && typeof event.data.skip === 'string')
    yield `﹣ ${event.data.name}: ${event.data.skip}\n`;
  else if (event.type === 'test:stdout' || event.type === 'test:stderr') yield event.data.message;
}

/** What keeps the process alive when all tests are over, besides the runner's own; told, since it may be a leak. */
function leftOpen(): string | undefined {
  const kinds = process.getActiveResourcesInfo().filter((kind) => !RUNNER_RESOURCES.has(kind));
  const counts = new Map<string, number>();
  for (const kind of kinds) counts.set(kind, (counts.get(kind) ?? 0) + 1);
  if (counts.size === 0) return undefined;
  const list = [...counts].map(([kind, count]) => `${count} ${kind}`).join(', ');
  return `﹣ left open when the tests were over: ${list}\n`;
}

// Node takes a reporter from the default export of its module and from nowhere else.
// oxlint-disable-next-line import/no-default-export -- see above
export default async function* reporter(source: AsyncIterable<TestEvent>): AsyncGenerator<string> {
  for await (const event of source) {
    yield* describe(event);
    if (event.type !== 'test:summary' || event.data.file !== undefined) continue;
    await sleep(CLOSING_GRACE_MS);
    const open = leftOpen();
    if (open !== undefined) yield open;
    const path = process.env['MILLRACE_TEST_SUMMARY'];
    if (path !== undefined) writeFileSync(path, JSON.stringify(event.data.counts));
  }
}
