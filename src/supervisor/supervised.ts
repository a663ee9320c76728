/**
 * A region process's side of the channel to its supervisor: it ends with it, tells it when it answers, and passes on
 * what operators ask of it.
 */
import type { SupervisedState } from '../installation/health.ts';
import type { SupervisorPort } from '../installation/supervisor-port.ts';
import type { WitnessCallName } from '../witness/witness-calls.ts';
import type { Command, ToRegion, ToSupervisor } from './messages.ts';

/** What is asked, before it has its number. */
type Question =
  | { readonly kind: 'ask'; readonly command: Command; readonly region: string }
  | { readonly kind: 'witness'; readonly name: WitnessCallName; readonly body: unknown };

export class Supervised implements SupervisorPort {
  #states: Readonly<Record<string, SupervisedState>> = {};
  readonly #asked = new Map<number, PromiseWithResolvers<unknown>>();
  #askedCount = 0;

  /** From now on this process ends when the channel closes, as it does when the supervisor is gone, whatever ended it. */
  constructor() {
    const end = (): boolean => process.kill(process.pid, 'SIGKILL');
    process.on('disconnect', end);
    process.on('message', (message) => this.#hear(message as ToRegion));
    // A terminal sends these to all processes in it; the supervisor stops its regions in an order of its own.
    for (const signal of ['SIGINT', 'SIGHUP'] as const) process.on(signal, () => undefined);
    if (!process.connected) end();
  }

  ready(): void {
    this.#say({ kind: 'ready' });
  }

  stateOf(region: string): SupervisedState | undefined {
    return Object.hasOwn(this.#states, region) ? this.#states[region] : undefined;
  }

  async fail(region: string): Promise<void> {
    await this.#ask({ kind: 'ask', command: 'fail', region });
  }

  async restore(region: string): Promise<void> {
    await this.#ask({ kind: 'ask', command: 'restore', region });
  }

  askWitness(name: WitnessCallName, body: unknown): Promise<unknown> {
    return this.#ask({ kind: 'witness', name, body });
  }

  #ask(question: Question): Promise<unknown> {
    this.#askedCount += 1;
    const id = this.#askedCount;
    const asked = Promise.withResolvers<unknown>();
    this.#asked.set(id, asked);
    this.#say({ ...question, id });
    return asked.promise;
  }

  #hear(message: ToRegion): void {
    if (message.kind === 'states') {
      this.#states = message.states;
      return;
    }
    const asked = this.#asked.get(message.id);
    this.#asked.delete(message.id);
    if (message.error === undefined) asked?.resolve(message.answer);
    else asked?.reject(new Error(message.error));
  }

  #say(message: ToSupervisor): void {
    process.send?.(message);
  }
}
