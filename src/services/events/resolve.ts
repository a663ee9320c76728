/** From the names and ARNs of a request to the buses and rules that they mean. */
import { parseArn, type Scope } from '../../base/arn.ts';
import type { Bus } from '../../engine/bus/bus.ts';
import type { Buses } from '../../engine/bus/buses.ts';
import { DEFAULT_BUS } from '../../engine/bus/bus-record.ts';
import type { Rule } from '../../engine/bus/rule.ts';
import type { Call } from '../service.ts';
import { busDoesNotExist, resourceDoesNotExist, ruleDoesNotExist, ruleIsManaged } from './errors.ts';

const BUS_PATH = 'event-bus/';
const RULE_PATH = 'rule/';

export interface BusAddress {
  readonly scope: Scope;
  readonly busName: string;
}

/** What a bus name or ARN means to this caller. A bus is reached in the caller's region alone. */
export function busAddress(call: Call, nameOrArn: string = DEFAULT_BUS): BusAddress {
  const { scope } = call;
  if (!nameOrArn.startsWith('arn:')) return { scope, busName: nameOrArn };
  const arn = parseArn(nameOrArn);
  if (arn?.region !== scope.region || !arn.resource.startsWith(BUS_PATH))
    return { scope, busName: nameOrArn };
  return {
    scope: { account: arn.account, region: arn.region },
    busName: arn.resource.slice(BUS_PATH.length),
  };
}

export function requireBus(buses: Buses, call: Call, nameOrArn?: string): Bus {
  const { scope, busName } = busAddress(call, nameOrArn);
  const bus = buses.get(scope, busName);
  if (bus === undefined) throw busDoesNotExist(busName);
  return bus;
}

export function requireRule(bus: Bus, name: string): Rule {
  const rule = bus.rule(name);
  if (rule === undefined) throw ruleDoesNotExist(name, bus.record.name);
  return rule;
}

/** Throws when the rule belongs to something else, which alone changes it. */
export function requireUnmanaged(rule: Rule | undefined): void {
  const { managedBy, name = '' } = rule?.record ?? {};
  if (managedBy !== undefined) throw ruleIsManaged(name, managedBy);
}

/** A rule that its users may change. */
export function requireOwnRule(bus: Bus, name: string): Rule {
  const rule = requireRule(bus, name);
  requireUnmanaged(rule);
  return rule;
}

/** The bus, or the rule and its bus, that an ARN names: what can be tagged. */
export function requireResource(buses: Buses, call: Call, arn: string): { bus: Bus; rule: Rule | undefined } {
  const resource = parseArn(arn)?.resource ?? '';
  if (resource.startsWith(BUS_PATH)) return { bus: requireBus(buses, call, arn), rule: undefined };
  if (!resource.startsWith(RULE_PATH)) throw resourceDoesNotExist(arn);
  // Names of rules have no slash in them, names of buses may: the last slash divides.
  const path = resource.slice(RULE_PATH.length);
  const slash = path.lastIndexOf('/');
  const bus = requireBus(buses, call, slash === -1 ? DEFAULT_BUS : path.slice(0, slash));
  return { bus, rule: requireRule(bus, path.slice(slash + 1)) };
}
