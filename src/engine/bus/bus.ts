/** One bus in memory: its record, its rules, and the index that finds the rules of an event. */
import { PatternIndex } from '../../lang/pattern/matcher.ts';
import type { EventView } from '../../lang/pattern/event.ts';
import { busArn, type BusRecord } from './bus-record.ts';
import { isEnabled, type Rule } from './rule.ts';

export class Bus {
  #record: BusRecord;
  readonly #rules = new Map<string, Rule>();
  readonly #index = new PatternIndex();

  constructor(record: BusRecord) {
    this.#record = record;
  }

  get record(): BusRecord {
    return this.#record;
  }

  get arn(): string {
    return busArn(this.#record);
  }

  get ruleCount(): number {
    return this.#rules.size;
  }

  /** The caller has put the record into its turn. */
  reconfigure(record: BusRecord): void {
    this.#record = record;
  }

  rule(name: string): Rule | undefined {
    return this.#rules.get(name);
  }

  /** The rules whose name starts with `prefix`, by name. */
  rules(prefix = ''): Rule[] {
    return [...this.#rules.values()]
      .filter(({ record }) => record.name.startsWith(prefix))
      .toSorted((a, b) => (a.record.name < b.record.name ? -1 : 1));
  }

  setRule(rule: Rule): void {
    const { name } = rule.record;
    const before = this.#rules.get(name);
    this.#rules.set(name, rule);
    if (rule.pattern === undefined || !isEnabled(rule)) this.#index.delete(name);
    else if (before?.pattern !== rule.pattern || !isEnabled(before)) this.#index.add(name, rule.pattern);
  }

  deleteRule(name: string): void {
    this.#rules.delete(name);
    this.#index.delete(name);
  }

  /** The enabled rules whose pattern the event matches. */
  match(event: EventView): Rule[] {
    const matched: Rule[] = [];
    for (const name of this.#index.match(event)) {
      const rule = this.#rules.get(name);
      if (rule !== undefined) matched.push(rule);
    }
    return matched;
  }
}
