/**
 * Services that an account has once, whatever region is signed for: written at home, read everywhere. Their requests
 * are looked at when the operation is known, which for the Query protocol is in the body.
 *
 * STS is one of them by its signature alone: sessions are records that each region starts itself and tells the others
 * (`engine/identity/credentials.ts`), so that none depends on home for its keys.
 */
import type { ServiceId } from '../api/registry.ts';

/** By the name that they are signed with. */
export const GLOBAL_SIGNING_NAMES: ReadonlySet<string> = new Set(['iam', 'sts', 'route53']);

const READ_PREFIXES: readonly string[] = ['Get', 'List', 'Test', 'Simulate'];

/** Whether the operation has to be done at home. */
export function isGlobalWrite(service: ServiceId, operation: string): boolean {
  if (service !== 'iam' && service !== 'route53') return false;
  return !READ_PREFIXES.some((prefix) => operation.startsWith(prefix));
}
