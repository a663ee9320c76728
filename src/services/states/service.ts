/** AWS Step Functions, Standard workflows: the table of its operations. */
import type { StatesOperations } from '../../api/states.ts';
import type { Loop } from '../../engine/loop.ts';
import type { Executions } from '../../engine/workflow/executions.ts';
import type { Machines } from '../../engine/workflow/machines.ts';
import { type HandlerTable, notImplemented, type Service } from '../service.ts';
import { createStateMachine } from './operations/create-state-machine.ts';
import { deleteStateMachine } from './operations/delete-state-machine.ts';
import { describeExecution } from './operations/describe-execution.ts';
import { describeStateMachineForExecution } from './operations/describe-state-machine-for-execution.ts';
import { describeStateMachine } from './operations/describe-state-machine.ts';
import { getExecutionHistory } from './operations/get-execution-history.ts';
import { listExecutions } from './operations/list-executions.ts';
import { listStateMachineVersions } from './operations/list-state-machine-versions.ts';
import { listStateMachines } from './operations/list-state-machines.ts';
import { listTagsForResource } from './operations/list-tags-for-resource.ts';
import { sendTaskFailure } from './operations/send-task-failure.ts';
import { sendTaskHeartbeat } from './operations/send-task-heartbeat.ts';
import { sendTaskSuccess } from './operations/send-task-success.ts';
import { startExecution } from './operations/start-execution.ts';
import { stopExecution } from './operations/stop-execution.ts';
import { tagResource } from './operations/tag-resource.ts';
import { untagResource } from './operations/untag-resource.ts';
import { updateStateMachine } from './operations/update-state-machine.ts';
import { validateStateMachineDefinition } from './operations/validate-state-machine-definition.ts';

export interface StatesDependencies {
  readonly loop: Loop;
  readonly machines: Machines;
  readonly executions: Executions;
}

export function createStatesService(dependencies: StatesDependencies): Service {
  return {
    id: 'states',
    handlers: {
      CreateActivity: notImplemented,
      CreateStateMachine: createStateMachine(dependencies),
      CreateStateMachineAlias: notImplemented,
      DeleteActivity: notImplemented,
      DeleteStateMachine: deleteStateMachine(dependencies),
      DeleteStateMachineAlias: notImplemented,
      DeleteStateMachineVersion: notImplemented,
      DescribeActivity: notImplemented,
      DescribeExecution: describeExecution(dependencies),
      DescribeMapRun: notImplemented,
      DescribeStateMachine: describeStateMachine(dependencies),
      DescribeStateMachineAlias: notImplemented,
      DescribeStateMachineForExecution: describeStateMachineForExecution(dependencies),
      GetActivityTask: notImplemented,
      GetExecutionHistory: getExecutionHistory(dependencies),
      ListActivities: notImplemented,
      ListExecutions: listExecutions(dependencies),
      ListMapRuns: notImplemented,
      ListStateMachineAliases: notImplemented,
      ListStateMachineVersions: listStateMachineVersions(dependencies),
      ListStateMachines: listStateMachines(dependencies),
      ListTagsForResource: listTagsForResource(dependencies),
      PublishStateMachineVersion: notImplemented,
      RedriveExecution: notImplemented,
      SendTaskFailure: sendTaskFailure(dependencies),
      SendTaskHeartbeat: sendTaskHeartbeat(dependencies),
      SendTaskSuccess: sendTaskSuccess(dependencies),
      StartExecution: startExecution(dependencies),
      StartSyncExecution: notImplemented,
      StopExecution: stopExecution(dependencies),
      TagResource: tagResource(dependencies),
      TestState: notImplemented,
      UntagResource: untagResource(dependencies),
      UpdateMapRun: notImplemented,
      UpdateStateMachine: updateStateMachine(dependencies),
      UpdateStateMachineAlias: notImplemented,
      ValidateStateMachineDefinition: validateStateMachineDefinition(),
    } satisfies HandlerTable<StatesOperations>,
  };
}
