/**
 * One batch on its way through a pipe, and the pure steps that it takes: which records pass the filter, what the
 * enrichment and the target are given, and what the target's answer says of each record.
 */
import { isJsonObject, parseJson, splitJsonArray } from '../../base/json.ts';
import { parseEvent } from '../../lang/pattern/event.ts';
import { explain } from '../../lang/pattern/explain.ts';
import { matches } from '../../lang/pattern/matcher.ts';
import type { PipeContext, PipeTemplate } from '../../lang/template/pipe-template.ts';
import type { CompiledPipe } from './compile.ts';
import type { SourceRecord } from './source-record.ts';

export interface PipeBatch {
  readonly id: string;
  readonly records: readonly SourceRecord[];
  /** The calls of functions that it has led to so far, for its trace. */
  readonly invocations: { readonly id: string; readonly functionArn: string; readonly error?: string }[];
}

/** `undefined` when the record passes, else one line that says which clause did not match. */
export function filterReason(filters: CompiledPipe['filters'], record: SourceRecord): string | undefined {
  if (filters.length === 0) return undefined;
  const event = parseEvent(record.decodedText);
  if (filters.some((filter) => matches(filter, event))) return undefined;
  return filters.map((filter) => explain(filter, event).text).join('; ');
}

/** The texts for the enrichment or the target: one a record, by template where there is one. */
export function renderRecords(
  texts: readonly { readonly text: string; readonly decodedText: string }[],
  template: PipeTemplate | undefined,
  context: PipeContext,
): string[] {
  return texts.map(({ text, decodedText }) =>
    template === undefined ? text : template.render(decodedText, context),
  );
}

/** A batch is a bare JSON array, even of one record. */
export function toArrayText(texts: readonly string[]): string {
  return `[${texts.join(',')}]`;
}

/**
 * The events that an enrichment answered. Nothing (`""`, `{}`, `[]`, `null`) means that the target is not called;
 * an array may be shorter or longer than the batch.
 */
export function enrichedEvents(payload: string): string[] {
  const answer = payload.trim() === '' ? null : parseJson(payload);
  if (answer === null || answer === '' || (isJsonObject(answer) && Object.keys(answer).length === 0))
    return [];
  return splitJsonArray(payload) ?? [payload];
}

/**
 * The message ids that a function reports as failed, by AWS's rules for `batchItemFailures`: none when it says
 * nothing; all when an id is empty or not of this batch, or the list is malformed.
 */
export function failedItems(payload: string, batch: PipeBatch): ReadonlySet<string> {
  const all = new Set(batch.records.map(({ message }) => message.head.id));
  const answer = payload.trim() === '' ? null : parseJson(payload);
  if (!isJsonObject(answer) || !Object.hasOwn(answer, 'batchItemFailures')) return new Set();
  const failures = answer['batchItemFailures'];
  if (failures === null) return new Set();
  if (!Array.isArray(failures)) return all;
  const failed = new Set<string>();
  for (const failure of failures) {
    const id = isJsonObject(failure) ? failure['itemIdentifier'] : undefined;
    if (typeof id !== 'string' || !all.has(id)) return all;
    failed.add(id);
  }
  return failed;
}
