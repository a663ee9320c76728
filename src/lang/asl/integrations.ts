/**
 * What the Resource of a Task may name. Lists which services and actions AWS integrates, so that a name that AWS
 * does not know is refused in its words, and one that Millrace does not have yet is refused as not implemented.
 */
import { parseArn } from '../../base/arn.ts';

interface Integration {
  /** Actions that answer at once. */
  readonly actions: readonly string[];
  /** Those that may end in `.sync`. */
  readonly sync?: readonly string[];
  /** Those that may end in `.waitForTaskToken`. */
  readonly token?: readonly string[];
}

/** https://docs.aws.amazon.com/step-functions/latest/dg/integrate-optimized.html */
const OPTIMIZED: ReadonlyMap<string, Integration> = new Map<string, Integration>([
  ['apigateway', { actions: ['invoke'], token: ['invoke'] }],
  [
    'athena',
    {
      actions: ['startQueryExecution', 'stopQueryExecution', 'getQueryExecution', 'getQueryResults'],
      sync: ['startQueryExecution'],
    },
  ],
  ['batch', { actions: ['submitJob'], sync: ['submitJob'] }],
  [
    'bedrock',
    {
      actions: ['invokeModel', 'createModelCustomizationJob'],
      sync: ['createModelCustomizationJob'],
      token: ['invokeModel'],
    },
  ],
  [
    'codebuild',
    {
      actions: ['startBuild', 'stopBuild', 'batchDeleteBuilds', 'batchGetReports', 'startBuildBatch'],
      sync: ['startBuild', 'startBuildBatch'],
    },
  ],
  ['dynamodb', { actions: ['getItem', 'putItem', 'deleteItem', 'updateItem'] }],
  ['ecs', { actions: ['runTask'], sync: ['runTask'], token: ['runTask'] }],
  [
    'eks',
    { actions: ['call', 'runJob', 'createCluster', 'deleteCluster'], sync: ['runJob', 'createCluster'] },
  ],
  [
    'elasticmapreduce',
    {
      actions: ['createCluster', 'terminateCluster', 'addStep', 'cancelStep'],
      sync: ['createCluster', 'terminateCluster', 'addStep'],
    },
  ],
  ['emr-containers', { actions: ['startJobRun', 'createVirtualCluster'], sync: ['startJobRun'] }],
  ['emr-serverless', { actions: ['startJobRun', 'startApplication'], sync: ['startJobRun'] }],
  ['events', { actions: ['putEvents'], token: ['putEvents'] }],
  ['glue', { actions: ['startJobRun'], sync: ['startJobRun'] }],
  ['databrew', { actions: ['startJobRun'], sync: ['startJobRun'] }],
  ['http', { actions: ['invoke'] }],
  ['lambda', { actions: ['invoke'], token: ['invoke'] }],
  ['mediaconvert', { actions: ['createJob'], sync: ['createJob'] }],
  [
    'sagemaker',
    {
      actions: ['createTrainingJob', 'createTransformJob'],
      sync: ['createTrainingJob', 'createTransformJob'],
    },
  ],
  ['sns', { actions: ['publish'], token: ['publish'] }],
  ['sqs', { actions: ['sendMessage'], token: ['sendMessage'] }],
  ['states', { actions: ['startExecution'], sync: ['startExecution'], token: ['startExecution'] }],
]);

/** Actions that Millrace performs, as `service:action`. */
const IMPLEMENTED: ReadonlySet<string> = new Set([
  'dynamodb:deleteItem',
  'dynamodb:getItem',
  'dynamodb:putItem',
  'dynamodb:updateItem',
  'events:putEvents',
  'lambda:invoke',
  'sqs:sendMessage',
  'states:startExecution',
  'aws-sdk:dynamodb:batchGetItem',
  'aws-sdk:dynamodb:batchWriteItem',
  'aws-sdk:dynamodb:deleteItem',
  'aws-sdk:dynamodb:describeTable',
  'aws-sdk:dynamodb:getItem',
  'aws-sdk:dynamodb:putItem',
  'aws-sdk:dynamodb:query',
  'aws-sdk:dynamodb:scan',
  'aws-sdk:dynamodb:transactGetItems',
  'aws-sdk:dynamodb:transactWriteItems',
  'aws-sdk:dynamodb:updateItem',
  'aws-sdk:eventbridge:putEvents',
  'aws-sdk:sfn:describeExecution',
  'aws-sdk:sfn:describeStateMachine',
  'aws-sdk:sfn:sendTaskFailure',
  'aws-sdk:sfn:sendTaskHeartbeat',
  'aws-sdk:sfn:sendTaskSuccess',
  'aws-sdk:sfn:startExecution',
  'aws-sdk:sfn:stopExecution',
  'aws-sdk:sqs:deleteMessage',
  'aws-sdk:sqs:getQueueAttributes',
  'aws-sdk:sqs:getQueueUrl',
  'aws-sdk:sqs:sendMessage',
  'aws-sdk:sqs:sendMessageBatch',
]);

/** Those of them that it performs with `.sync` and `.sync:2`. */
const IMPLEMENTED_SYNC: ReadonlySet<string> = new Set(['states:startExecution']);

type Suffix = '' | '.sync' | '.sync:2' | '.waitForTaskToken';

export type ResourceReading =
  | { readonly kind: 'function' }
  | { readonly kind: 'activity' }
  | {
      readonly kind: 'integration';
      readonly service: string;
      readonly action: string;
      readonly suffix: Suffix;
      readonly isImplemented: boolean;
    };

const SUFFIX = /\.(?:sync|sync:2|waitForTaskToken)$/;

/** What a Resource names, or `undefined` when AWS does not know it. */
export function readResource(resource: string): ResourceReading | undefined {
  const arn = parseArn(resource);
  if (arn === undefined) return undefined;
  if (arn.service === 'lambda')
    return arn.resource.startsWith('function:') ? { kind: 'function' } : undefined;
  if (arn.service !== 'states') return undefined;
  if (arn.resource.startsWith('activity:')) return { kind: 'activity' };
  return arn.account === '' ? readIntegration(arn.resource) : undefined;
}

function readIntegration(resource: string): ResourceReading | undefined {
  const suffix = (SUFFIX.exec(resource)?.[0] ?? '') as Suffix;
  const name = resource.slice(0, resource.length - suffix.length);
  const isSdk = name.startsWith('aws-sdk:');
  const separator = name.lastIndexOf(':');
  const service = name.slice(0, Math.max(0, separator));
  const action = name.slice(separator + 1);
  if (!isSdk && !isKnown(OPTIMIZED.get(service), action, suffix)) return undefined;
  if (isSdk && (service.length <= 'aws-sdk:'.length || action === '' || suffix.startsWith('.sync')))
    return undefined;
  const isImplemented = (suffix.startsWith('.sync') ? IMPLEMENTED_SYNC : IMPLEMENTED).has(name);
  return { kind: 'integration', service, action, suffix, isImplemented };
}

function isKnown(integration: Integration | undefined, action: string, suffix: Suffix): boolean {
  if (integration === undefined) return false;
  if (suffix === '') return integration.actions.includes(action);
  const actions = suffix === '.waitForTaskToken' ? integration.token : integration.sync;
  return actions?.includes(action) ?? false;
}
