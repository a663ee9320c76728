/**
 * How much each source may ask over UDP, where a source is only claimed: a server that answers everybody at any rate
 * can be made to flood somebody else. Beyond its share every second question is answered with "come again over TCP",
 * which only a true source can do, and the others with silence (as in response rate limiting of name servers).
 */
import { isIPv6 } from 'node:net';

export interface SourceLimitOptions {
  /** Questions per second and source. */
  readonly perSecond: number;
  /** Sources told apart at the same time; further ones share one allowance. */
  readonly sourcesMax: number;
}

export type Verdict = 'answer' | 'truncate' | 'drop';

const LOOPBACK = /^(127\.|::1$|::ffff:127\.)/;
const OTHERS = 'others';

export class SourceLimits {
  readonly #options: SourceLimitOptions;
  readonly #counts = new Map<string, number>();
  #second = -1;

  constructor(options: SourceLimitOptions) {
    this.#options = options;
  }

  /** `nowMs` never goes back. What is on this machine is not limited: nobody can claim its addresses from outside. */
  judge(address: string, nowMs: number): Verdict {
    if (LOOPBACK.test(address)) return 'answer';
    const second = Math.floor(nowMs / 1000);
    if (second !== this.#second) {
      this.#second = second;
      this.#counts.clear();
    }
    let source = isIPv6(address) ? networkOf(address) : address;
    if (!this.#counts.has(source) && this.#counts.size >= this.#options.sourcesMax) source = OTHERS;
    const count = (this.#counts.get(source) ?? 0) + 1;
    this.#counts.set(source, count);
    if (count <= this.#options.perSecond) return 'answer';
    return count % 2 === 0 ? 'truncate' : 'drop';
  }
}

/** One subscriber has a whole /64: the first four groups, as far as they are written out. */
function networkOf(address: string): string {
  const [head = ''] = address.split('::');
  return head.split(':').slice(0, 4).join(':');
}
