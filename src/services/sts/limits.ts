/** Limits of STS. Source: https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html and its neighbours */

export const SESSION_SECONDS_DEFAULT = 3600;
/** Of a role that is assumed by a session of another role. */
export const CHAINED_SESSION_SECONDS_MAX = 3600;
/** Of a role that is not registered, so that no other maximum is set for it. */
export const ROLE_SESSION_SECONDS_MAX = 43_200;
/** GetSessionToken, called by a user. */
export const TOKEN_SECONDS_DEFAULT = 43_200;
/** GetSessionToken, called by the root of the account, and its default there. */
export const ROOT_TOKEN_SECONDS_MAX = 3600;
/** Characters of a session policy. */
export const SESSION_POLICY_SIZE_MAX = 2048;
