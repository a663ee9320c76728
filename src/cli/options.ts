/** Options that several commands share, and what they are read from. */
import type { Command } from 'commander';
import { clientDefaults } from '../config.ts';
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
    .option('--endpoint <url>', 'the server to talk to (MILLRACE_ENDPOINT)')
    .option('--region <name>', 'the region to ask (AWS_REGION)')
    .option('--json', 'print JSON for programs');
}

export interface ClientContext {
  readonly client: AwsClient;
  readonly output: Output;
}

/** The client and the output of a command, by its options and the environment. */
export function clientContext(options: ClientOptions): ClientContext {
  const { endpoint, region, accessKeyId, secretAccessKey } = clientDefaults();
  const client = new AwsClient({
    url: options.endpoint ?? endpoint,
    region: options.region ?? region,
    accessKeyId,
    secretAccessKey,
  });
  return { client, output: createOutput(options.json ?? false) };
}
