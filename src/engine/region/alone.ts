/** The installation of a region without peers: it is home, knows nobody, and none of this costs anything. */
import { type Installation, type Peer, PeerUnavailableError } from './ports.ts';

export function alone(own: Peer): Installation {
  return {
    own,
    home: own.region,
    peers: [],
    find: () => undefined,
    status: (region) => (region === own.region ? 'up' : 'unknown'),
    onStatus: () => () => undefined,
    call: (region) => Promise.reject(new PeerUnavailableError(`${region} is no peer of ${own.region}`)),
    handle: () => undefined,
  };
}
