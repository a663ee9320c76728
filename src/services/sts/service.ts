/** AWS STS: the table of its operations. */
import type { StsOperations } from '../../api/sts.ts';
import type { Credentials } from '../../engine/identity/credentials.ts';
import type { Identities } from '../../engine/identity/identities.ts';
import { type HandlerTable, notImplemented, type Service } from '../service.ts';
import { assumeRole } from './operations/assume-role.ts';
import { getAccessKeyInfo } from './operations/get-access-key-info.ts';
import { getCallerIdentity } from './operations/get-caller-identity.ts';
import { getSessionToken } from './operations/get-session-token.ts';

export interface StsDependencies {
  readonly identities: Identities;
  readonly credentials: Credentials;
  /** Only registered roles can be assumed: wherever signatures are verified. */
  readonly requireRoles: boolean;
}

export function createStsService(dependencies: StsDependencies): Service {
  return {
    id: 'sts',
    handlers: {
      AssumeRole: assumeRole(dependencies),
      AssumeRoleWithSAML: notImplemented,
      AssumeRoleWithWebIdentity: notImplemented,
      AssumeRoot: notImplemented,
      DecodeAuthorizationMessage: notImplemented,
      GetAccessKeyInfo: getAccessKeyInfo(),
      GetCallerIdentity: getCallerIdentity(dependencies),
      GetDelegatedAccessToken: notImplemented,
      GetFederationToken: notImplemented,
      GetSessionToken: getSessionToken(dependencies),
      GetWebIdentityToken: notImplemented,
    } satisfies HandlerTable<StsOperations>,
  };
}
