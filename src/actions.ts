/**
 * Calls of the services from inside the platform: a workflow's task is decoded, checked and performed by the same
 * models and handlers as a client's request, so that it is refused for the same reasons in the same words. What
 * differs is the turn: the handler joins its caller's, so that effect and outcome are one commit.
 *
 * Beside region.ts and server.ts, because it joins what may not know each other: the engine's port, the services'
 * handlers and the wire's codecs. Only region.ts creates one.
 */
import type { MemberModel, ServiceModel } from './api/model.ts';
import type { PutEventsRequest } from './api/events.ts';
import { registry, type ServiceId } from './api/registry.ts';
import { invariant } from './base/assert.ts';
import { formatIsoMs } from './base/clock.ts';
import { AwsError, errorMessage, InvariantError, notImplementedError } from './base/errors.ts';
import { isPlainObject } from './base/exact-json.ts';
import { type Json, isJsonObject, type JsonObject, parseJson } from './base/json.ts';
import type { Turn } from './engine/loop.ts';
import type { ActionCall, ActionOutcome, ActionPort } from './engine/ports.ts';
import type { Call, CallFacts, Handler, Service } from './services/service.ts';
import { requireHandler } from './wire/dispatch.ts';
import { type LoadedOperation, type LoadedService, ServiceLoader } from './wire/loaded-service.ts';
import { queryErrorCode } from './wire/protocols/aws-json.ts';

export interface ActionsOptions {
  readonly services: () => ReadonlyMap<string, Service>;
  /** Host and port that stand in URLs of answers. */
  readonly host: string;
}

/** Members that take a text, and that workflows may give as the JSON that it is to hold. */
const JSON_TEXT_MEMBERS: ReadonlySet<string> = new Set([
  'sqs.MessageBody',
  'events.Detail',
  'states.input',
  'states.output',
]);

/** Reads that take several turns, because they may read much. They change nothing, so they are done ahead. */
const LONG_READS: ReadonlySet<string> = new Set(['BatchGetItem', 'Query', 'Scan']);

/** A call that is a part of another turn. */
class JoinedCall implements Call {
  readonly requestId: string;
  readonly scope: CallFacts['scope'];
  readonly accessKeyId = undefined;
  readonly host: string;
  readonly scheme = 'http';
  readonly signal = new AbortController().signal;
  readonly #turn: Turn | undefined;

  constructor(turn: Turn | undefined, facts: Pick<CallFacts, 'requestId' | 'scope' | 'host'>) {
    this.#turn = turn;
    this.requestId = facts.requestId;
    this.scope = facts.scope;
    this.host = facts.host;
  }

  turn<T>(decide: (turn: Turn) => T): T {
    if (this.#turn === undefined) throw new InvariantError('a read ahead of a turn changes nothing');
    return decide(this.#turn);
  }

  /** What was read was committed, or is about to be, before the turn that tells of it. */
  readAt(): void {}

  /** A step does not wait for other regions: what it brought about is in its own commit. */
  waitFor(): void {}

  /** The execution was admitted when it started. */
  admit(): void {}
}

/** A call that is ready to be performed. */
interface Prepared {
  readonly call: ActionCall;
  readonly service: LoadedService;
  readonly operation: LoadedOperation;
  readonly handler: Handler;
  readonly input: unknown;
}

export class Actions implements ActionPort {
  readonly #options: ActionsOptions;
  readonly #loader = new ServiceLoader();

  constructor(options: ActionsOptions) {
    this.#options = options;
  }

  async prepare(call: ActionCall): Promise<(turn: Turn) => ActionOutcome> {
    const { service: id } = call;
    invariant(Object.hasOwn(registry, id), `there is no service ${id}`);
    const service = await this.#loader.get(id as ServiceId);
    try {
      const prepared = this.#prepare(call, service);
      if (!LONG_READS.has(call.operation)) return (turn) => this.#perform(prepared, turn);
      const output = await prepared.handler(prepared.input as never, this.#call(call, undefined));
      const outcome = answeredWith(prepared, output);
      return () => outcome;
    } catch (error) {
      const outcome = refusedWith(call, service, error);
      return () => outcome;
    }
  }

  #prepare(call: ActionCall, service: LoadedService): Prepared {
    const handler = requireHandler(this.#options.services(), service.id, call.operation);
    const operation = service.operation('json', call.operation);
    invariant(operation !== undefined, `the model has no operation ${call.operation}`);
    const { input: shape } = operation.model;
    const members = shape === undefined ? {} : toMembers(service.model, { shape }, call.parameters);
    // Through the codec, so that members are checked and turned into what handlers take as in any request.
    const body = Buffer.from(JSON.stringify(members));
    const { signal } = new AbortController();
    const request = { method: 'POST', url: '/', headers: {}, body, remoteAddress: undefined, signal };
    const input = operation.codec.decode(request, new Map());
    operation.validate?.(input);
    if (call.operation === 'PutEvents' && (input as PutEventsRequest).EndpointId !== undefined) {
      // Its events may go to another region, which no step waits for.
      throw notImplementedError('PutEvents to a global endpoint (EndpointId) from a workflow');
    }
    return { call, service, operation, handler, input };
  }

  #perform(prepared: Prepared, turn: Turn): ActionOutcome {
    const { call, service, handler, input } = prepared;
    try {
      const output = handler(input as never, this.#call(call, turn));
      invariant(!(output instanceof Promise), `${call.operation} does not end within a turn`);
      return answeredWith(prepared, output);
    } catch (error) {
      return refusedWith(call, service, error);
    }
  }

  #call({ requestId, scope }: ActionCall, turn: Turn | undefined): Call {
    return new JoinedCall(turn, { requestId, scope, host: this.#options.host });
  }
}

function answeredWith({ call, service, operation }: Prepared, output: unknown): ActionOutcome {
  const { body } = operation.codec.encode(output, call.requestId);
  const wireText = typeof body === 'string' ? body : Buffer.from(body).toString();
  const { output: shape } = operation.model;
  const answer =
    shape === undefined || wireText === ''
      ? {}
      : fromMembers({ model: service.model, dates: call.dates }, { shape }, parseJson(wireText));
  invariant(isJsonObject(answer), 'an answer is an object');
  return { kind: 'answered', answer, wireText };
}

/** Whatever is no refusal of a service is a bug of ours, and not for the caller to handle. */
function refusedWith(call: ActionCall, { model }: LoadedService, error: unknown): ActionOutcome {
  if (!(error instanceof AwsError)) throw error;
  const { code, httpStatus } = error;
  const isModelled = model.operations[call.operation]?.errors?.includes(code) ?? false;
  return {
    kind: 'refused',
    code: model.metadata.awsQueryCompatible === undefined ? code : queryErrorCode(code),
    message: errorMessage(error),
    httpStatus,
    modelled: isModelled ? code : undefined,
  };
}

/** Parameters by the names of the model's members: `Name` is `name` where the API says so. */
function toMembers(model: ServiceModel, member: MemberModel, value: Json): Json {
  const shape = model.shapes[member.shape];
  if (shape?.type === 'structure' && isPlainObject(value)) {
    const members: [string, Json][] = [];
    for (const [name, given] of Object.entries(value)) {
      const own = memberNamed(shape.members, name);
      if (own === undefined) continue;
      const [ownName, ownMember] = own;
      const isText = JSON_TEXT_MEMBERS.has(`${model.id}.${ownName}`);
      members.push([
        ownMember.locationName ?? ownName,
        isText ? toText(given) : toMembers(model, ownMember, given),
      ]);
    }
    return Object.fromEntries(members);
  }
  if (shape?.type === 'list' && Array.isArray(value))
    return value.map((item: Json) => toMembers(model, shape.member, item));
  if (shape?.type === 'map' && isPlainObject(value))
    return mapValues(value, (item) => toMembers(model, shape.value, item));
  return value;
}

function memberNamed(
  members: Readonly<Record<string, MemberModel>>,
  name: string,
): readonly [string, MemberModel] | undefined {
  for (const candidate of [name, name.charAt(0).toLowerCase() + name.slice(1)]) {
    const member = Object.hasOwn(members, candidate) ? members[candidate] : undefined;
    if (member !== undefined) return [candidate, member];
  }
  return undefined;
}

/** Null means absent, as in every request. */
function toText(value: Json): Json {
  return value === null || typeof value === 'string' ? value : JSON.stringify(value);
}

interface AnswerStyle {
  readonly model: ServiceModel;
  readonly dates: ActionCall['dates'];
}

/** An answer as workflows show it: names begin with a capital, instants as `dates` says. */
function fromMembers(style: AnswerStyle, member: MemberModel, value: Json): Json {
  const shape = style.model.shapes[member.shape];
  switch (shape?.type) {
    case 'structure': {
      if (!isJsonObject(value)) return value;
      const members = Object.entries(value).map(([name, given]): [string, Json] => {
        const own = Object.hasOwn(shape.members, name) ? shape.members[name] : undefined;
        const shown = own === undefined ? given : fromMembers(style, own, given);
        return [name.charAt(0).toUpperCase() + name.slice(1), shown];
      });
      return Object.fromEntries(members);
    }
    case 'list':
      return Array.isArray(value) ? value.map((item: Json) => fromMembers(style, shape.member, item)) : value;
    case 'map':
      return isJsonObject(value) ? mapValues(value, (item) => fromMembers(style, shape.value, item)) : value;
    case 'timestamp': {
      if (typeof value !== 'number') return value;
      const atMs = Math.round(value * 1000);
      return style.dates === 'milliseconds' ? atMs : formatIsoMs(atMs);
    }
    default:
      return value;
  }
}

/** Keys are the caller's: an object of them has no prototype to speak of. */
function mapValues(value: JsonObject, change: (item: Json) => Json): JsonObject {
  return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, change(item)]));
}
