/** What is stored of a global endpoint, and how it is named. */
import { formatArn, type Scope } from '../../base/arn.ts';
import { randomText } from '../../base/ids.ts';
import type { Random } from '../../base/random.ts';
import { key } from '../../storage/keys.ts';
import type { Key } from '../../storage/store.ts';
import { busArn } from '../bus/bus-record.ts';
import { KEYSPACE } from '../keyspace.ts';

/** What UpdateEndpoint can change. */
export interface EndpointSettings {
  readonly description?: string;
  /** Of replication; nobody is asked whether it may. */
  readonly roleArn?: string;
  /** The same in both regions. */
  readonly busName: string;
  /** Of the two buses, in the order in which the API was given them. */
  readonly busRegions: readonly [string, string];
  /** The region that takes the events while the primary one is unhealthy. */
  readonly secondary: string;
  /** ARN of the Route 53 health check of the primary region. */
  readonly healthCheckArn: string;
  readonly isReplicated: boolean;
}

export interface EndpointRecord extends EndpointSettings {
  /** The region whose process wrote it: not `region` when that has no process of its own. */
  readonly writer: string;
  readonly account: string;
  /** The primary region, where it was created. */
  readonly region: string;
  readonly name: string;
  /** `abcde.veo` */
  readonly id: string;
  /** Counts the changes, from 1. */
  readonly version: number;
  readonly createdAtMs: number;
  readonly modifiedAtMs: number;
}

/** Says that an endpoint without replication has left its primary region; void once either version is another. */
export interface FailoverRecord {
  readonly endpointVersion: number;
  /** Of the health check. */
  readonly checkVersion: number;
}

/** The writer comes first: two regions never write the same record. */
export function endpointKey({
  writer,
  account,
  region,
  name,
}: Pick<EndpointRecord, 'writer' | 'account' | 'region' | 'name'>): Key {
  return key(KEYSPACE.endpoint, writer, account, region, name);
}

export function failoverKey(writer: string, endpointId: string): Key {
  return key(KEYSPACE.endpointFailover, writer, endpointId);
}

export function endpointArn(endpoint: Scope & { readonly name: string }): string {
  return formatArn('events', endpoint, `endpoint/${endpoint.name}`);
}

/** The URL that its clients use, were the platform the service itself. */
export function endpointUrl(endpointId: string): string {
  return `https://${endpointId}.endpoint.events.amazonaws.com`;
}

export function endpointBusArn({ account, busName: name }: EndpointRecord, region: string): string {
  return busArn({ account, region, name });
}

export function healthCheckId({ healthCheckArn }: EndpointSettings): string {
  return healthCheckArn.slice(healthCheckArn.lastIndexOf('/') + 1);
}

/** Names may occur once in each region. */
export function endpointSortKey({ name, region }: EndpointRecord): string {
  return `${name}/${region}`;
}

const LETTERS = 'abcdefghijklmnopqrstuvwxyz012345';

/** Ten letters of 32: a billion endpoints could be made before two would get the same. */
export function newEndpointId(random: Random): string {
  return `${randomText(random, 10, LETTERS)}.veo`;
}
