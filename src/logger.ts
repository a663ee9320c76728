/** The JSON-lines logger that the rooms log through: one line an event on stderr, since stdout is for results. */
import { pino } from 'pino';
import { type Logger, silentLogger } from './base/log.ts';
import type { Config } from './config.ts';

export function createLogger(level: Config['logLevel']): Logger {
  if (level === 'silent') return silentLogger;
  const logger = pino({ level, base: null, timestamp: pino.stdTimeFunctions.isoTime }, pino.destination(2));
  return {
    debug: (fields, message) => logger.debug(fields, message),
    info: (fields, message) => logger.info(fields, message),
    warn: (fields, message) => logger.warn(fields, message),
    error: (fields, message) => logger.error(fields, message),
  };
}
