import { notImplementedError } from '../../base/errors.ts';

/** The parts of a bus event. `detailText` is the JSON text of an object that was already validated. */
export interface Envelope {
  readonly version?: string;
  readonly id: string;
  readonly detailType: string;
  readonly source: string;
  readonly account: string;
  /** `2026-01-31T09:05:07Z` */
  readonly time: string;
  readonly region: string;
  readonly replayName?: string;
  readonly resources: readonly string[];
  readonly detailText: string;
}

/** An event as patterns and templates see it. Nothing is parsed before a pattern or a template needs it. */
export interface EventView {
  /** The whole event as JSON text; of a bus event, in AWS's key order with the detail spliced in verbatim. */
  readonly text: string;
  /** Present when the event came in parts. */
  readonly envelope: Envelope | undefined;
}

/** The event of a bus. Throws nothing: the caller has validated `detailText` (a JSON object, depth bounded). */
export function createEvent(_envelope: Envelope): EventView {
  throw notImplementedError('createEvent');
}

/** Any JSON object as an event. Throws `SyntaxError` or `AwsError` for text that is no JSON object. */
export function parseEvent(_text: string): EventView {
  throw notImplementedError('parseEvent');
}
