/** The body of `GET /_millrace/health`: every region of the installation, as far as this one knows. */
import type { Installation, Peer } from '../engine/region/ports.ts';

/** What a supervisor knows of the processes that it has started. */
export interface SupervisedState {
  /** `held`: an operator has ended it, and it stays so until it is restored. */
  readonly status: 'starting' | 'running' | 'down' | 'held';
  readonly pid?: number | undefined;
}

export type RegionStatus = SupervisedState['status'];

export interface HealthOptions {
  readonly installation: Installation;
  readonly version: string;
  /** What is wrong with the own region; undefined when all is well. */
  readonly problem: string | undefined;
  /** Undefined for a region that no supervisor of ours has started. */
  readonly supervised: (region: string) => SupervisedState | undefined;
}

export function healthOf(options: HealthOptions): unknown {
  const { installation, version, problem } = options;
  const { own, home, peers } = installation;
  const ownEntry = {
    status: problem === undefined ? 'running' : 'down',
    ...describe(installation, own),
    ...(problem === undefined ? {} : { problem }),
  };
  const entries = peers.map((peer) => [peer.region, peerEntry(options, peer)] as const);
  const regions = [[own.region, ownEntry] as const, ...entries].toSorted(([a], [b]) => (a < b ? -1 : 1));
  return { version, region: own.region, home, regions: Object.fromEntries(regions) };
}

function peerEntry({ installation, supervised }: HealthOptions, peer: Peer): unknown {
  const status = statusOf(installation, peer.region, supervised(peer.region));
  if (status === 'running') return { status, ...describe(installation, peer) };
  // What it said when it was alive is not true any more: only where to look for it is.
  return { status, endpoint: peer.endpoint, address: peer.address };
}

/** Whoever does not answer is not running, whatever its process does. */
function statusOf(
  installation: Installation,
  region: string,
  supervised: SupervisedState | undefined,
): RegionStatus {
  const status = installation.status(region);
  if (status === 'up') return 'running';
  if (supervised !== undefined && supervised.status !== 'running') return supervised.status;
  return status === 'down' ? 'down' : 'starting';
}

function describe(installation: Installation, { region, endpoint, address }: Peer): object {
  return { endpoint, address, ...installation.reportOf(region) };
}
