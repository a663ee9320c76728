/**
 * The seam between the sockets and what passes requests on to other processes (`src/installation/forwarding.ts`):
 * where a request belongs is decided by its head, before its body is read. A server without peers has none of this.
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AwsError } from '../base/errors.ts';
import type { WireRequest } from './dispatch.ts';

/** The head of a request. */
export type RequestHead = Pick<WireRequest, 'method' | 'url' | 'headers' | 'remoteAddress' | 'isEncrypted'>;

/** A request that another process has passed on to this one: what it knows of its client. */
export interface Received {
  readonly kind: 'received';
  readonly isEncrypted: boolean;
  readonly remoteAddress: string | undefined;
}

/** A request for another process. */
export interface PassedOn {
  readonly kind: 'passed-on';
  /** Takes the request over, body and answer; calls `refuse` where nothing has been answered yet and nothing will be. */
  send(message: IncomingMessage, response: ServerResponse, refuse: (error: AwsError) => void): void;
}

export interface Forwarder {
  /** Undefined for a client's request that belongs here. Throws an `AwsError` for one that nobody may send. */
  find(request: RequestHead): Received | PassedOn | undefined;
}
