/** Options that several commands share, and what they are read from. */
import type { Command } from 'commander';
import { DEFAULT_PORT, DEFAULT_REGION } from '../config.ts';
import { AwsClient } from './aws-client.ts';
import { createOutput, type Output } from './output.ts';

export interface ClientOptions {
  readonly endpoint?: string;
  readonly region?: string;
  readonly json?: boolean;
}

/** Adds the options of a command that talks to a running server. */
export function withClientOptions(command: Command): Command {
  return command
    .option('--endpoint <url>', 'the server to talk to', process.env['MILLRACE_ENDPOINT'])
    .option('--region <name>', 'the region to ask', process.env['AWS_REGION'] ?? DEFAULT_REGION)
    .option('--json', 'print JSON for programs');
}

export interface ClientContext {
  readonly client: AwsClient;
  readonly output: Output;
}

/**
 * The client of a command. Credentials come from the environment; without any the key `test` signs, which a server
 * in open mode takes for the default account.
 */
export function clientContext(options: ClientOptions): ClientContext {
  return {
    client: new AwsClient({
      url: options.endpoint ?? defaultEndpoint(),
      region: options.region ?? DEFAULT_REGION,
      accessKeyId: process.env['AWS_ACCESS_KEY_ID'] ?? 'test',
      secretAccessKey: process.env['AWS_SECRET_ACCESS_KEY'] ?? 'test',
    }),
    output: createOutput(options.json ?? false),
  };
}

export function defaultEndpoint(): string {
  return `http://127.0.0.1:${process.env['MILLRACE_PORT'] ?? DEFAULT_PORT}`;
}
