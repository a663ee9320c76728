/**
 * A request to a function URL, from the address to the answer: who may call, the event, the synchronous invocation
 * and what becomes of its result. `src/function-urls.ts` calls it for what the wire finds published; events, answers
 * and CORS are pure and have files of their own. Nothing of a failure but AWS's words leaves here: whoever called may
 * be anybody.
 */
import { AwsError } from '../../../base/errors.ts';
import { randomText, uuid } from '../../../base/ids.ts';
import type { Random } from '../../../base/random.ts';
import { functionArn } from '../../../engine/function/function-record.ts';
import type { FoundUrl, Functions } from '../../../engine/function/functions.ts';
import type { Credentials } from '../../../engine/identity/credentials.ts';
import type { Trace } from '../../../engine/trace/trace.ts';
import type { Call, Handler } from '../../service.ts';
import { callerOf } from '../../sts/caller.ts';
import { forbidden } from '../errors.ts';
import { type UrlAddress, urlDomainName } from './address.ts';
import { corsHeaders, isPreflight, preflightAnswer } from './cors.ts';
import { toUrlEvent, type UrlCaller } from './event.ts';
import { isHeader, type UrlAnswer, type UrlHeader, type UrlRequest } from './http.ts';
import { badGateway, refusal, toUrlAnswer } from './response.ts';

export interface FunctionUrlDependencies {
  readonly functions: Functions;
  readonly trace: Trace;
  readonly credentials: Pick<Credentials, 'lookup'>;
}

export interface UrlCall {
  readonly found: FoundUrl;
  readonly address: UrlAddress;
  readonly request: UrlRequest;
  /** Who signed for a service in a region; undefined when nobody did. Throws when the signature is not taken. */
  readonly signer: (signed: {
    readonly service: string;
    readonly region: string;
  }) => { readonly accessKeyId: string; readonly account: string } | undefined;
}

/** No function has this URL, or none any more. */
export function unknownUrl(): UrlAnswer {
  return refusal(403, 'AccessDeniedException', null);
}

/**
 * Below a path a function shares the origin of the API, which trusts its own pages. A page in a sandbox has no origin,
 * so what a function answers can call the API no more than any other site can.
 */
const SANDBOX: UrlHeader = [
  'Content-Security-Policy',
  'sandbox allow-downloads allow-forms allow-modals allow-popups allow-scripts',
];

const HEX = '0123456789abcdef';

export function answerFunctionUrl(dependencies: FunctionUrlDependencies): Handler<UrlCall, UrlAnswer> {
  return async (input, call) => {
    const { found, address } = input;
    const { cors } = found.url;
    const request: UrlRequest = { ...requestParts(input.request), url: address.url };
    call.readAt(found.entry.position);
    const sandbox = address.domainName === undefined ? [SANDBOX] : [];
    if (cors !== undefined && isPreflight(request)) {
      return finish(preflightAnswer(cors, request), call, sandbox);
    }
    const answer = await invokeOrRefuse(dependencies, { ...input, request }, call);
    return finish(answer, call, [...(cors === undefined ? [] : corsHeaders(cors, request)), ...sandbox]);
  };
}

/** Its properties may be getters. */
function requestParts({ method, headers, body, remoteAddress, isEncrypted }: UrlRequest) {
  return { method, headers, body, remoteAddress, ...(isEncrypted === undefined ? {} : { isEncrypted }) };
}

function finish(answer: UrlAnswer, { requestId }: Call, more: readonly UrlHeader[]): UrlAnswer {
  // Settings of CORS are the user's text and may hold what no header can.
  const headers = [['x-amzn-RequestId', requestId] as const, ...answer.headers, ...more].filter(isHeader);
  return { ...answer, headers };
}

async function invokeOrRefuse(
  dependencies: FunctionUrlDependencies,
  input: UrlCall,
  call: Call,
): Promise<UrlAnswer> {
  try {
    const { url } = input.found;
    const caller = url.authType === 'AWS_IAM' ? requireCaller(dependencies, input) : undefined;
    return await invoke(dependencies, { ...input, caller }, call);
  } catch (error) {
    if (!(error instanceof AwsError)) throw error;
    if (error.fault === 'server') return refusal(error.httpStatus, error.code, 'Internal Server Error');
    return refusal(error.httpStatus, error.code, error.message);
  }
}

/** In `open` mode too: what an unsigned request is told here is what it is told at AWS. */
function requireCaller({ credentials }: FunctionUrlDependencies, { found, signer }: UrlCall): UrlCaller {
  const { region } = found.entry.record;
  const signed = signer({ service: 'lambda', region });
  if (signed === undefined) throw forbidden();
  const { accessKeyId, account } = signed;
  const { arn, userId } = callerOf(credentials, { accessKeyId, scope: { account, region } });
  return { accessKeyId, account, arn, userId };
}

interface UrlInvocation extends UrlCall {
  readonly caller: UrlCaller | undefined;
}

async function invoke(
  { functions, trace }: FunctionUrlDependencies,
  { found, address, request, caller }: UrlInvocation,
  call: Call,
): Promise<UrlAnswer> {
  const { record } = found.entry;
  const arn = functionArn(record, found.qualifier);
  const cause = { kind: 'request', id: call.requestId } as const;
  const { invocationId, traceId, atMs } = call.turn((turn) => {
    const id = uuid(turn.random);
    const effect = { kind: 'invocation', id, detail: { function: arn } } as const;
    // With no room on the disk, functions still answer; only the record of it is missing.
    if (functions.acceptsWrites) trace.effect(turn, cause, effect);
    return { invocationId: id, traceId: newTraceId(turn.random, turn.now), atMs: turn.now };
  });
  const event = toUrlEvent(request, {
    urlId: found.url.id,
    domainName: address.domainName ?? urlDomainName(found.url.id, record.region),
    requestId: call.requestId,
    traceId,
    atMs,
    caller,
  });
  const payloadText = JSON.stringify(event);
  const answer = await functions.invoke({ functionArn: arn, payloadText, cause, requestId: invocationId });
  const told = answer.functionError === undefined ? toUrlAnswer(answer.payloadText) : badGateway();
  return { ...told, headers: [...told.headers, ['X-Amzn-Trace-Id', traceId]] };
}

/** `Root=1-<seconds>-<96 bits>`, as X-Ray writes it. */
function newTraceId(random: Random, atMs: number): string {
  const seconds = Math.floor(atMs / 1000)
    .toString(16)
    .padStart(8, '0');
  return `Root=1-${seconds}-${randomText(random, 24, HEX)}`;
}
