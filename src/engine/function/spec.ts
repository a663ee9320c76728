/** All that a process of a function is made of. It is frozen: a changed function gets new processes. */
import type { Scope } from '../../base/arn.ts';

export interface FunctionSpec extends Scope {
  /** Tells one version of one revision of a function from all others: processes are shared under it. */
  readonly key: string;
  readonly name: string;
  readonly version: string;
  /** Such as `nodejs22.x`, `python3.13` or `provided.al2023`. */
  readonly runtime: string;
  readonly handler: string;
  readonly timeoutMs: number;
  readonly memorySizeMb: number;
  /** Bytes that the function's /tmp may grow to. */
  readonly ephemeralStorageMb: number;
  readonly environment: Readonly<Record<string, string>>;
  /** The directory of the unpacked code. */
  readonly taskDirectory: string;
  readonly roleArn: string;
  readonly logGroupName: string;
}

export type RuntimeFamily = 'node' | 'python' | 'provided';

/** The family of a runtime identifier, or `undefined` for one that Millrace has no client for. */
export function runtimeFamily(runtime: string): RuntimeFamily | undefined {
  if (/^nodejs\d+\.x$/.test(runtime)) return 'node';
  if (/^python3\.\d+$/.test(runtime)) return 'python';
  if (/^provided(\.al2|\.al2023)?$/.test(runtime)) return 'provided';
  return undefined;
}
