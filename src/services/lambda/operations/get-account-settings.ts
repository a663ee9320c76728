import type { GetAccountSettingsRequest, GetAccountSettingsResponse } from '../../../api/lambda.ts';
import * as limits from '../limits.ts';
import type { Handler } from '../../service.ts';
import type { LambdaDependencies } from '../service.ts';

export function getAccountSettings({
  functions,
}: LambdaDependencies): Handler<GetAccountSettingsRequest, GetAccountSettingsResponse> {
  return (_input, call) => {
    const entries = functions.list(call.scope);
    const versions = entries.flatMap((entry) => [entry.record.latest, ...entry.versions.values()]);
    const reserved = entries.reduce((sum, { record }) => sum + (record.reservedConcurrency ?? 0), 0);
    return {
      AccountLimit: {
        TotalCodeSize: limits.CODE_STORAGE_SIZE_BYTES_MAX,
        CodeSizeUnzipped: limits.UNZIPPED_SIZE_BYTES_MAX,
        CodeSizeZipped: limits.ZIPPED_SIZE_BYTES_MAX,
        ConcurrentExecutions: limits.CONCURRENT_EXECUTIONS,
        UnreservedConcurrentExecutions: limits.CONCURRENT_EXECUTIONS - reserved,
      },
      AccountUsage: {
        FunctionCount: entries.length,
        TotalCodeSize: versions.reduce((sum, { code }) => sum + code.sizeBytes, 0),
      },
    };
  };
}
