/**
 * Which service a request is for, and which operation of it. Clients say it in different ways, and the order in
 * which they are believed is: the service in the credential scope of the signature (in the header, then in a
 * presigned URL), `X-Amz-Target`, `Action` and `Version` of a form, the path of a REST service, the first label of
 * the host name. Two services may share a signing name (DynamoDB and its streams): then the target decides.
 *
 * Only `routes`, a few lines of generated data, is read here; a service's model is loaded once it is known.
 */
import type { ServiceRoute } from '../api/model.ts';
import type { ServiceId } from '../api/registry.ts';
import { routes } from '../api/routes.ts';
import { parseArn } from '../base/arn.ts';
import { AwsError } from '../base/errors.ts';
import type { WireRequest } from './dispatch.ts';
import type { Credential } from './scope.ts';
import { headerText } from './scope.ts';

interface IndexedRoute {
  readonly id: ServiceId;
  readonly route: ServiceRoute;
}

const ALL: readonly IndexedRoute[] = (Object.entries(routes) as [ServiceId, ServiceRoute][]).map(
  ([id, route]) => ({
    id,
    route,
  }),
);

function groupBy(
  keysOf: (route: ServiceRoute) => readonly string[],
): ReadonlyMap<string, readonly IndexedRoute[]> {
  const groups = new Map<string, IndexedRoute[]>();
  for (const entry of ALL) {
    for (const key of keysOf(entry.route)) {
      const group = groups.get(key);
      if (group === undefined) groups.set(key, [entry]);
      else group.push(entry);
    }
  }
  return groups;
}

const BY_SIGNING_NAME = groupBy((route) => [route.signingName]);
const BY_TARGET_PREFIX = groupBy((route) => (route.targetPrefix === undefined ? [] : [route.targetPrefix]));
const BY_QUERY_VERSION = groupBy((route) => (route.protocols.includes('query') ? [route.apiVersion] : []));
const BY_ROOT = groupBy((route) => route.roots ?? []);
const BY_HOST_LABEL = groupBy((route) => [route.endpointPrefix]);

/** Labels that SDKs put before the host name for some operations (`sync-states`, `streaming-logs`). */
const HOST_PREFIXES = ['sync-', 'streaming-', 'data-'];

export interface Target {
  readonly prefix: string;
  readonly operation: string;
}

/** `AmazonSQS.SendMessage` as its two parts. */
export function parseTarget(request: WireRequest): Target | undefined {
  const text = headerText(request, 'x-amz-target');
  if (text === undefined) return undefined;
  const dot = text.lastIndexOf('.');
  return { prefix: text.slice(0, Math.max(dot, 0)), operation: text.slice(dot + 1) };
}

export function pathOf(url: string): string {
  const queryAt = url.indexOf('?');
  return queryAt === -1 ? url : url.slice(0, queryAt);
}

/** Of the services that share a signing name, the one that the target or the path speaks of. */
function choose(
  candidates: readonly IndexedRoute[],
  request: WireRequest,
  target: Target | undefined,
): ServiceId {
  const [first, ...others] = candidates;
  if (first === undefined) throw unknownService('no service');
  if (others.length === 0) return first.id;
  if (target !== undefined) {
    const byTarget = candidates.find(({ route }) => route.targetPrefix === target.prefix);
    if (byTarget !== undefined) return byTarget.id;
  }
  const root = pathOf(request.url).split('/')[1] ?? '';
  return (candidates.find(({ route }) => route.roots?.includes(root)) ?? first).id;
}

/** Unsigned requests for `/tags/{arn}` and the like: several services have the path, and the ARN names its own. */
function chooseByPath(path: string): ServiceId | undefined {
  const [, root = '', second = ''] = path.split('/');
  const candidates = BY_ROOT.get(root) ?? [];
  if (candidates.length < 2) return candidates[0]?.id;
  const arn = parseArn(safeDecode(second));
  return (candidates.find(({ route }) => route.signingName === arn?.service) ?? candidates[0])?.id;
}

function safeDecode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

function hostLabel(request: WireRequest): string {
  const label = (headerText(request, 'host') ?? '').split('.')[0] ?? '';
  const prefix = HOST_PREFIXES.find((candidate) => label.startsWith(candidate));
  return prefix === undefined ? label : label.slice(prefix.length);
}

/** The service that the head of a request names; undefined when only its form can tell. */
export function resolveServiceByHead(
  request: WireRequest,
  credential: Credential | undefined,
): ServiceId | undefined {
  const target = parseTarget(request);
  const signed = credential === undefined ? undefined : BY_SIGNING_NAME.get(credential.service);
  if (signed !== undefined) return choose(signed, request, target);
  const targeted = target === undefined ? undefined : BY_TARGET_PREFIX.get(target.prefix);
  if (targeted !== undefined) return choose(targeted, request, target);
  if (credential !== undefined) throw unknownService(credential.service);
  if (target !== undefined) throw unknownService(target.prefix);
  return undefined;
}

/** The service of an unsigned request without a target. Throws when nothing in it names one that Millrace has. */
export function resolveService(
  request: WireRequest,
  form: ReadonlyMap<string, string> | undefined,
): ServiceId {
  if (form?.has('Action')) {
    const candidates = BY_QUERY_VERSION.get(form.get('Version') ?? '');
    if (candidates !== undefined) return choose(candidates, request, undefined);
  }
  const byPath = chooseByPath(pathOf(request.url));
  if (byPath !== undefined) return byPath;
  const byHost = BY_HOST_LABEL.get(hostLabel(request));
  if (byHost !== undefined) return choose(byHost, request, undefined);
  throw unknownService(pathOf(request.url).slice(0, 200));
}

function unknownService(what: string): AwsError {
  return new AwsError('NotImplemented', `Millrace has no service for ${what}.`, {
    httpStatus: 501,
    fault: 'server',
  });
}
