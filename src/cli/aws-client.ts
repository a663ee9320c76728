/**
 * The CLI's own client of a running Millrace: AWS JSON, REST JSON and REST XML over `fetch`, which is all that its
 * commands need, so that no AWS package ships with the product. It speaks to the given endpoint and to nothing else.
 */
import { signatureHeaders } from './signature.ts';

export interface Endpoint {
  readonly url: string;
  /** Or `*`, for requests that are good in all regions. */
  readonly region: string;
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
}

/** How each service is spoken to. Facts of the models in `src/api`, kept short for the few that are used here. */
const SERVICES = {
  sqs: { signingName: 'sqs', target: 'AmazonSQS', jsonVersion: '1.0' },
  events: { signingName: 'events', target: 'AWSEvents', jsonVersion: '1.1' },
  states: { signingName: 'states', target: 'AWSStepFunctions', jsonVersion: '1.0' },
  dynamodb: { signingName: 'dynamodb', target: 'DynamoDB_20120810', jsonVersion: '1.0' },
  logs: { signingName: 'logs', target: 'Logs_20140328', jsonVersion: '1.1' },
} as const;

export type JsonService = keyof typeof SERVICES;

/** An error that the server answered. */
export class RemoteError extends Error {
  override readonly name = 'RemoteError';
  readonly code: string;
  readonly status: number;

  constructor(code: string, message: string, status: number) {
    super(`${code}: ${message}`);
    this.code = code;
    this.status = status;
  }
}

/** What OpenSSL says of a certificate that nobody whom this process trusts has signed. */
const UNTRUSTED: ReadonlySet<unknown> = new Set([
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
  'SELF_SIGNED_CERT_IN_CHAIN',
]);

/** Nothing answers at the endpoint, or nothing that can be trusted. */
export class UnreachableError extends Error {
  override readonly name = 'UnreachableError';

  constructor(url: string, cause: unknown) {
    super(
      isUntrusted(cause)
        ? `the certificate of ${url} is not trusted here; millrace env --tls says how to`
        : `no Millrace answers at ${url}; start one with: millrace start`,
      { cause },
    );
  }
}

/** `fetch` throws an error of its own, whose cause is what the socket said. */
function isUntrusted(error: unknown): boolean {
  return (
    error instanceof Error && error.cause instanceof Error && UNTRUSTED.has(Reflect.get(error.cause, 'code'))
  );
}

interface HttpCall {
  readonly method: string;
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  readonly signingName: string;
}

export class AwsClient {
  readonly endpoint: Endpoint;

  constructor(endpoint: Endpoint) {
    this.endpoint = endpoint;
  }

  /** Calls an operation of a service that speaks AWS JSON. */
  json<Output>(service: JsonService, operation: string, input: object): Promise<Output> {
    const { signingName, target, jsonVersion } = SERVICES[service];
    return this.#call({
      method: 'POST',
      path: '/',
      headers: {
        'content-type': `application/x-amz-json-${jsonVersion}`,
        'x-amz-target': `${target}.${operation}`,
      },
      body: JSON.stringify(input),
      signingName,
    });
  }

  /** Calls an operation of a service that speaks REST JSON. */
  rest<Output>(
    signingName: 'lambda' | 'pipes',
    method: string,
    path: string,
    input?: object,
  ): Promise<Output> {
    return this.#call({
      method,
      path,
      signingName,
      ...(input === undefined
        ? {}
        : { body: JSON.stringify(input), headers: { 'content-type': 'application/json' } }),
    });
  }

  /** Calls an operation of Route 53; answers the XML text of its answer. */
  async xml(method: string, path: string, body?: string): Promise<string> {
    const response = await this.#send({
      method,
      path: `/2013-04-01${path}`,
      signingName: 'route53',
      ...(body === undefined ? {} : { body, headers: { 'content-type': 'application/xml' } }),
    });
    const text = await response.text();
    if (response.ok) return text;
    const member = (name: string): string => new RegExp(`<${name}>([^<]*)<`).exec(text)?.[1] ?? '';
    throw new RemoteError(member('Code'), member('Message'), response.status);
  }

  /**
   * Calls a page of the platform itself, such as `/_millrace/health`. Answers what the page says, be it good or bad;
   * throws `RemoteError` when the server let the call not come to it.
   */
  async platform<Output>(
    method: string,
    path: string,
  ): Promise<{ readonly status: number; readonly body: Output }> {
    const response = await this.#send({ method, path, signingName: 'millrace' });
    const body = await readJson(response);
    if (response.headers.has(ERROR_HEADER)) throw toRemoteError(response, body);
    return { status: response.status, body: body as Output };
  }

  async #call<Output>(call: HttpCall): Promise<Output> {
    const response = await this.#send(call);
    const answer = await readJson(response);
    if (response.ok) return answer as Output;
    throw toRemoteError(response, answer);
  }

  async #send(call: HttpCall): Promise<Response> {
    const { url, region, accessKeyId, secretAccessKey } = this.endpoint;
    const { method, body = '', signingName } = call;
    const target = new URL(call.path, url);
    const key = { region, accessKeyId, secretAccessKey };
    const toSign = { method, target, body, signingName, ...key, headers: call.headers ?? {} };
    const headers = { ...call.headers, ...signatureHeaders(toSign) };
    try {
      return await fetch(target, {
        method: call.method,
        headers,
        ...(call.body === undefined ? {} : { body: call.body }),
      });
    } catch (error) {
      throw new UnreachableError(url, error);
    }
  }
}

const ERROR_HEADER = 'x-amzn-errortype';

function toRemoteError(response: Response, answer: unknown): RemoteError {
  const error = answer as { __type?: string; message?: string; Message?: string };
  const code = response.headers.get(ERROR_HEADER) ?? error.__type ?? `HTTP ${response.status}`;
  const name = code.split('#').at(-1)?.split(':')[0] ?? code;
  return new RemoteError(name, error.message ?? error.Message ?? '', response.status);
}

async function readJson(response: Response): Promise<unknown> {
  const text = await response.text();
  if (text === '') return {};
  try {
    return JSON.parse(text);
  } catch {
    // Not one of ours: say what came instead of failing on its first character.
    return { message: text.slice(0, 500) };
  }
}
