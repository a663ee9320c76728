import { Command } from 'commander';
import { clientContext, type ClientOptions, withClientOptions } from '../options.ts';
import { RemoteError } from '../aws-client.ts';

interface SendOptions extends ClientOptions {
  readonly bus: string;
  readonly source: string;
  readonly type: string;
}

interface PutEventsAnswer {
  readonly FailedEntryCount: number;
  readonly Entries: readonly {
    readonly EventId?: string;
    readonly ErrorCode?: string;
    readonly ErrorMessage?: string;
  }[];
}

export function sendCommand(): Command {
  return withClientOptions(new Command('send'))
    .description('put one event on a bus')
    .argument('<detail>', 'the detail, a JSON object')
    .option('--bus <name>', 'name or ARN of the bus', 'default')
    .option('--source <source>', 'who sends it', 'millrace.cli')
    .option('--type <detail-type>', 'what it is', 'Message')
    .addHelpText(
      'after',
      `
Examples:
  $ millrace send '{"orderId":"o-1","orderAmount":250}' --source app.orders --type OrderCreated`,
    )
    .action(async (detail: string, options: SendOptions) => {
      const { client, output } = clientContext(options);
      const answer = await client.json<PutEventsAnswer>('events', 'PutEvents', {
        Entries: [
          { EventBusName: options.bus, Source: options.source, DetailType: options.type, Detail: detail },
        ],
      });
      const [entry] = answer.Entries;
      if (entry?.EventId === undefined) {
        throw new RemoteError(entry?.ErrorCode ?? 'InternalFailure', entry?.ErrorMessage ?? '', 200);
      }
      output.result(
        { eventId: entry.EventId },
        `${entry.EventId}\nfollow it with: millrace trace ${entry.EventId}`,
      );
    });
}
