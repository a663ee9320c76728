/** What only a region with peers needs, in one place, so that one without them does not load it. */
import type { Clock } from '../base/clock.ts';
import { uuid } from '../base/ids.ts';
import type { Logger } from '../base/log.ts';
import { systemRandom } from '../base/random.ts';
import type { Config } from '../config.ts';
import { LeaseKeeper } from '../engine/region/lease-keeper.ts';
import type { Peer } from '../engine/region/ports.ts';
import { type CallWitness, createWitnessPort } from '../witness/witness-calls.ts';
import { Forwarding } from './forwarding.ts';
import { PeerInstallation } from './installation.ts';
import type { SupervisorPort } from './supervisor-port.ts';

export interface WithPeersOptions {
  readonly config: Config;
  readonly own: Peer;
  readonly secret: string;
  /** Is the witness of the regions that it has started. */
  readonly supervisor: SupervisorPort | undefined;
  /** Whether a peer has all that this region has sent. */
  readonly isCaughtUp: (region: string) => boolean;
  readonly clock: Clock;
  readonly log: Logger;
}

export interface WithPeers {
  readonly installation: PeerInstallation;
  readonly forwarding: Forwarding;
  /** Undefined where there is no witness: then no region ever acts alone. */
  readonly lease: LeaseKeeper | undefined;
}

/** Begins to look for the peers at once. */
export function openWithPeers(options: WithPeersOptions): WithPeers {
  const { config, own, secret, clock, log } = options;
  const { peers, home } = config;
  const installation = new PeerInstallation({ own, peers, home, secret, clock, log });
  const forwarding = new Forwarding({ installation, clock, log });
  installation.start();
  const lease = openLease(installation, options);
  lease?.start();
  return { installation, forwarding, lease };
}

function openLease(
  installation: PeerInstallation,
  { config, supervisor, isCaughtUp, clock, log }: WithPeersOptions,
): LeaseKeeper | undefined {
  const { witness } = config;
  const call: CallWitness | undefined =
    witness === undefined
      ? supervisor && ((name, body) => supervisor.askWitness(name, body))
      : (name, body) => installation.callWitness(witness, name, body);
  if (call === undefined) return undefined;
  const { region } = installation.own;
  const lease = new LeaseKeeper({
    witness: createWitnessPort(call, clock),
    region,
    incarnation: uuid(systemRandom),
    home: () => installation.home,
    others: () => installation.peers.map((peer) => peer.region),
    isCaughtUp: (peer) => installation.status(peer) === 'up' && isCaughtUp(peer),
    clock,
    log,
  });
  installation.report('lease', () => lease.status);
  installation.onForced(() => void lease.takeByForce());
  return lease;
}
