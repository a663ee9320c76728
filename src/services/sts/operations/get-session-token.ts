import type { GetSessionTokenRequest, GetSessionTokenResponse } from '../../../api/sts.ts';
import { notImplementedError } from '../../../base/errors.ts';
import type { Handler } from '../../service.ts';
import { callerOf } from '../caller.ts';
import { noTokenForSessions } from '../errors.ts';
import { ROOT_TOKEN_SECONDS_MAX, TOKEN_SECONDS_DEFAULT } from '../limits.ts';
import type { StsDependencies } from '../service.ts';
import { startSession } from '../session.ts';

/** A temporary key that acts as its caller, a user or the root, whose sessions AWS cuts to an hour without a word. */
export function getSessionToken(
  deps: StsDependencies,
): Handler<GetSessionTokenRequest, GetSessionTokenResponse> {
  return (input, call) => {
    if (input.SerialNumber !== undefined || input.TokenCode !== undefined) {
      throw notImplementedError('Multi-factor authentication');
    }
    const { account, arn, userId, userName, sessionToken } = callerOf(deps.credentials, call);
    if (sessionToken !== undefined) throw noTokenForSessions();
    const seconds = input.DurationSeconds ?? TOKEN_SECONDS_DEFAULT;
    const isUser = userName !== undefined;
    const durationSeconds = isUser ? seconds : Math.min(seconds, ROOT_TOKEN_SECONDS_MAX);
    return { Credentials: startSession(deps, call, { account, arn, userId, durationSeconds }) };
  };
}
