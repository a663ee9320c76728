/** Resource policies: one for the function and one for each qualifier that was given permissions. */
import type { FunctionPolicy, FunctionRecord } from '../../engine/function/function-record.ts';

export function policyOf(
  { policies }: FunctionRecord,
  qualifier: string | undefined,
): FunctionPolicy | undefined {
  const name = qualifier ?? '';
  return Object.hasOwn(policies, name) ? policies[name] : undefined;
}
