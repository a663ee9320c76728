/** What a region says of itself: its engines add members, and whoever asks gets what they are at that moment. */
import { errorMessage } from '../../base/errors.ts';

export class Reports {
  readonly #members = new Map<string, () => unknown>();

  add(member: string, read: () => unknown): void {
    this.#members.set(member, read);
  }

  /** What is undefined is left out, as in JSON. */
  read(): Readonly<Record<string, unknown>> {
    const members = [...this.#members].map(([name, read]) => [name, readOf(read)] as const);
    return Object.fromEntries(members.filter(([, value]) => value !== undefined));
  }
}

/** A member that fails is no reason for peers to take the region for dead. */
function readOf(read: () => unknown): unknown {
  try {
    return read();
  } catch (error) {
    return { error: errorMessage(error) };
  }
}
