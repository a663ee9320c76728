/**
 * A server of its own for a test: in memory, on a free port, driven by the real SDKs. `await using` closes it.
 *
 *     await using server = await startTestServer();
 *     const sqs = new SQSClient(server.clientConfig());
 *
 * In memory its ids come from one seed, so that a test sees the same ones each time.
 */
import { seededRandom, systemRandom } from '../base/random.ts';
import { silentLogger } from '../base/log.ts';
import { parseConfig, type Settings } from '../config.ts';
import { type Server, type ServerOverrides, startServer } from '../server.ts';

export interface ClientConfig {
  readonly endpoint: string;
  readonly region: string;
  readonly credentials: { readonly accessKeyId: string; readonly secretAccessKey: string };
}

export interface TestServer extends Server {
  /** For the constructor of any SDK v3 client. The key is the account. */
  clientConfig(options?: { readonly accessKeyId?: string; readonly region?: string }): ClientConfig;
}

export interface TestServerOptions extends ServerOverrides {
  /** Over the defaults of tests: in memory, any free port. */
  readonly settings?: Settings;
}

export async function startTestServer(options: TestServerOptions = {}): Promise<TestServer> {
  const { settings, ...overrides } = options;
  const config = parseConfig({ memory: true, port: 0, logLevel: 'silent', ...settings }, {});
  // What is kept outlives the server: another one on it must not give the same ids to other things.
  const random = config.memory ? seededRandom(1) : systemRandom;
  const server = await startServer(config, { log: silentLogger, random, ...overrides });
  return Object.assign(server, {
    clientConfig: ({ accessKeyId = 'test', region = config.region } = {}): ClientConfig => ({
      endpoint: server.endpoint,
      region,
      credentials: { accessKeyId, secretAccessKey: 'test' },
    }),
  });
}
