/**
 * Whether a peer is alive, judged by what became of the signs of life that it was asked for. A refused connection says
 * that its process is gone; silence can be a long pause, so it takes a few of them.
 *
 *     unknown -> up (answered) -> down (refused, or silent three times) -> up (answered)
 */
import type { PeerStatus } from '../engine/region/ports.ts';

export type PingOutcome = 'answered' | 'refused' | 'silent';

const SILENCES_MAX = 3;

export class Liveness {
  #status: PeerStatus = 'unknown';
  #silenceCount = 0;

  get status(): PeerStatus {
    return this.#status;
  }

  /** True when it changes the status. */
  take(outcome: PingOutcome): boolean {
    const before = this.#status;
    if (outcome === 'answered') {
      this.#silenceCount = 0;
      this.#status = 'up';
    } else {
      this.#silenceCount += 1;
      if (outcome === 'refused' || this.#silenceCount >= SILENCES_MAX) this.#status = 'down';
    }
    return this.#status !== before;
  }
}
