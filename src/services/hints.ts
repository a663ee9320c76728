/**
 * One line of help for mistakes that tutorials spread: requests that AWS accepts and that do nothing, or refuses
 * without saying what to write instead. The wire asks once a request is answered and logs the line; the answer
 * itself stays AWS's own. Pure; most operations have no hint, and cost no more than the look into this table.
 */
import type { ServiceId } from '../api/registry.ts';
import type { PutRuleRequest, PutTargetsRequest } from '../api/events.ts';
import type { CreateHealthCheckRequest } from '../api/route53.ts';
import type { CreatePipeRequest, UpdatePipeRequest } from '../api/pipes.ts';
import { parseArn } from '../base/arn.ts';
import { AwsError } from '../base/errors.ts';
import { isJsonObject, type Json, type JsonObject, parseJson } from '../base/json.ts';

/** A request that has been answered. */
export interface AnsweredRequest {
  /** As decoded: what the model does not know is gone. */
  readonly input: unknown;
  /** As sent, for what clients that do not validate put into it. */
  readonly bodyText: string;
  /** What it was refused with, if it was. */
  readonly error: unknown;
}

/** Answers the line to log, if there is something to say. */
export type Hint = (request: AnsweredRequest) => string | undefined;

// The input of a hint is that of its operation, as in the tables of the services.
type HintOf<Input> = (input: Input, request: AnsweredRequest) => string | undefined;

/** What there is to say of an operation's requests; undefined for nearly all operations. */
export function findHint(service: ServiceId, operation: string): Hint | undefined {
  if (service !== 'pipes' && service !== 'events' && service !== 'route53') return undefined;
  const hints = HINTS[service];
  if (!Object.hasOwn(hints, operation)) return undefined;
  const hint = hints[operation as keyof typeof hints] as HintOf<unknown>;
  return (request) => hint(request.input, request);
}

const HINTS = {
  pipes: {
    CreatePipe: firstOf<CreatePipeRequest>(busAsSource, unknownMember, patternBesideBody, passesEverything),
    UpdatePipe: firstOf<UpdatePipeRequest>(unknownMember, patternBesideBody),
  },
  events: {
    PutRule: firstOf<PutRuleRequest>(regionAsBus),
    PutTargets: firstOf<PutTargetsRequest>(regionAsBus, ruleElsewhere, missingRole),
  },
  route53: {
    CreateHealthCheck: firstOf<CreateHealthCheckRequest>(urlAsHost),
  },
};

function firstOf<Input>(...hints: readonly HintOf<Input>[]): HintOf<Input> {
  return (input, request) => {
    for (const hint of hints) {
      const text = hint(input, request);
      if (text !== undefined) return text;
    }
    return undefined;
  };
}

/** Names in hints are the caller's text. */
const SHOWN_LENGTH_MAX = 100;
const shown = (text: string): string => text.slice(0, SHOWN_LENGTH_MAX);

function busAsSource({ Source: source }: CreatePipeRequest): string | undefined {
  if (parseArn(source)?.service !== 'events') return undefined;
  return 'an event bus is no source of a pipe: let a rule of the bus fill a queue, and make the queue the source';
}

/** Names that articles give to what the API calls otherwise. */
const MISNAMED: Readonly<Record<string, string>> = {
  Filter: 'SourceParameters.FilterCriteria.Filters, each with its Pattern as JSON text',
  Filters: 'SourceParameters.FilterCriteria.Filters, each with its Pattern as JSON text',
  Transform: 'TargetParameters.InputTemplate',
  InputTransformer: 'TargetParameters.InputTemplate',
};

function unknownMember(_input: unknown, { bodyText }: AnsweredRequest): string | undefined {
  const body = parsed(bodyText);
  if (body === undefined) return undefined;
  const places = [body, body['SourceParameters'], body['TargetParameters']].filter(isJsonObject);
  const name = places.flatMap(Object.keys).find((key) => Object.hasOwn(MISNAMED, key));
  return name === undefined
    ? undefined
    : `a pipe has no member ${name}, and it was ignored: what is meant is ${MISNAMED[name]}`;
}

/** Source: https://docs.aws.amazon.com/lambda/latest/dg/with-sqs.html, the fields of a record of a queue. */
const RECORD_FIELDS: ReadonlySet<string> = new Set([
  'messageId',
  'receiptHandle',
  'body',
  'attributes',
  'messageAttributes',
  'md5OfBody',
  'md5OfMessageAttributes',
  'eventSource',
  'eventSourceARN',
  'awsRegion',
  '$or',
]);

/** Valid, and matches nothing: the fields of the message are one level further down. */
function patternBesideBody(
  { SourceParameters: source }: CreatePipeRequest | UpdatePipeRequest,
  { error }: AnsweredRequest,
): string | undefined {
  if (error !== undefined) return undefined;
  for (const { Pattern: text = '' } of source?.FilterCriteria?.Filters ?? []) {
    const field = Object.keys(parsed(text) ?? {}).find((key) => !RECORD_FIELDS.has(key));
    if (field !== undefined) {
      return (
        `the filter asks for ${shown(field)}, which no record of a queue has: ` +
        'what was sent is its body, so write {"body":{...}} around the pattern'
      );
    }
  }
  return undefined;
}

function passesEverything(input: CreatePipeRequest, { error }: AnsweredRequest): string | undefined {
  const isPlain = !input.SourceParameters && !input.TargetParameters && !input.Enrichment;
  if (error !== undefined || !isPlain) return undefined;
  return (
    `pipe ${input.Name} passes on every record as it is: SourceParameters filter, ` +
    'Enrichment enriches and TargetParameters transform'
  );
}

const REGION_NAME = /^[a-z]{2}(?:-[a-z]{1,12}){1,3}-\d$/;

function regionAsBus(
  { EventBusName: bus = '' }: PutRuleRequest | PutTargetsRequest,
  { error }: AnsweredRequest,
): string | undefined {
  if (!isNotFound(error) || !REGION_NAME.test(bus)) return undefined;
  return `${bus} is a region and no bus: sign for that region (--region ${bus}) and name a bus of it`;
}

function ruleElsewhere(input: PutTargetsRequest, { error }: AnsweredRequest): string | undefined {
  if (!isNotFound(error)) return undefined;
  return (
    `rule ${shown(input.Rule)} is looked for in the region that signed and on the bus ` +
    `${shown(input.EventBusName ?? 'default')}: give the --region and --event-bus-name of PutRule`
  );
}

function missingRole({ Targets: targets }: PutTargetsRequest): string | undefined {
  const target = targets.find(({ Arn, RoleArn }) => parseArn(Arn)?.service === 'states' && !RoleArn);
  if (target === undefined) return undefined;
  return `target ${shown(target.Id)} is a state machine, which a rule starts in a role: give the target a RoleArn`;
}

function urlAsHost({ HealthCheckConfig: config }: CreateHealthCheckRequest): string | undefined {
  const { FullyQualifiedDomainName: name } = config;
  if (name?.includes('/') !== true) return undefined;
  return (
    `${shown(name)} is a URL and no host name: its host is the FullyQualifiedDomainName, ` +
    'its port the Port and its path the ResourcePath'
  );
}

function isNotFound(error: unknown): boolean {
  return error instanceof AwsError && error.code === 'ResourceNotFoundException';
}

/** The object that a text holds; undefined when it holds none, which is not for a hint to say. */
function parsed(text: string): JsonObject | undefined {
  let value: Json;
  try {
    value = parseJson(text);
  } catch {
    return undefined;
  }
  return isJsonObject(value) ? value : undefined;
}
