/**
 * The last stage: giving a batch to its target. What lives in this region is given in the commit that also takes
 * the batch from its source, so it happens exactly once; a function that is waited for is called outside of any
 * commit and at least once.
 */
import { hash } from 'node:crypto';
import { parseInstant } from '../../base/clock.ts';
import { AwsError } from '../../base/errors.ts';
import { isJsonObject, parseJson } from '../../base/json.ts';
import { compilePipeParameter } from '../../lang/template/pipe-parameter.ts';
import type { NewEvent } from '../bus/bus-event.ts';
import type { Cause } from '../cause.ts';
import type { Turn } from '../loop.ts';
import { type FifoIds, requireFifoIds } from '../queue/fifo.ts';
import type { Queue } from '../queue/queue.ts';
import { toArrayText } from './batch.ts';
import type { CompiledPipe } from './compile.ts';
import type { PipePorts } from './ports.ts';
import { pipeArn, type PipeRecord } from './pipe-record.ts';

export interface Delivery {
  readonly pipe: PipeRecord;
  readonly target: CompiledPipe['target'];
  /** What the target gets, one text a record. */
  readonly texts: readonly string[];
  /** The records before the target's template: what dynamic parameters look into. */
  readonly sources: readonly string[];
  readonly cause: Cause;
}

/** True when the target takes the batch within a commit of this region. */
export function isLocalTarget(target: CompiledPipe['target']): boolean {
  return target.kind !== 'function' || target.isAsync;
}

/** Throws `AwsError` before anything is changed when the target cannot take the batch. */
export function deliverLocally(ports: PipePorts, turn: Turn, delivery: Delivery): void {
  switch (delivery.target.kind) {
    case 'function':
      ports.functions.enqueueAsync(turn, {
        functionArn: delivery.target.arn,
        payloadText: toArrayText(delivery.texts),
        cause: delivery.cause,
      });
      return;
    case 'workflow':
      ports.workflows.start(turn, {
        stateMachineArn: delivery.target.arn,
        input: toArrayText(delivery.texts),
        cause: delivery.cause,
      });
      return;
    case 'queue':
      return sendToQueue(ports, turn, delivery);
    case 'bus':
      return putOnBus(ports, turn, delivery);
  }
}

function sendToQueue(ports: PipePorts, turn: Turn, delivery: Delivery): void {
  const { pipe, target, texts, cause } = delivery;
  const queue = ports.queues.find(target.arn);
  if (queue === undefined)
    throw new AwsError('QueueDoesNotExist', `The target queue ${target.arn} does not exist.`);
  for (const body of texts) requireBody(body, queue.config.messageSizeBytesMax);
  const messages = texts.map((body, index) => ({
    body,
    bodyMd5: hash('md5', body),
    senderId: pipeArn(pipe),
    cause,
    ...(queue.isFifo ? fifoIds(queue, delivery, index) : {}),
  }));
  for (const message of messages) {
    const { id } = queue.sendOnce(turn, message);
    ports.trace.effect(turn, cause, { kind: 'message', id, detail: { queue: queue.arn } });
  }
}

/** Group and deduplication id of one record's message: constants, or what a path finds in the record. */
function fifoIds(queue: Queue, { target, texts, sources }: Delivery, index: number): FifoIds {
  const { MessageGroupId: groupId, MessageDeduplicationId: deduplicationId } =
    target.parameters.SqsQueueParameters ?? {};
  const parameter = (value: string | undefined): string | undefined =>
    value === undefined ? undefined : compilePipeParameter(value).render(sources[index] ?? '{}');
  return requireFifoIds(queue.config, {
    body: texts[index] ?? '',
    groupId: parameter(groupId),
    deduplicationId: parameter(deduplicationId),
  });
}

/** What SendMessage would refuse of a body that a template or an enrichment made. */
function requireBody(body: string, sizeBytesMax: number): void {
  if (body === '') throw new AwsError('InvalidParameterValue', 'The message is empty.');
  if (Buffer.byteLength(body) > sizeBytesMax) {
    throw new AwsError('InvalidParameterValue', `The message is longer than ${sizeBytesMax} bytes.`);
  }
}

function putOnBus(ports: PipePorts, turn: Turn, delivery: Delivery): void {
  const { pipe, target, texts, sources, cause } = delivery;
  const bus = ports.buses.find(target.arn);
  if (bus === undefined)
    throw new AwsError('ResourceNotFoundException', `The target ${target.arn} does not exist.`);
  for (const text of texts) {
    if (!isObjectText(text)) throw new AwsError('MalformedDetail', 'Detail is malformed.');
  }
  const parameters = target.parameters.EventBridgeEventBusParameters ?? {};
  const { DetailType: detailType, Source: source, Resources: resources = [], Time: time } = parameters;
  const events = texts.map((detailText, index): NewEvent => {
    const record = sources[index] ?? '{}';
    const parameter = (value: string): string => compilePipeParameter(value).render(record) ?? '';
    const timeMs = time === undefined ? undefined : parseInstant(parameter(time));
    return {
      scope: bus.record,
      busName: bus.record.name,
      // The defaults that the service was seen to use.
      source: source === undefined ? `Pipe ${pipe.name}` : parameter(source),
      detailType: detailType === undefined ? 'Event from aws:sqs' : parameter(detailType),
      detailText,
      resources: resources.map(parameter),
      ...(timeMs === undefined ? {} : { timeMs }),
    };
  });
  ports.buses.put(turn, events, cause);
}

/** A template of plain text makes no JSON. */
function isObjectText(text: string): boolean {
  try {
    return isJsonObject(parseJson(text));
  } catch {
    return false;
  }
}
