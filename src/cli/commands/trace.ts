import { Command } from 'commander';
import type { Chain, ChainLink } from '../../engine/trace/chain.ts';
import { formatIsoMs } from '../../base/clock.ts';
import { EXIT } from '../exit-codes.ts';
import { clientContext, type ClientOptions, withClientOptions } from '../options.ts';
import { style } from '../output.ts';

export function traceCommand(): Command {
  return withClientOptions(new Command('trace'))
    .description('show the whole chain of causes and effects of an event, message, execution or request')
    .argument('<id>', 'event id, message id, request id or execution ARN')
    .addHelpText(
      'after',
      `
Examples:
  $ millrace trace 7f0c1b7e-3c1e-4a52-8a53-4d9a9b2f6a10
  $ millrace trace arn:aws:states:us-east-1:000000000000:execution:Orders:o-1 --json`,
    )
    .action(async (id: string, options: ClientOptions) => {
      const { client, output } = clientContext(options);
      const path = `/_millrace/trace?id=${encodeURIComponent(id)}`;
      const { body: chain } = await client.platform<Chain>('GET', path);
      if (chain.nodes.length === 0) {
        process.exitCode = EXIT.failed;
        output.result(chain, `nothing is known of ${id}: it is older than a day, or nothing came of it`);
        return;
      }
      output.result(chain, renderChain(chain));
    });
}

/** The chain as a tree, causes above their effects, each with its time and what is worth saying about it. */
export function renderChain(chain: Chain): string {
  const byCause = Map.groupBy(chain.links, ({ cause }) => cause);
  // An event that is sent to another region, or has come from one, is the same event there.
  const isEffect = new Set(
    chain.links
      .filter(({ kind, cause, effect }) => kind !== 'dropped' && cause !== effect)
      .map(({ effect }) => effect),
  );
  const roots = chain.nodes.filter(({ id }) => !isEffect.has(id));
  const lines: string[] = [];
  const seen = new Set<string>();
  const visit = (id: string, kind: string, prefix: string): void => {
    if (seen.has(id)) return;
    seen.add(id);
    const marker = id === chain.id ? style('bold', ' <- asked for') : '';
    lines.push(`${prefix}${style('cyan', kind)} ${id}${marker}`);
    for (const link of byCause.get(id) ?? []) {
      lines.push(`${prefix}  ${style('dim', describeLink(link))}`);
      if (link.kind !== 'dropped') visit(link.effect, link.kind, `${prefix}    `);
    }
  };
  for (const { id, kind } of roots) visit(id, kind, '');
  if (chain.truncated) lines.push('... and more than can be shown');
  return lines.join('\n');
}

function describeLink({ kind, atMs, detail = {} }: ChainLink): string {
  const facts = Object.entries(detail).map(([name, value]) => `${name}=${value}`);
  return [formatIsoMs(atMs), kind === 'dropped' ? 'dropped' : `-> ${kind}`, ...facts].join('  ');
}
