/** AWS Lambda: the table of its operations. */
import type { LambdaOperations } from '../../api/lambda.ts';
import type { Functions } from '../../engine/function/functions.ts';
import type { HandlerTable, Service } from '../service.ts';
import { NOT_BUILT } from './not-built.ts';
import { addPermission } from './operations/add-permission.ts';
import { createAlias } from './operations/create-alias.ts';
import { createFunctionUrlConfig } from './operations/create-function-url-config.ts';
import { createFunction } from './operations/create-function.ts';
import { deleteAlias } from './operations/delete-alias.ts';
import { deleteFunctionConcurrency } from './operations/delete-function-concurrency.ts';
import { deleteFunctionUrlConfig } from './operations/delete-function-url-config.ts';
import { deleteFunction } from './operations/delete-function.ts';
import { getAccountSettings } from './operations/get-account-settings.ts';
import { getAlias } from './operations/get-alias.ts';
import { getFunctionCodeSigningConfig } from './operations/get-function-code-signing-config.ts';
import { getFunctionConcurrency } from './operations/get-function-concurrency.ts';
import { getFunctionConfiguration } from './operations/get-function-configuration.ts';
import { getFunctionRecursionConfig } from './operations/get-function-recursion-config.ts';
import { getFunctionUrlConfig } from './operations/get-function-url-config.ts';
import { getFunction } from './operations/get-function.ts';
import { getPolicy } from './operations/get-policy.ts';
import { invoke } from './operations/invoke.ts';
import { listAliases } from './operations/list-aliases.ts';
import { listFunctionUrlConfigs } from './operations/list-function-url-configs.ts';
import { listFunctions } from './operations/list-functions.ts';
import { listTags } from './operations/list-tags.ts';
import { listVersionsByFunction } from './operations/list-versions-by-function.ts';
import { publishVersion } from './operations/publish-version.ts';
import { putFunctionConcurrency } from './operations/put-function-concurrency.ts';
import { removePermission } from './operations/remove-permission.ts';
import { tagResource } from './operations/tag-resource.ts';
import { untagResource } from './operations/untag-resource.ts';
import { updateAlias } from './operations/update-alias.ts';
import { updateFunctionCode } from './operations/update-function-code.ts';
import { updateFunctionConfiguration } from './operations/update-function-configuration.ts';
import { updateFunctionUrlConfig } from './operations/update-function-url-config.ts';

export interface LambdaDependencies {
  readonly functions: Functions;
}

export function createLambdaService(dependencies: LambdaDependencies): Service {
  return {
    id: 'lambda',
    handlers: {
      AddPermission: addPermission(dependencies),
      CreateAlias: createAlias(dependencies),
      CreateFunction: createFunction(dependencies),
      CreateFunctionUrlConfig: createFunctionUrlConfig(dependencies),
      DeleteAlias: deleteAlias(dependencies),
      DeleteFunction: deleteFunction(dependencies),
      DeleteFunctionConcurrency: deleteFunctionConcurrency(dependencies),
      DeleteFunctionUrlConfig: deleteFunctionUrlConfig(dependencies),
      GetAccountSettings: getAccountSettings(dependencies),
      GetAlias: getAlias(dependencies),
      GetFunction: getFunction(dependencies),
      GetFunctionCodeSigningConfig: getFunctionCodeSigningConfig(dependencies),
      GetFunctionConcurrency: getFunctionConcurrency(dependencies),
      GetFunctionConfiguration: getFunctionConfiguration(dependencies),
      GetFunctionRecursionConfig: getFunctionRecursionConfig(dependencies),
      GetFunctionUrlConfig: getFunctionUrlConfig(dependencies),
      GetPolicy: getPolicy(dependencies),
      Invoke: invoke(dependencies),
      ListAliases: listAliases(dependencies),
      ListFunctionUrlConfigs: listFunctionUrlConfigs(dependencies),
      ListFunctions: listFunctions(dependencies),
      ListTags: listTags(dependencies),
      ListVersionsByFunction: listVersionsByFunction(dependencies),
      PublishVersion: publishVersion(dependencies),
      PutFunctionConcurrency: putFunctionConcurrency(dependencies),
      RemovePermission: removePermission(dependencies),
      TagResource: tagResource(dependencies),
      UntagResource: untagResource(dependencies),
      UpdateAlias: updateAlias(dependencies),
      UpdateFunctionCode: updateFunctionCode(dependencies),
      UpdateFunctionConfiguration: updateFunctionConfiguration(dependencies),
      UpdateFunctionUrlConfig: updateFunctionUrlConfig(dependencies),
      ...NOT_BUILT,
    } satisfies HandlerTable<LambdaOperations>,
  };
}
