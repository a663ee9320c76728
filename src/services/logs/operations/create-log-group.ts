import type { CreateLogGroupRequest } from '../../../api/logs.ts';
import { notImplementedError } from '../../../base/errors.ts';
import { groupAlreadyExists } from '../errors.ts';
import type { Handler } from '../../service.ts';
import type { LogsDependencies } from '../service.ts';

export function createLogGroup({ logs }: LogsDependencies): Handler<CreateLogGroupRequest, void> {
  return (input, call) => {
    if (input.kmsKeyId !== undefined) throw notImplementedError('A log group encrypted with a key of KMS');
    if (input.deletionProtectionEnabled === true)
      throw notImplementedError('Deletion protection of log groups');
    if (input.logGroupClass !== undefined && input.logGroupClass !== 'STANDARD') {
      throw notImplementedError(`The log group class ${input.logGroupClass}`);
    }
    const { logGroupName: name, tags = {} } = input;
    const { account, region } = call.scope;
    logs.flush();
    if (logs.get(call.scope, name) !== undefined) throw groupAlreadyExists();
    call.turn((turn) => logs.putGroup(turn, { account, region, name, createdAtMs: turn.now, tags }));
  };
}
