/** What is stored of a bus and of a rule with its targets, and how both are named. */
import type { LogConfig, RuleState, Target } from '../../api/events.ts';
import { formatArn, type Scope } from '../../base/arn.ts';
import type { JsonObject } from '../../base/json.ts';
import { key } from '../../storage/keys.ts';
import type { Key } from '../../storage/store.ts';
import { KEYSPACE } from '../keyspace.ts';

/** Every account has this bus in every region, whether or not there is a record of it. */
export const DEFAULT_BUS = 'default';

/** Stored and described; only the policy will steer anything. */
export interface BusConfig {
  readonly description?: string;
  readonly kmsKeyIdentifier?: string;
  readonly deadLetterArn?: string;
  readonly logConfig?: LogConfig;
}

export interface BusRecord extends Scope, BusConfig {
  readonly name: string;
  /** 0 for a default bus that nobody has changed. */
  readonly createdAtMs: number;
  readonly modifiedAtMs: number;
  readonly policy?: JsonObject;
  readonly tags: Readonly<Record<string, string>>;
}

/** What PutRule sets: it replaces all of it. */
export interface RuleDefinition {
  readonly description?: string;
  readonly eventPattern?: string;
  readonly scheduleExpression?: string;
  readonly roleArn?: string;
  readonly state: RuleState;
}

export interface RuleRecord extends Scope {
  readonly busName: string;
  readonly name: string;
  readonly createdAtMs: number;
  readonly definition: RuleDefinition;
  /** As the API gave them. */
  readonly targets: readonly Target[];
  readonly tags: Readonly<Record<string, string>>;
  /** What made the rule and keeps it: a rule that its users do not change, and that is not stored. */
  readonly managedBy?: string;
}

export function busKey(scope: Scope, name: string): Key {
  return key(KEYSPACE.bus, scope.account, scope.region, name);
}

export function ruleKey(rule: Scope & { readonly busName: string; readonly name: string }): Key {
  return key(KEYSPACE.rule, rule.account, rule.region, rule.busName, rule.name);
}

export function busArn(bus: Scope & { readonly name: string }): string {
  return formatArn('events', bus, `event-bus/${bus.name}`);
}

/** Rules of the default bus do not name it. */
export function ruleArn(rule: Scope & { readonly busName: string; readonly name: string }): string {
  const path = rule.busName === DEFAULT_BUS ? rule.name : `${rule.busName}/${rule.name}`;
  return formatArn('events', rule, `rule/${path}`);
}
