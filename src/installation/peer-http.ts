/** Kept-alive connections to peers, for calls and for forwarded requests. */
import type { Agent, ClientRequest } from 'node:http';
import type { Peer } from '../engine/region/ports.ts';

// `import` of these modules reads all that they export, and one of those loads the whole of fetch: 20 ms and 8 MB.
const http = process.getBuiltinModule('node:http');

/** Idle connections are closed before the peer closes them (70 s), lest it does so while a request is on its way. */
const IDLE_TIMEOUT_MS = 30_000;
const IDLE_CONNECTIONS_MAX = 256;

export interface PeerRequest {
  readonly method: string;
  readonly path: string;
  /** Names and values, one after the other, as they are sent. */
  readonly headers: readonly string[];
}

export class PeerHttp {
  readonly #agents = new Map<string, Agent>();
  readonly #onClosed: (region: string) => void;

  /** `onClosed` hears of every connection that ends, not of those that never began: a dead process is known before anybody asks it anything. */
  constructor(onClosed: (region: string) => void) {
    this.#onClosed = onClosed;
  }

  request(peer: Peer, { method, path, headers }: PeerRequest): ClientRequest {
    const { hostname, port, protocol } = new URL(peer.endpoint);
    const isTls = protocol === 'https:';
    const module = isTls ? process.getBuiltinModule('node:https') : http;
    const request = module.request({
      agent: this.#agentOf(peer.region, isTls),
      host: hostname.replaceAll(/^\[|\]$/g, ''),
      port: port === '' ? (isTls ? 443 : 80) : port,
      method,
      path,
      headers,
    });
    request.on('socket', (socket) => {
      if (request.reusedSocket) return;
      socket.setNoDelay(true);
      socket.once('connect', () => socket.once('close', () => this.#onClosed(peer.region)));
    });
    return request;
  }

  close(): void {
    for (const agent of this.#agents.values()) agent.destroy();
    this.#agents.clear();
  }

  #agentOf(region: string, isTls: boolean): Agent {
    const found = this.#agents.get(region);
    if (found !== undefined) return found;
    const options = { keepAlive: true, timeout: IDLE_TIMEOUT_MS, maxFreeSockets: IDLE_CONNECTIONS_MAX };
    const agent = isTls
      ? new (process.getBuiltinModule('node:https').Agent)(options)
      : new http.Agent(options);
    this.#agents.set(region, agent);
    return agent;
  }
}
