/**
 * All buses of a region with their rules: how services and other engines reach, create and change them, how events
 * come in, and how everything comes back after a crash. The way of an event is in `ingest.ts`.
 */
import type { Target } from '../../api/events.ts';
import { parseArn, type Scope } from '../../base/arn.ts';
import type { EventView } from '../../lang/pattern/event.ts';
import { parseEvent } from '../../lang/pattern/event.ts';
import { errorMessage } from '../../base/errors.ts';
import { decodeHead, encodeRecord } from '../../storage/codec.ts';
import { key, prefixRange } from '../../storage/keys.ts';
import type { Cause } from '../cause.ts';
import { KEYSPACE } from '../keyspace.ts';
import type { Loop, Turn } from '../loop.ts';
import type { FunctionPort, WorkflowPort } from '../ports.ts';
import type { LateEvents } from '../region/late-events.ts';
import type { PeerStreams } from '../region/peer-streams.ts';
import { type DegradePort, SyncGate } from '../region/sync-gate.ts';
import type { Trace } from '../trace/trace.ts';
import { Bus } from './bus.ts';
import { type BusCounts, createBusCounts } from './bus-counts.ts';
import type { BusEvent, NewEvent } from './bus-event.ts';
import { BusLog } from './bus-log.ts';
import {
  busArn,
  busKey,
  type BusRecord,
  DEFAULT_BUS,
  type RuleDefinition,
  ruleKey,
  type RuleRecord,
} from './bus-record.ts';
import { DeadLetters } from './dead-letters.ts';
import { Deliveries } from './deliveries.ts';
import { Dispatcher } from './dispatcher.ts';
import { explainEvent, type RuleExplanation } from './explain.ts';
import { Ingest } from './ingest.ts';
import { PeerEvents } from './peer-events.ts';
import { Postponed } from './postponed.ts';
import { brokenRule, compileRule, type Rule } from './rule.ts';
import { Schedules } from './schedules.ts';
import { Tail } from './tail.ts';
import { BusTarget } from './targets/bus.ts';
import { FunctionTarget } from './targets/function.ts';
import type { TargetKinds } from './targets/kinds.ts';
import { type QueueLookup, QueueTarget } from './targets/queue.ts';
import { WorkflowTarget } from './targets/workflow.ts';

export interface BusesOptions {
  readonly loop: Loop;
  /** Made with `busLogSource` among its sources, and started before the buses. */
  readonly trace: Trace;
  readonly queues: QueueLookup;
  /** Without them, functions or state machines are refused as targets. */
  readonly functions?: FunctionPort;
  readonly workflows?: WorkflowPort;
  /** To the regions that have a process of their own. */
  readonly streams?: PeerStreams;
  /** Who acknowledges when regions cannot reach each other. */
  readonly lease?: BusLease | undefined;
  /** Of buses that do not say it by their tag. Default: `async`. */
  readonly replication?: Replication;
}

/** When a request is answered whose events go to other regions: once they are on this region's disk, or also on theirs. */
export type Replication = 'async' | 'sync';

/** How a bus says it for itself. */
const REPLICATION_TAG = 'millrace:replication';

/** The lease of the installation, as this region knows it. */
export interface BusLease extends DegradePort {
  /** It grows with each takeover. */
  readonly epoch: number;
}

export type NewBus = Omit<BusRecord, 'createdAtMs' | 'modifiedAtMs'>;

export class Buses {
  readonly kinds: TargetKinds;
  readonly tail = new Tail();
  readonly counts: BusCounts = createBusCounts();
  readonly log: BusLog;
  readonly #loop: Loop;
  readonly #byArn = new Map<string, Bus>();
  /** By the ARN of their bus, whether or not there is such a bus now. */
  readonly #managedRules = new Map<string, RuleRecord[]>();
  readonly #ingest: Ingest;
  readonly #deliveries: Deliveries;
  readonly #postponed: Postponed;
  readonly #schedules: Schedules;
  readonly #peerEvents: PeerEvents | undefined;
  readonly #streams: PeerStreams | undefined;
  readonly #gate: SyncGate | undefined;
  readonly #replication: Replication;

  constructor(options: BusesOptions) {
    const { loop, trace, queues, functions, workflows } = options;
    this.#loop = loop;
    this.log = new BusLog(loop, trace);
    this.#peerEvents = this.#createPeerEvents(options);
    const { streams, lease, replication = 'async' } = options;
    this.#streams = streams;
    this.#gate = streams && new SyncGate({ loop, streams, lease });
    this.#replication = replication;
    const lookup = {
      has: (arn: string) => this.find(arn) !== undefined,
      forward: (event: BusEvent) => this.#ingest.forward(event),
    };
    this.kinds = {
      sqs: new QueueTarget(queues),
      lambda: functions && new FunctionTarget(functions),
      states: workflows && new WorkflowTarget(workflows),
      events: new BusTarget(lookup, this.#peerEvents),
    };
    const deadLetters = new DeadLetters(queues, this.counts);
    const { kinds, counts, log, tail } = this;
    this.#deliveries = new Deliveries({ loop, kinds, deadLetters, trace, counts });
    const dispatcher = new Dispatcher({ deliveries: this.#deliveries, counts });
    const rule = (of: Scope & { busName: string; name: string }): Rule | undefined =>
      this.get(of, of.busName)?.rule(of.name);
    const postponed = new Postponed({ loop, trace, dispatcher, counts, rule });
    this.#postponed = postponed;
    const get = (scope: Scope, name: string): Bus | undefined => this.get(scope, name);
    this.#ingest = new Ingest({ log, tail, kinds, dispatcher, postponed, counts, get });
    const fire = (turn: Turn, due: Rule, event: NewEvent): string => this.#ingest.fire(turn, due, event);
    this.#schedules = new Schedules({ loop, fire, rule });
  }

  /** Reads buses, rules and waiting deliveries back, and starts the clocks of schedules and retries. */
  start(): void {
    const { store, quarantine } = this.#loop;
    quarantine.each('configuration', store.range(...prefixRange(key(KEYSPACE.bus))), ({ value }) => {
      const bus = new Bus(decodeHead<BusRecord>(value));
      this.#byArn.set(bus.arn, bus);
    });
    quarantine.each('configuration', store.range(...prefixRange(key(KEYSPACE.rule))), ({ value }) =>
      this.#recoverRule(decodeHead<RuleRecord>(value)),
    );
    this.#deliveries.start();
    this.#postponed.start();
    this.#peerEvents?.start();
  }

  close(): void {
    this.#schedules.close();
    this.#deliveries.close();
    this.#postponed.close();
    this.#peerEvents?.close();
  }

  /**
   * The bus of this name; the default bus is always there. Until something of it is stored it is made anew for whoever
   * asks: any of the accounts that callers can name has one.
   */
  get(scope: Scope, name: string): Bus | undefined {
    const { account, region } = scope;
    const bus = this.#byArn.get(busArn({ account, region, name }));
    if (bus !== undefined || name !== DEFAULT_BUS) return bus;
    return new Bus({ account, region, name, createdAtMs: 0, modifiedAtMs: 0, tags: {} });
  }

  find(arn: string): Bus | undefined {
    const bus = this.#byArn.get(arn);
    if (bus !== undefined) return bus;
    const parsed = parseArn(arn);
    return parsed?.resource === `event-bus/${DEFAULT_BUS}` ? this.get(parsed, DEFAULT_BUS) : undefined;
  }

  /** The buses of an account in a region whose name starts with `prefix`, by name. */
  list(scope: Scope, prefix = ''): Bus[] {
    const held = [...this.#byArn.values()].filter(
      ({ record }) => record.account === scope.account && record.region === scope.region,
    );
    const implicit = held.some(({ record }) => record.name === DEFAULT_BUS)
      ? undefined
      : this.get(scope, DEFAULT_BUS);
    return [...held, ...(implicit === undefined ? [] : [implicit])]
      .filter(({ record }) => record.name.startsWith(prefix))
      .toSorted((a, b) => (a.record.name < b.record.name ? -1 : 1));
  }

  /** The caller has made sure that there is no bus of that name. */
  create(turn: Turn, created: NewBus): Bus {
    const record: BusRecord = { ...created, createdAtMs: turn.now, modifiedAtMs: turn.now };
    const bus = new Bus(record);
    turn.put(busKey(record, record.name), encodeRecord(record));
    this.#byArn.set(bus.arn, bus);
    for (const rule of this.#managedRules.get(bus.arn) ?? []) bus.setRule(compileRule(rule, this.kinds));
    return bus;
  }

  /** Puts `record` in the place of the bus's own. */
  update(turn: Turn, bus: Bus, record: BusRecord): void {
    const updated = { ...record, modifiedAtMs: turn.now };
    turn.put(busKey(updated, updated.name), encodeRecord(updated));
    this.#hold(bus).reconfigure(updated);
  }

  /** The caller has made sure that it has no rules and is not the default bus. */
  delete(turn: Turn, bus: Bus): void {
    turn.delete(busKey(bus.record, bus.record.name));
    this.#byArn.delete(bus.arn);
  }

  /** Makes a rule, or replaces its definition: targets and tags stay. Throws where pattern or schedule do not compile. */
  putRule(
    turn: Turn,
    bus: Bus,
    rule: { name: string; definition: RuleDefinition; tags: RuleRecord['tags'] },
  ): Rule {
    const { account, region, name: busName } = bus.record;
    const before = bus.rule(rule.name);
    const { createdAtMs, targets, tags } = before?.record ?? {
      createdAtMs: turn.now,
      targets: [],
      tags: rule.tags,
    };
    const { name, definition } = rule;
    return this.#setRule(turn, bus, {
      account,
      region,
      busName,
      name,
      createdAtMs,
      definition,
      targets,
      tags,
    });
  }

  /** Changes targets, tags or state of a rule. */
  updateRule(
    turn: Turn,
    bus: Bus,
    rule: Rule,
    change: Partial<Pick<RuleRecord, 'targets' | 'tags' | 'definition'>>,
  ): Rule {
    return this.#setRule(turn, bus, { ...rule.record, ...change });
  }

  deleteRule(turn: Turn, bus: Bus, rule: Rule): void {
    turn.delete(ruleKey(rule.record));
    if (rule.schedule !== undefined) this.#schedules.delete(turn, rule);
    bus.deleteRule(rule.record.name);
  }

  /** Makes a rule that belongs to something else and lasts as long as that is remembered: nothing of it is stored. */
  putManagedRule(record: RuleRecord): void {
    const { account, region, busName } = record;
    const arn = busArn({ account, region, name: busName });
    const others = (this.#managedRules.get(arn) ?? []).filter(({ name }) => name !== record.name);
    this.#managedRules.set(arn, [...others, record]);
    const bus = this.get(record, busName);
    if (bus !== undefined) this.#hold(bus).setRule(compileRule(record, this.kinds));
  }

  deleteManagedRule({ account, region, busName, name: ruleName }: RuleRecord): void {
    const arn = busArn({ account, region, name: busName });
    const others = (this.#managedRules.get(arn) ?? []).filter(({ name }) => name !== ruleName);
    if (others.length > 0) this.#managedRules.set(arn, others);
    else this.#managedRules.delete(arn);
    this.#byArn.get(arn)?.deleteRule(ruleName);
  }

  /** The rules of a bus that have `targetArn` among their targets, by name. */
  rulesByTarget(bus: Bus, targetArn: string): Rule[] {
    return bus
      .rules()
      .filter(({ record }) => record.targets.some(({ Arn: arn }: Target) => arn === targetArn));
  }

  /** Takes events in, in the caller's commit; answers their ids in the order of the events. */
  put(turn: Turn, events: readonly NewEvent[], cause: Cause | undefined): string[] {
    return this.#ingest.put(turn, events, cause);
  }

  /** Takes in events that may come, or have come, to their bus by another way too: those that it has are left out. */
  putOnce(turn: Turn, events: readonly (NewEvent & { readonly id: string })[], cause: Cause): void {
    const isNew = ({ id, scope, busName: name }: NewEvent & { readonly id: string }): boolean =>
      this.#peerEvents?.isNew(turn, busArn({ ...scope, name }), id) ?? true;
    const fresh = events.filter(isNew);
    if (fresh.length > 0) this.#ingest.put(turn, fresh, cause);
  }

  /**
   * What the answer to a request has to wait for that has put these events in `turn`, besides this region's disk. To be
   * called after the turn.
   */
  replicated(turn: Turn, events: readonly NewEvent[]): (() => Promise<void>) | undefined {
    const sent = this.#streams?.sentBy(turn);
    const gate = this.#gate;
    if (sent === undefined || gate === undefined) return undefined;
    const isSync = events.some(({ scope, busName }) => this.#isSync(this.get(scope, busName)));
    return isSync ? () => gate.acknowledged(sent) : undefined;
  }

  #isSync(bus: Bus | undefined): boolean {
    return (bus?.record.tags[REPLICATION_TAG] ?? this.#replication) === 'sync';
  }

  /**
   * Says of each rule of the bus why it matched the event or did not, by the rules as they are now. An event is given
   * as a view, or by the id of one that the log still has: `undefined` when there is none.
   */
  async explain(
    event: string | { readonly bus: Bus; readonly view: EventView },
  ): Promise<RuleExplanation[] | undefined> {
    if (typeof event !== 'string') return explainEvent(event.bus, event.view);
    const logged = await this.log.find(event);
    const bus = logged && this.get(logged, logged.bus);
    return logged && (bus === undefined ? [] : explainEvent(bus, parseEvent(logged.text)));
  }

  /** Deliveries that failed and wait for their next attempt. */
  get waitingDeliveryCount(): number {
    return this.#deliveries.waitingCount;
  }

  /** Events that came from other regions long after they were sent; undefined where there are no others. */
  get late(): LateEvents | undefined {
    return this.#peerEvents?.late;
  }

  #createPeerEvents({ loop, trace, streams, lease }: BusesOptions): PeerEvents | undefined {
    if (streams === undefined || streams.peers.length === 0) return undefined;
    return new PeerEvents({
      loop,
      trace,
      streams,
      epoch: () => lease?.epoch ?? 0,
      deliveries: () => this.#deliveries,
      find: (arn) => this.find(arn),
      take: (turn, event) => this.#ingest.arrive(turn, event),
    });
  }

  #setRule(turn: Turn, bus: Bus, record: RuleRecord): Rule {
    const rule = compileRule(record, this.kinds);
    const held = this.#hold(bus);
    const before = held.rule(record.name);
    turn.put(ruleKey(record), encodeRecord(record));
    this.#schedules.set(turn, rule, before);
    held.setRule(rule);
    return rule;
  }

  /** Keeps a bus of which something is stored: the one that is in memory, should it have been kept meanwhile. */
  #hold(bus: Bus): Bus {
    const held = this.#byArn.get(bus.arn) ?? bus;
    this.#byArn.set(bus.arn, held);
    return held;
  }

  #recoverRule(record: RuleRecord): void {
    const found = this.get(record, record.busName);
    if (found === undefined) return;
    const bus = this.#hold(found);
    try {
      const rule = compileRule(record, this.kinds);
      bus.setRule(rule);
      this.#schedules.restore(rule);
    } catch (error) {
      this.#loop.log.error({ rule: record.name, error: errorMessage(error) }, 'a rule no longer compiles');
      bus.setRule(brokenRule(record));
    }
  }
}
