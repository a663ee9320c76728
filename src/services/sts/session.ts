/** Starting a session: what AssumeRole and GetSessionToken share. */
import type { Credentials as WireCredentials } from '../../api/sts.ts';
import { AwsError } from '../../base/errors.ts';
import { isJsonObject, parseJson } from '../../base/json.ts';
import { type NewSession, SESSIONS_MAX } from '../../engine/identity/credentials.ts';
import type { Call } from '../service.ts';
import { malformedSessionPolicy, sessionPolicyTooLong, tooManySessions } from './errors.ts';
import { SESSION_POLICY_SIZE_MAX } from './limits.ts';
import type { StsDependencies } from './service.ts';

export function startSession(
  { credentials }: StsDependencies,
  call: Call,
  session: NewSession,
): WireCredentials {
  if (credentials.sessionCount >= SESSIONS_MAX) throw tooManySessions();
  const { accessKeyId, secretAccessKey, sessionToken, expiresAtMs } = call.turn((turn) =>
    credentials.startSession(turn, session),
  );
  return {
    AccessKeyId: accessKeyId,
    SecretAccessKey: secretAccessKey,
    SessionToken: sessionToken,
    // Whole seconds, as AWS answers.
    Expiration: Math.floor(expiresAtMs / 1000) * 1000,
  };
}

/** The session policy of a request: JSON and short enough. What it means is not decided here. */
export function requireSessionPolicy(document: string): void {
  if (document.length > SESSION_POLICY_SIZE_MAX) throw sessionPolicyTooLong();
  try {
    if (isJsonObject(parseJson(document))) return;
  } catch (error) {
    if (!(error instanceof SyntaxError) && !(error instanceof AwsError)) throw error;
  }
  throw malformedSessionPolicy();
}

/** How much of the room for session policies is taken, in percent; absent where none was given. */
export function packedPolicySize(document: string | undefined): { PackedPolicySize?: number } {
  if (document === undefined) return {};
  return { PackedPolicySize: Math.ceil((document.length / SESSION_POLICY_SIZE_MAX) * 100) };
}
