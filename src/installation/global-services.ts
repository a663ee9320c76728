/**
 * Services that an account has once, whatever region is signed for: written at home, read everywhere. Their requests
 * are looked at when the operation is known, which for the Query protocol is in the body.
 */
import type { ServiceId } from '../api/registry.ts';

/** By the name that they are signed with. */
export const GLOBAL_SIGNING_NAMES: ReadonlySet<string> = new Set(['iam', 'sts', 'route53']);

const READ_PREFIXES: readonly string[] = ['Get', 'List', 'Test', 'Simulate', 'Decode'];

/** Named like reads, and make keys: they are known everywhere once home has told of them. */
const WRITES: ReadonlySet<string> = new Set(['sts.GetSessionToken', 'sts.GetFederationToken']);

/** Whether the operation has to be done at home. */
export function isGlobalWrite(service: ServiceId, operation: string): boolean {
  if (service !== 'iam' && service !== 'sts' && service !== 'route53') return false;
  return (
    WRITES.has(`${service}.${operation}`) || !READ_PREFIXES.some((prefix) => operation.startsWith(prefix))
  );
}
