/** The installation of a region without peers: it is home, knows nobody, and none of this costs anything. */
import { type Installation, type Peer, PeerUnavailableError } from './ports.ts';
import { Reports } from './reports.ts';

export function alone(own: Peer): Installation {
  const reports = new Reports();
  return {
    own,
    home: own.region,
    peers: [],
    find: () => undefined,
    status: (region) => (region === own.region ? 'up' : 'unknown'),
    onStatus: () => () => undefined,
    call: (region) => Promise.reject(new PeerUnavailableError(`${region} is no peer of ${own.region}`)),
    handle: () => undefined,
    report: (member, read) => reports.add(member, read),
    reportOf: (region) => (region === own.region ? reports.read() : {}),
  };
}
