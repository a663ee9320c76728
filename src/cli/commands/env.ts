import { Command } from 'commander';
import { clientContext, type ClientOptions, withClientOptions } from '../options.ts';

export function envCommand(): Command {
  return withClientOptions(new Command('env'))
    .description('print the environment that points AWS tools at Millrace')
    .addHelpText(
      'after',
      `
Examples:
  $ eval "$(millrace env)"
  $ aws dynamodb list-tables

The AWS CLI of version 1 passes over AWS_ENDPOINT_URL for SQS and would ask AWS itself: there, use
  $ millrace aws sqs list-queues`,
    )
    .action((options: ClientOptions) => {
      const { client, output } = clientContext(options);
      const { url, region, accessKeyId, secretAccessKey } = client.endpoint;
      const variables = {
        AWS_ENDPOINT_URL: url,
        AWS_REGION: region,
        AWS_DEFAULT_REGION: region,
        AWS_ACCESS_KEY_ID: accessKeyId,
        AWS_SECRET_ACCESS_KEY: secretAccessKey,
      };
      const lines = Object.entries(variables).map(([name, value]) => `export ${name}=${quote(value)}`);
      output.result(variables, lines.join('\n'));
    });
}

/** Quoted for a POSIX shell; values come from the environment and are data. */
function quote(value: string): string {
  return /^[\w./:-]+$/.test(value) ? value : `'${value.replaceAll("'", `'\\''`)}'`;
}
