/**
 * Millrace inside a process of your own: `startServer(parseConfig({ dataDir: './data' }))`. For tests, which want to
 * move time as well, there is `millrace/testing`.
 */
export { type Config, ConfigError, parseConfig, type Settings } from './config.ts';
export { type Server, type ServerOverrides, startServer } from './server.ts';
