/** Pages of the platform that are about regions: the calls of peers, and what operators do with regions. */
import { AwsError } from '../base/errors.ts';
import type { Config } from '../config.ts';
import type { PlatformRoute, WireRequest, WireResponse } from '../wire/dispatch.ts';
import type { Membership } from './membership.ts';
import { PEER_PATH } from './peer-path.ts';
import type { SupervisorPort } from './supervisor-port.ts';

export interface RegionRoutesOptions {
  readonly config: Config;
  readonly membership: Membership;
  readonly supervisor: SupervisorPort | undefined;
}

export function regionRoutes(options: RegionRoutesOptions): [string, PlatformRoute][] {
  const command = (name: 'fail' | 'restore'): [string, PlatformRoute] => [
    `POST /_millrace/region/${name}`,
    { isPublic: false, answer: (request, account) => control(options, { name, request, account }) },
  ];
  return [
    // Signed by peers, in a way of their own.
    [`POST ${PEER_PATH}*`, { isPublic: true, answer: (request) => answerPeer(options, request) }],
    [
      'POST /_millrace/region/promote',
      { isPublic: false, answer: (request, account) => promote(options, request, account) },
    ],
    command('fail'),
    command('restore'),
  ];
}

function answerPeer({ membership }: RegionRoutesOptions, request: WireRequest): Promise<WireResponse> {
  const { withPeers } = membership;
  if (withPeers === undefined) {
    throw new AwsError('NotFound', 'This region has no peers.', { httpStatus: 404 });
  }
  return withPeers.answer(request);
}

/** Throws unless the caller may say what becomes of regions: anybody in open mode, else the account of the server. */
function requireOperator({ config }: RegionRoutesOptions, account: string | undefined): void {
  if (config.auth === 'open' || account === config.account) return;
  const message = `Regions are for keys of the account ${config.account}.`;
  throw new AwsError('AccessDeniedException', message, { httpStatus: 403 });
}

async function promote(
  options: RegionRoutesOptions,
  request: WireRequest,
  account: string | undefined,
): Promise<WireResponse> {
  requireOperator(options, account);
  const query = queryOf(request);
  const region = query.get('region') ?? '';
  const { withPeers } = options.membership;
  if (withPeers === undefined) {
    throw new AwsError('ValidationException', 'This region has no peers: it is home, and stays so.');
  }
  await withPeers.promote(region, { isForced: query.get('force') === 'true' });
  return jsonResponse({ home: withPeers.home });
}

interface Control {
  readonly name: 'fail' | 'restore';
  readonly request: WireRequest;
  readonly account: string | undefined;
}

async function control(
  options: RegionRoutesOptions,
  { name, request, account }: Control,
): Promise<WireResponse> {
  requireOperator(options, account);
  const { supervisor } = options;
  const region = queryOf(request).get('region') ?? '';
  if (supervisor?.stateOf(region) === undefined) {
    throw new AwsError('ValidationException', `${region} is no region of a supervisor here.`);
  }
  await supervisor[name](region);
  return jsonResponse({ region, status: supervisor.stateOf(region)?.status });
}

function queryOf({ url }: WireRequest): URLSearchParams {
  return new URL(url, 'http://localhost').searchParams;
}

function jsonResponse(value: unknown): WireResponse {
  return { status: 200, headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(value) };
}
