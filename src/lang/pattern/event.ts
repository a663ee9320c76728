import { isTooDeep, JSON_DEPTH_MAX } from '../../base/json.ts';
import { AwsError } from '../../base/errors.ts';
import { JsonCursor } from '../json-text.ts';

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
  readonly replayName?: string | undefined;
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

class BusEvent implements EventView {
  readonly envelope: Envelope;
  #text: string | undefined;

  constructor(envelope: Envelope) {
    this.envelope = envelope;
  }

  get text(): string {
    this.#text ??= `{${envelopeMembers(this.envelope, 'detail-type')},"detail":${this.envelope.detailText}}`;
    return this.#text;
  }
}

/** The members of an event before its detail, as JSON text without braces, in the order in which AWS sends them. */
export function envelopeMembers(envelope: Envelope, detailTypeKey: 'detail-type' | 'detailType'): string {
  const replay =
    envelope.replayName === undefined ? '' : `"replay-name":${JSON.stringify(envelope.replayName)},`;
  return (
    `"version":${JSON.stringify(envelope.version ?? '0')},"id":${JSON.stringify(envelope.id)},` +
    `"${detailTypeKey}":${JSON.stringify(envelope.detailType)},"source":${JSON.stringify(envelope.source)},` +
    `"account":${JSON.stringify(envelope.account)},"time":${JSON.stringify(envelope.time)},` +
    `"region":${JSON.stringify(envelope.region)},${replay}"resources":${JSON.stringify(envelope.resources)}`
  );
}

/** The event of a bus. Throws nothing: the caller has validated `detailText` (a JSON object, depth bounded). */
export function createEvent(envelope: Envelope): EventView {
  return new BusEvent(envelope);
}

/**
 * Any JSON object as an event. What follows the object is ignored, as AWS's parser does. Throws `SyntaxError` for
 * text that holds no JSON object, and `AwsError` for nesting past the bound.
 */
export function parseEvent(text: string): EventView {
  if (isTooDeep(text)) {
    throw new AwsError('SerializationException', `JSON is nested deeper than ${JSON_DEPTH_MAX} levels.`);
  }
  const cursor = new JsonCursor(text);
  cursor.skipSpace();
  if (cursor.kind() !== 'object') throw new SyntaxError('Event must be a JSON object');
  const object = cursor.raw();
  JSON.parse(object);
  return { text: object, envelope: undefined };
}
