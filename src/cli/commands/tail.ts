import { Command } from 'commander';
import type { RuleExplanation } from '../../engine/bus/explain.ts';
import type { LoggedEvent } from '../../engine/bus/bus-log.ts';
import { formatIsoMs } from '../../base/clock.ts';
import type { AwsClient } from '../aws-client.ts';
import { clientContext, type ClientOptions, withClientOptions } from '../options.ts';
import { style } from '../output.ts';

interface TailOptions extends ClientOptions {
  readonly bus?: string;
  readonly account?: string;
  readonly why?: boolean;
}

interface EventsAnswer {
  readonly events: readonly LoggedEvent[];
  readonly after?: string;
  readonly hasMissed?: boolean;
}

export function tailCommand(): Command {
  return withClientOptions(new Command('tail'))
    .description('follow the events of a bus as they are committed')
    .option('--bus <name>', 'only this bus; all buses otherwise')
    .option('--account <id>', 'the account whose buses to follow; that of the key otherwise')
    .option('--why', 'say of each rule why it matched or did not')
    .addHelpText(
      'after',
      `
Examples:
  $ millrace tail --bus orders --why
  $ millrace tail --json | jq .detail`,
    )
    .action(follow);
}

/** Follows until the process is interrupted or the server is gone. */
async function follow(options: TailOptions): Promise<void> {
  const { client, output } = clientContext(options);
  let { after } = await nextEvents(client, options, undefined);
  output.note('waiting for events; press Ctrl-C to stop');
  for (;;) {
    const answer = await nextEvents(client, options, after);
    after = answer.after ?? after;
    if (answer.hasMissed === true) output.note('... some events came faster than they could be shown');
    for (const event of answer.events) {
      const rules = options.why === true ? await explain(client, event.id) : [];
      output.result(
        { ...(JSON.parse(event.text) as object), ...(options.why === true ? { rules } : {}) },
        [describe(event), ...rules.map(describeRule)].join('\n'),
      );
    }
  }
}

async function nextEvents(
  client: AwsClient,
  options: TailOptions,
  after: string | undefined,
): Promise<EventsAnswer> {
  const query = new URLSearchParams({ region: client.endpoint.region });
  if (options.bus !== undefined) query.set('bus', options.bus);
  if (options.account !== undefined) query.set('account', options.account);
  if (after !== undefined) query.set('after', after);
  const { body } = await client.platform<EventsAnswer>('GET', `/_millrace/events?${query.toString()}`);
  return body;
}

async function explain(client: AwsClient, id: string): Promise<readonly RuleExplanation[]> {
  const { status, body } = await client.platform<{ rules: RuleExplanation[] }>(
    'GET',
    `/_millrace/explain?id=${id}`,
  );
  return status === 200 ? body.rules : [];
}

function describe({ atMs, bus, id, text }: LoggedEvent): string {
  return `${style('dim', formatIsoMs(atMs))}  ${style('cyan', bus)}  ${id}  ${text}`;
}

function describeRule({ rule, matched, text }: RuleExplanation): string {
  return `    ${matched ? style('green', 'matched') : style('yellow', 'no match')}  ${rule}  ${text}`;
}
