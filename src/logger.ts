/** The JSON-lines logger that the rooms log through: one line an event on stderr, since stdout is for results. */
import { systemClock, formatIsoMs } from './base/clock.ts';
import { errorMessage } from './base/errors.ts';
import { type Logger, silentLogger } from './base/log.ts';
import type { Config } from './config.ts';

type Fields = Readonly<Record<string, unknown>>;
type LevelName = keyof Logger;

const LEVELS: readonly LevelName[] = ['debug', 'info', 'warn', 'error'];

// By hand: nothing here logs on the data plane, and a logging library was 11 packages and 15 ms of every start.
export function createLogger(
  level: Config['logLevel'],
  write: (line: string) => void = (line) => process.stderr.write(line),
): Logger {
  if (level === 'silent') return silentLogger;
  const least = LEVELS.indexOf(level);
  const logger = { ...silentLogger };
  for (const name of LEVELS.slice(least)) {
    logger[name] = (fields, message) => write(`${toLine(name, fields, message)}\n`);
  }
  return logger;
}

function toLine(level: LevelName, fields: Fields, msg: string): string {
  const time = formatIsoMs(systemClock.now());
  try {
    return JSON.stringify({ level, time, ...fields, msg });
  } catch (error) {
    // A field that JSON cannot hold must not cost the line, and never the turn that wrote it.
    return JSON.stringify({ level, time, msg, unprintable: errorMessage(error) });
  }
}
