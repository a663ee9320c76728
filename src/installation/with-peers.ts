/** What only a region with peers needs, in one place, so that one without them does not load it. */
import type { Clock } from '../base/clock.ts';
import type { Logger } from '../base/log.ts';
import type { Config } from '../config.ts';
import type { Peer } from '../engine/region/ports.ts';
import { Forwarding } from './forwarding.ts';
import { PeerInstallation } from './installation.ts';

export interface WithPeersOptions {
  readonly config: Config;
  readonly own: Peer;
  readonly secret: string;
  readonly clock: Clock;
  readonly log: Logger;
}

export interface WithPeers {
  readonly installation: PeerInstallation;
  readonly forwarding: Forwarding;
}

/** Begins to look for the peers at once. */
export function openWithPeers({ config, own, secret, clock, log }: WithPeersOptions): WithPeers {
  const { peers, home } = config;
  const installation = new PeerInstallation({ own, peers, home, secret, clock, log });
  const forwarding = new Forwarding({ installation, clock, log });
  installation.start();
  return { installation, forwarding };
}
