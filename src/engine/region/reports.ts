/** What a region says of itself: its engines add members, and whoever asks gets what they are at that moment. */
export class Reports {
  readonly #members = new Map<string, () => unknown>();

  add(member: string, read: () => unknown): void {
    this.#members.set(member, read);
  }

  /** What is undefined is left out, as in JSON. */
  read(): Readonly<Record<string, unknown>> {
    const members = [...this.#members].map(([name, read]) => [name, read()] as const);
    return Object.fromEntries(members.filter(([, value]) => value !== undefined));
  }
}
