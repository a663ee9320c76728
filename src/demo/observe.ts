/** What a user would look at to see what became of the orders: logs of functions, executions, traces. */
import { type AwsClient, RemoteError } from '../cli/aws-client.ts';
import type { Chain } from '../engine/trace/chain.ts';
import { PROCESS_EVENT } from './architecture.ts';

/** One line that ProcessEvent wrote. */
export interface ProcessedOrder {
  readonly id: string;
  readonly customer: string;
  readonly atMs: number;
  /** Of the call of the function: one that is made again after a crash has the same, in another process. */
  readonly requestId: string;
  /** The log of the process that was called. */
  readonly logStreamName: string;
}

interface LogPage {
  readonly events: readonly {
    readonly timestamp: number;
    readonly message: string;
    readonly logStreamName: string;
  }[];
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
    for (const { message, timestamp, logStreamName } of page.events) {
      const order = parseLine(message);
      if (order?.id.startsWith(`${run}-`)) found.push({ ...order, atMs: timestamp, logStreamName });
    }
    ({ nextToken } = page);
  } while (nextToken !== undefined);
  return found;
}

/** `2026-01-31T09:05:07.123Z`, the request id, the level and the text, with tabs between them. */
function parseLine(message: string): Omit<ProcessedOrder, 'atMs' | 'logStreamName'> | undefined {
  const start = message.indexOf('processed {');
  if (start === -1) return undefined;
  const [, requestId = ''] = message.split('\t', 2);
  const order = JSON.parse(message.slice(start + 'processed '.length)) as { id: string; customer: string };
  return { ...order, requestId };
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

/** Whether the trace says that ProcessEvent was called for an event, and its pipe is done with it. */
export async function wasProcessed(client: AwsClient, eventId: string): Promise<boolean> {
  const { links } = await readChain(client, eventId);
  return links.some(({ kind, detail }) => {
    return kind === 'invocation' && detail?.['functionArn']?.endsWith(`:function:${PROCESS_EVENT}`) === true;
  });
}

/** Why the pipe let an event go: the reasons in the trace, without the values that differ from event to event. */
export async function readDropReason(client: AwsClient, eventId: string): Promise<string | undefined> {
  const { links } = await readChain(client, eventId);
  return links.find(({ kind }) => kind === 'dropped')?.detail?.['reason'];
}
