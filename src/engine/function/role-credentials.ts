/**
 * The credentials that processes of functions are given: sessions of their roles, renewed long before they end. Where
 * every caller is believed, the key is the account's own: requests signed with it are taken whatever their date, so
 * that a function works on a clock that a test moves, too.
 */
import { parseArn } from '../../base/arn.ts';
import type { Credentials, SessionSecrets } from '../identity/credentials.ts';
import type { Identities } from '../identity/identities.ts';
import { unregisteredRoleId } from '../identity/ids.ts';
import type { Loop } from '../loop.ts';
import type { RoleCredentials } from './ports.ts';
import type { FunctionSpec } from './spec.ts';

/** The longest that a session may last; processes end well before (`pool.ts`). */
const SESSION_SECONDS = 12 * 3600;
const RENEW_BEFORE_MS = 6 * 3_600_000;

export type CredentialsOf = (spec: FunctionSpec) => RoleCredentials;

/** For mode `open`. */
export const accountCredentials: CredentialsOf = ({ account }) => {
  return { accessKeyId: account, secretAccessKey: account, sessionToken: account };
};

/** For mode `verify`. One session is shared by the processes of a function. */
export function createRoleSessions(
  loop: Loop,
  { credentials, identities }: { readonly credentials: Credentials; readonly identities: Identities },
): CredentialsOf {
  const sessions = new Map<string, SessionSecrets>();
  return ({ account, name, roleArn }) => {
    const sessionKey = `${roleArn} ${name}`;
    const existing = sessions.get(sessionKey);
    if (existing !== undefined && existing.expiresAtMs - RENEW_BEFORE_MS > loop.clock.now()) return existing;
    const role = identities.findByArn('role', roleArn);
    const roleName = parseArn(roleArn)?.resource.split('/').at(-1) ?? name;
    const session = loop.turn((turn) =>
      credentials.startSession(turn, {
        account,
        arn: `arn:aws:sts::${account}:assumed-role/${roleName}/${name}`,
        userId: `${role?.id ?? unregisteredRoleId(roleArn)}:${name}`,
        roleArn,
        durationSeconds: SESSION_SECONDS,
      }),
    );
    sessions.set(sessionKey, session);
    return session;
  };
}
