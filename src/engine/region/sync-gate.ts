/**
 * What the answer to a request on a `sync` bus waits for: the peers that its events went to have them on their disks.
 * Such an answer survives the loss of a whole region.
 *
 * When a peer does not answer in time, only the holder of the lease may answer without it, after it has said so at the
 * witness: from then on the peer does not take over by itself (`lease-keeper.ts`). Everybody else answers that the
 * outcome is not known: the event is on this region's disk, and goes to the peer whenever it can be reached.
 */
import { AwsError } from '../../base/errors.ts';
import type { Loop } from '../loop.ts';
import type { PeerStreams, Sent } from './peer-streams.ts';

/** How long a request waits for peers. */
const PEER_WAIT_MS_MAX = 5000;

/** The lease, as the gate asks for it. */
export interface DegradePort {
  /** It has been said at the witness that this region acknowledges alone, and that still holds. */
  readonly isDegraded: boolean;
  /** Resolves once the witness knows that this region acknowledges alone, or when it may not. */
  mayGoOnAlone(): Promise<boolean>;
}

export interface SyncGateOptions {
  readonly loop: Loop;
  readonly streams: PeerStreams;
  /** Without one, no region goes on alone. */
  readonly lease?: DegradePort | undefined;
}

export class SyncGate {
  readonly #options: SyncGateOptions;

  constructor(options: SyncGateOptions) {
    this.#options = options;
  }

  /** Resolves when a request that sent this may be acknowledged; rejects with `ServiceUnavailable` when it may not. */
  async acknowledged(sent: Sent): Promise<void> {
    const { loop, streams, lease } = this.#options;
    if (lease?.isDegraded) return;
    const { promise: timeout, resolve } = Promise.withResolvers<'timeout'>();
    const timer = loop.timers.at(loop.clock.now() + PEER_WAIT_MS_MAX, () => resolve('timeout'));
    const acknowledgement = streams.whenAcknowledged(sent);
    try {
      const outcome = await Promise.race([acknowledgement.done, timeout]);
      if (outcome !== 'timeout') return;
    } finally {
      timer.cancel();
      acknowledgement.cancel();
    }
    if ((await lease?.mayGoOnAlone()) === true) return;
    throw new AwsError(
      'ServiceUnavailable',
      `The events are stored in this Region and have not reached ${[...sent.keys()].join(' and ')} in time. They may still be delivered.`,
      { httpStatus: 503, fault: 'server' },
    );
  }
}
