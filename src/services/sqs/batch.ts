/** What the batch operations share: checking the entries, and answering for each on its own. */
import type { BatchResultErrorEntry } from '../../api/sqs.ts';
import { AwsError } from '../../base/errors.ts';
import * as errors from './errors.ts';
import { BATCH_ENTRIES_MAX } from './limits.ts';

export interface BatchResult<Success> {
  readonly Successful: Success[];
  readonly Failed: BatchResultErrorEntry[];
}

export function requireBatch<Entry extends { readonly Id: string }>(
  entries: readonly Entry[] | undefined,
  entryName: string,
): readonly Entry[] {
  if (entries === undefined || entries.length === 0) throw errors.emptyBatchRequest(entryName);
  if (entries.length > BATCH_ENTRIES_MAX) throw errors.tooManyEntriesInBatchRequest(entries.length);
  const seen = new Set<string>();
  for (const { Id: id } of entries) {
    if (!/^[A-Za-z0-9_-]{1,80}$/.test(id ?? '')) throw errors.invalidBatchEntryId();
    if (seen.has(id)) throw errors.batchEntryIdsNotDistinct(id);
    seen.add(id);
  }
  return entries;
}

/** Runs `apply` for each entry; a refused one is answered under its id and does not hold up the others. */
export function applyBatch<Entry extends { readonly Id: string }, Success>(
  entries: readonly Entry[],
  apply: (entry: Entry) => Success,
): BatchResult<Success> {
  const result: BatchResult<Success> = { Successful: [], Failed: [] };
  for (const entry of entries) {
    try {
      result.Successful.push(apply(entry));
    } catch (error) {
      if (!(error instanceof AwsError)) throw error;
      const { code: Code, message: Message } = error;
      result.Failed.push({ Id: entry.Id, SenderFault: error.fault === 'client', Code, Message });
    }
  }
  return result;
}
