import type { InvocationRequest, InvocationResponse } from '../../../api/lambda.ts';
import { AwsError, errorMessage, notImplementedError } from '../../../base/errors.ts';
import { parseJson } from '../../../base/json.ts';
import type { Cause } from '../../../engine/cause.ts';
import { functionArn } from '../../../engine/function/function-record.ts';
import { diskIsFull, invalidRequestContent } from '../errors.ts';
import { requireFunction } from '../resolve.ts';
import type { Handler } from '../../service.ts';
import type { LambdaDependencies } from '../service.ts';

export function invoke({ functions }: LambdaDependencies): Handler<InvocationRequest, InvocationResponse> {
  return async (input, call) => {
    if (input.DurableExecutionName !== undefined) throw notImplementedError('A durable execution');
    if (input.TenantId !== undefined) throw notImplementedError('Tenant isolation');
    const found = requireFunction(functions, call.scope, input.FunctionName, input.Qualifier);
    const { entry, qualifier } = found;
    call.readAt(entry.position);
    if (input.InvocationType === 'DryRun') return { StatusCode: 204 };
    const payloadText = toPayloadText(input.Payload);
    const cause: Cause = { kind: 'request', id: call.requestId };
    const arn = functionArn(entry.record, qualifier);
    if (input.InvocationType === 'Event') {
      if (!functions.acceptsWrites) throw diskIsFull();
      const { requestId } = call;
      call.turn((turn) => functions.enqueueAsync(turn, { functionArn: arn, payloadText, cause, requestId }));
      return { StatusCode: 202 };
    }
    const answer = await functions.invoke({
      functionArn: arn,
      payloadText,
      cause,
      requestId: call.requestId,
      clientContext: input.ClientContext,
      wantsLogTail: input.LogType === 'Tail',
    });
    return {
      StatusCode: 200,
      ExecutedVersion: answer.executedVersion,
      Payload: Buffer.from(answer.payloadText),
      ...(answer.functionError === undefined ? {} : { FunctionError: answer.functionError }),
      ...(answer.logTail === undefined ? {} : { LogResult: answer.logTail }),
    };
  };
}

/** No payload at all is an empty event. */
function toPayloadText(payload: Uint8Array | undefined): string {
  if (payload === undefined || payload.length === 0) return '{}';
  const text = Buffer.from(payload.buffer, payload.byteOffset, payload.byteLength).toString();
  try {
    parseJson(text);
  } catch (error) {
    const reason = error instanceof AwsError ? error.message : errorMessage(error);
    throw invalidRequestContent(`Could not parse request body into json: ${reason}`);
  }
  return text;
}
