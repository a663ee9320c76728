/** What there is to say of the other regions, for `millrace doctor`. */
import type { Installation, PeerStatus } from '../engine/region/ports.ts';

interface Finding {
  readonly name: 'regions';
  readonly status: 'ok' | 'problem';
  readonly text: string;
}

const SAID: Readonly<Record<PeerStatus, string>> = {
  up: 'answers',
  down: 'does not answer',
  unknown: 'has not answered yet',
};

/** Nothing of a region that is alone. */
export function peerFindings(installation: Installation): Finding[] {
  return installation.peers.map(({ region, endpoint }) => {
    const now = installation.status(region);
    const role = region === installation.home ? ', which is home,' : '';
    const text = `${region} at ${endpoint}${role} ${SAID[now]}`;
    return { name: 'regions', status: now === 'up' ? 'ok' : 'problem', text };
  });
}
