/**
 * The way of a request through the wire: platform route or AWS service, authentication, decoding, validation, the
 * handler, encoding. `http.ts` calls `handle` for each request, and tests call it without a socket. Whatever is
 * thrown on the way becomes an answer.
 */
import type { Protocol } from '../api/model.ts';
import type { ServiceId } from '../api/registry.ts';
import { AwsError, notImplementedError } from '../base/errors.ts';
import { uuid } from '../base/ids.ts';
import type { Logger } from '../base/log.ts';
import type { Random } from '../base/random.ts';
import type { Clock } from '../base/clock.ts';
import type { Hint } from '../services/hints.ts';
import type { CallFacts, Scheme } from '../services/service.ts';
import { refuseForeignPages } from './browser-guard.ts';
import type { BrowserGuardOptions } from './browser-guard.ts';
import { requireHandler } from './dispatch.ts';
import type {
  DispatchOptions,
  PlatformRoute,
  PlatformRoutes,
  PublishedCall,
  PublishedEndpoint,
  WireRequest,
  WireResponse,
} from './dispatch.ts';
import { encodeUnrouted, toAwsError } from './error-response.ts';
import { ServiceLoader } from './loaded-service.ts';
import type { LoadedOperation, LoadedService } from './loaded-service.ts';
import { formText } from './protocols/aws-query.ts';
import type { EncodedAnswer, Labels, ProtocolCodec } from './protocols/protocol.ts';
import { parseTarget, pathOf, resolveService, resolveServiceByHead } from './route.ts';
import type { Credential } from './scope.ts';
import { headerText, parseCredential, scopeOf } from './scope.ts';
import { Authenticator, requireScope } from './sigv4.ts';
import type { AuthMode, Credentials } from './sigv4.ts';

export interface WireOptions extends DispatchOptions, BrowserGuardOptions {
  readonly mode: AuthMode;
  readonly credentials: Credentials;
  /** Of requests that are not signed, or not for a region. */
  readonly defaultRegion: string;
  /** Of callers whose access key does not say their account. Default: `000000000000`. */
  readonly defaultAccount?: string;
  readonly routes: PlatformRoutes;
  /** The published endpoint that a request is for, by its host or path alone. Default: there are none. */
  readonly findPublished?: (request: WireRequest) => PublishedEndpoint | undefined;
  /** The answer of another process to an operation that is not done here. Default: all of them are. */
  readonly elsewhere?:
    | ((service: ServiceId, operation: string, request: WireRequest) => Promise<WireResponse> | undefined)
    | undefined;
  /** What there is to say of an operation's requests, for the log. Default: nothing. */
  readonly findHint?: (service: ServiceId, operation: string) => Hint | undefined;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Logger;
}

/** Names in messages are the caller's text. */
const SHOWN_NAME_MAX = 200;
const NO_LABELS: Labels = new Map();
const REST_PROTOCOLS: readonly Protocol[] = ['rest-json', 'rest-xml'];
const FORM_TYPE = 'application/x-www-form-urlencoded';
const LANDING_TEXT =
  'Millrace speaks the AWS protocols here. Point a client at this address with --endpoint-url.\n';

/** A request on its way: what the steps before have found out. */
interface Resolved {
  readonly service: LoadedService;
  readonly protocol: Protocol;
  readonly codec: ProtocolCodec;
  readonly operationName: string;
  readonly labels: Labels;
}

export class Wire {
  readonly #options: WireOptions;
  readonly #loader = new ServiceLoader();
  readonly #authenticator: Authenticator;
  readonly #subtreeRoutes: readonly [string, PlatformRoute][];

  constructor(options: WireOptions) {
    this.#options = options;
    this.#authenticator = new Authenticator(options);
    this.#subtreeRoutes = [...options.routes]
      .filter(([key]) => key.endsWith('/*'))
      .map(([key, route]) => [key.slice(0, -1), route] as const)
      .toSorted(([a], [b]) => b.length - a.length)
      .map(([key, route]) => [key, route]);
  }

  /** Answers a request. Rejects only when not even the error can be encoded, which is a bug of ours. */
  async handle(request: WireRequest): Promise<WireResponse> {
    const requestId = uuid(this.#options.random);
    let codec: ProtocolCodec | undefined;
    try {
      const published = this.#options.findPublished?.(request);
      if (published !== undefined) return await published(this.#publishedCall(request, requestId));
      refuseForeignPages(request, this.#options);
      const route = this.#platformRoute(request);
      const credential = parseCredential(request);
      if (route !== undefined) {
        const known = route.isPublic
          ? undefined
          : this.#authenticator.authenticate(request, credential, 'json');
        return await route.answer(request, known?.account);
      }
      const loading = this.#loader.get(this.#serviceOf(request, credential));
      const service = loading instanceof Promise ? await loading : loading;
      const resolved = resolveOperation(service, request);
      ({ codec } = resolved);
      const elsewhere = this.#options.elsewhere?.(service.id, resolved.operationName, request);
      if (elsewhere !== undefined) return await elsewhere;
      return finish(await this.#call(resolved, request, credential, requestId), requestId);
    } catch (thrown) {
      const error = toAwsError(thrown, requestId, this.#options.log);
      const answer = codec?.error(error, requestId) ?? encodeUnrouted(error, request, requestId);
      return finish(answer, requestId);
    }
  }

  /** The service that the head of a request names, if it does: bodies are bounded by it before they are read. */
  peekService(request: WireRequest): ServiceId | undefined {
    try {
      return resolveServiceByHead(request, parseCredential(request));
    } catch {
      // What is wrong with the head is told when the request is handled.
      return undefined;
    }
  }

  #publishedCall(request: WireRequest, requestId: string): PublishedCall {
    return {
      request,
      requestId,
      signer: (signed) => {
        const credential = parseCredential(request);
        if (credential === undefined) return undefined;
        requireScope(credential, signed);
        const known = this.#authenticator.authenticate(request, credential, 'rest-json');
        const { defaultAccount, defaultRegion } = this.#options;
        const { account } = scopeOf(credential, { account: known?.account, defaultAccount, defaultRegion });
        return { accessKeyId: credential.accessKeyId, account };
      },
    };
  }

  #platformRoute(request: WireRequest): PlatformRoute | undefined {
    const path = pathOf(request.url);
    // At the root only browsers get a page: `GET /` is also how S3 lists buckets.
    if (path === '/')
      return isBrowser(request) ? (this.#options.routes.get('GET /') ?? LANDING_PAGE) : undefined;
    const key = `${request.method} ${path}`;
    const exact = this.#options.routes.get(key);
    if (exact !== undefined) return exact;
    const below = this.#subtreeRoutes.find(([prefix]) => key.startsWith(prefix));
    if (below !== undefined) return below[1];
    if (path.startsWith('/_')) throw new AwsError('NotFound', `There is no ${key}.`, { httpStatus: 404 });
    return undefined;
  }

  #serviceOf(request: WireRequest, credential: Credential | undefined): ServiceId {
    const byHead = resolveServiceByHead(request, credential);
    if (byHead !== undefined) return byHead;
    const hasForm = isForm(request) || request.url.includes('Action=');
    return resolveService(request, hasForm ? formFacts(request) : undefined);
  }

  async #call(
    resolved: Resolved,
    request: WireRequest,
    credential: Credential | undefined,
    requestId: string,
  ): Promise<EncodedAnswer> {
    const { service, protocol, operationName } = resolved;
    const operation = service.operation(protocol, operationName);
    // Whether an operation exists is told to nobody who may not call it.
    const known = operation?.model.unsigned
      ? undefined
      : this.#authenticator.authenticate(request, credential, authStyle(protocol));
    if (operation === undefined) throw unknownOperation(resolved);
    const { services, answer, defaultRegion, defaultAccount } = this.#options;
    const handler = requireHandler(services, service.id, operationName);
    const input = decodeInput(operation, request, resolved.labels);
    const facts = new RequestFacts(request, {
      requestId,
      scope: scopeOf(credential, { account: known?.account, defaultAccount, defaultRegion }),
      accessKeyId: credential?.accessKeyId,
    });
    const answering = answer(handler, input, facts);
    const hint = this.#options.findHint?.(service.id, operationName);
    if (hint !== undefined) await this.#logHint(hint, { input, request, facts, answering });
    return operation.codec.encode(await answering, requestId);
  }

  /** The caller gets AWS's answer; what a mistake that is known would have to look like goes to the log. */
  async #logHint(hint: Hint, { input, request, facts, answering }: HintedCall): Promise<void> {
    const error: unknown = await answering.then(
      () => undefined,
      (thrown: unknown) => thrown,
    );
    const text = hint({ input, bodyText: request.body.toString(), error });
    if (text !== undefined) this.#options.log.info({ requestId: facts.requestId }, `hint: ${text}`);
  }
}

interface HintedCall {
  readonly input: unknown;
  readonly request: WireRequest;
  readonly facts: CallFacts;
  readonly answering: Promise<unknown>;
}

/** What a handler is told of its request. The signal is only made if somebody asks for it. */
class RequestFacts implements CallFacts {
  readonly requestId: string;
  readonly scope: CallFacts['scope'];
  readonly accessKeyId: string | undefined;
  readonly #request: WireRequest;

  constructor(request: WireRequest, facts: Pick<CallFacts, 'requestId' | 'scope' | 'accessKeyId'>) {
    this.#request = request;
    this.requestId = facts.requestId;
    this.scope = facts.scope;
    this.accessKeyId = facts.accessKeyId;
  }

  get host(): string {
    return headerText(this.#request, 'host') ?? 'localhost';
  }

  get scheme(): Scheme {
    return this.#request.isEncrypted === true ? 'https' : 'http';
  }

  get signal(): AbortSignal {
    return this.#request.signal;
  }
}

function decodeInput(operation: LoadedOperation, request: WireRequest, labels: Labels): unknown {
  const input = operation.codec.decode(request, labels);
  operation.validate?.(input);
  return input;
}

function isForm(request: WireRequest): boolean {
  return headerText(request, 'content-type')?.startsWith(FORM_TYPE) ?? false;
}

function isBrowser(request: WireRequest): boolean {
  return request.method === 'GET' && (headerText(request, 'accept')?.includes('text/html') ?? false);
}

const LANDING_PAGE: PlatformRoute = {
  isPublic: true,
  answer: () => ({
    status: 200,
    headers: { 'content-type': 'text/plain; charset=utf-8' },
    body: LANDING_TEXT,
  }),
};

/** The two fields of a form that say what it is for. */
function formFacts(request: WireRequest): ReadonlyMap<string, string> {
  const form = new URLSearchParams(formText(request));
  const facts = new Map<string, string>();
  for (const name of ['Action', 'Version']) {
    const value = form.get(name);
    if (value !== null) facts.set(name, value);
  }
  return facts;
}

/** The protocol that a request is written in, and the operation that it names in that protocol's way. */
function resolveOperation(service: LoadedService, request: WireRequest): Resolved {
  const target = parseTarget(request);
  if (target !== undefined && service.speaks('json')) {
    return {
      service,
      protocol: 'json',
      codec: service.codec('json'),
      operationName: target.operation,
      labels: NO_LABELS,
    };
  }
  const action =
    isForm(request) || request.url.includes('Action=') ? formFacts(request).get('Action') : undefined;
  if (action !== undefined && service.speaks('query')) {
    return {
      service,
      protocol: 'query',
      codec: service.codec('query'),
      operationName: action,
      labels: NO_LABELS,
    };
  }
  for (const protocol of REST_PROTOCOLS) {
    if (service.speaks(protocol)) return resolveRest(service, request, protocol);
  }
  if (action !== undefined) throw notImplementedError(`The Query protocol of ${service.id}`);
  throw new AwsError('UnknownOperationException', `The request names no operation of ${service.id}.`);
}

function resolveRest(service: LoadedService, request: WireRequest, protocol: Protocol): Resolved {
  const queryAt = request.url.indexOf('?');
  const query = queryAt === -1 ? '' : request.url.slice(queryAt + 1);
  const match = service.trie.match(request.method, pathOf(request.url), query);
  const codec = service.codec(protocol);
  if (match === undefined) {
    const shown = `${request.method} ${pathOf(request.url).slice(0, SHOWN_NAME_MAX)}`;
    const message = `${service.id} has no operation ${shown}.`;
    throw new AwsError('UnknownOperationException', message, { httpStatus: 404 });
  }
  return { service, protocol, codec, operationName: match.operation, labels: match.labels };
}

function unknownOperation({ service, protocol, operationName }: Resolved): AwsError {
  const name = operationName.slice(0, SHOWN_NAME_MAX);
  if (protocol !== 'query') {
    return new AwsError('UnknownOperationException', `${service.id} has no operation ${name}.`);
  }
  const { apiVersion } = service.model.metadata;
  return new AwsError('InvalidAction', `Could not find operation ${name} for version ${apiVersion}`);
}

function authStyle(protocol: Protocol): 'json' | 'rest-json' | 'query' {
  if (protocol === 'query' || protocol === 'rest-xml') return 'query';
  return protocol === 'rest-json' ? 'rest-json' : 'json';
}

function finish(answer: EncodedAnswer, requestId: string): WireResponse {
  const headers: Record<string, string> = { 'x-amzn-RequestId': requestId };
  if (answer.contentType !== undefined) headers['Content-Type'] = answer.contentType;
  if (answer.headers !== undefined) Object.assign(headers, answer.headers);
  return { status: answer.status, headers, body: answer.body };
}
