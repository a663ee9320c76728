/** What a user would look at to see what became of the orders: logs of functions, executions, traces. */
import { type AwsClient, RemoteError } from '../cli/aws-client.ts';
import type { Chain } from '../engine/trace/chain.ts';
import { PROCESS_EVENT } from './architecture.ts';

/** One line that ProcessEvent wrote. */
export interface ProcessedOrder {
  readonly id: string;
  readonly customer: string;
  readonly atMs: number;
}

interface LogPage {
  readonly events: readonly { readonly timestamp: number; readonly message: string }[];
  readonly nextToken?: string;
}

/** The orders of this run that ProcessEvent says it has processed. Its log group comes with its first call. */
export async function readProcessed(
  client: AwsClient,
  run: string,
  sinceMs: number,
): Promise<ProcessedOrder[]> {
  try {
    return await readProcessedLog(client, run, sinceMs);
  } catch (error) {
    if (error instanceof RemoteError && error.code === 'ResourceNotFoundException') return [];
    throw error;
  }
}

async function readProcessedLog(client: AwsClient, run: string, sinceMs: number): Promise<ProcessedOrder[]> {
  const found: ProcessedOrder[] = [];
  let nextToken: string | undefined;
  do {
    const page: LogPage = await client.json('logs', 'FilterLogEvents', {
      logGroupName: `/aws/lambda/${PROCESS_EVENT}`,
      filterPattern: 'processed',
      startTime: sinceMs,
      ...(nextToken === undefined ? {} : { nextToken }),
    });
    for (const { message, timestamp } of page.events) {
      const order = parseLine(message);
      if (order?.id.startsWith(`${run}-`)) found.push({ ...order, atMs: timestamp });
    }
    ({ nextToken } = page);
  } while (nextToken !== undefined);
  return found;
}

function parseLine(message: string): { id: string; customer: string } | undefined {
  const start = message.indexOf('processed {');
  if (start === -1) return undefined;
  return JSON.parse(message.slice(start + 'processed '.length)) as { id: string; customer: string };
}

export type ExecutionCounts = Readonly<Record<string, number>>;

interface ExecutionsPage {
  readonly executions: readonly { readonly status: string; readonly startDate: number }[];
  readonly nextToken?: string;
}

/** Executions that started since the run began, by status. */
export async function countExecutions(
  client: AwsClient,
  stateMachineArn: string,
  sinceMs: number,
): Promise<ExecutionCounts> {
  const counts: Record<string, number> = {};
  let nextToken: string | undefined;
  do {
    const page: ExecutionsPage = await client.json('states', 'ListExecutions', {
      stateMachineArn,
      maxResults: 1000,
      ...(nextToken === undefined ? {} : { nextToken }),
    });
    // Newest first: the first one of before ends the look.
    const fresh = page.executions.filter(({ startDate }) => startDate * 1000 >= sinceMs);
    for (const { status } of fresh) counts[status] = (counts[status] ?? 0) + 1;
    nextToken = fresh.length === page.executions.length ? page.nextToken : undefined;
  } while (nextToken !== undefined);
  return counts;
}

export async function readChain(client: AwsClient, eventId: string): Promise<Chain> {
  return (await client.platform<Chain>('GET', `/_millrace/trace?id=${encodeURIComponent(eventId)}`)).body;
}

/** Why the pipe let an event go: the reasons in the trace, without the values that differ from event to event. */
export async function readDropReason(client: AwsClient, eventId: string): Promise<string | undefined> {
  const { links } = await readChain(client, eventId);
  return links.find(({ kind }) => kind === 'dropped')?.detail?.['reason'];
}
