import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { createLogger } from './logger.ts';

function linesOf(level: 'debug' | 'info' | 'warn' | 'error' | 'silent'): Record<string, unknown>[] {
  const lines: string[] = [];
  const logger = createLogger(level, (line) => lines.push(line));
  logger.debug({ n: 1 }, 'one');
  logger.info({ n: 2 }, 'two');
  logger.warn({ n: 3 }, 'three');
  logger.error({ n: 4 }, 'four\nlines');
  return lines.map((line) => JSON.parse(line) as Record<string, unknown>);
}

suite('the logger', () => {
  test('writes each event from its level up as one line of JSON, with the time', () => {
    const lines = linesOf('warn');
    assert.deepEqual(
      lines.map(({ level, n, msg }) => [level, n, msg]),
      [
        ['warn', 3, 'three'],
        ['error', 4, 'four\nlines'],
      ],
    );
    assert.match(String(lines[0]?.['time']), /^\d{4}-\d\d-\d\dT.*Z$/);
    assert.equal(linesOf('debug').length, 4);
    assert.equal(linesOf('silent').length, 0);
  });

  test('loses no line to a field that JSON cannot hold', () => {
    const lines: string[] = [];
    const circular: Record<string, unknown> = {};
    circular['self'] = circular;
    createLogger('info', (line) => lines.push(line)).error({ circular }, 'the disk is gone');
    assert.equal((JSON.parse(lines[0] ?? '') as { msg: string }).msg, 'the disk is gone');
  });
});
