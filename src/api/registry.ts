/**
 * The services that Millrace knows, each loaded when it is first called: the ten models together are over half a
 * megabyte of source, and a region that starts must not pay for what nobody uses.
 *
 * To add a service: put its model in `models/`, add one line here, run `node scripts/generate-api.ts`.
 */
import type { ServiceModel } from './model.ts';

export interface RegistryEntry {
  /** The file in `models/`, without `.json`. */
  readonly source: string;
  readonly load: () => Promise<{ readonly model: ServiceModel }>;
}

export const registry = {
  sqs: { source: 'sqs', load: () => import('./sqs.ts') },
  events: { source: 'events', load: () => import('./events.ts') },
  pipes: { source: 'pipes', load: () => import('./pipes.ts') },
  lambda: { source: 'lambda', load: () => import('./lambda.ts') },
  states: { source: 'stepfunctions', load: () => import('./states.ts') },
  dynamodb: { source: 'dynamodb', load: () => import('./dynamodb.ts') },
  logs: { source: 'logs', load: () => import('./logs.ts') },
  iam: { source: 'iam', load: () => import('./iam.ts') },
  sts: { source: 'sts', load: () => import('./sts.ts') },
  route53: { source: 'route53', load: () => import('./route53.ts') },
} as const satisfies Record<string, RegistryEntry>;

export type ServiceId = keyof typeof registry;

export const serviceIds = Object.keys(registry) as readonly ServiceId[];
