import { Command } from 'commander';
import { RemoteError } from '../aws-client.ts';
import { clientContext, type ClientOptions, withClientOptions } from '../options.ts';

export function resetCommand(): Command {
  return withClientOptions(new Command('reset'))
    .description('remove everything from a running server in open mode')
    .addHelpText(
      'after',
      `
Examples:
  $ millrace reset
  $ millrace reset --endpoint http://127.0.0.1:4567`,
    )
    .action(async (options: ClientOptions) => {
      const { client, output } = clientContext(options);
      const { status, body } = await client.platform<{ message?: string }>('POST', '/_millrace/reset');
      if (status !== 200) throw new RemoteError('ResetRefused', body.message ?? '', status);
      output.result({ reset: true }, 'everything is gone');
    });
}
