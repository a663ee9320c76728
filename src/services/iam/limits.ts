/** Limits of IAM. Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html */

export const ROLES_MAX = 1000;
export const USERS_MAX = 5000;
/** Managed policies of the account's own. */
export const POLICIES_MAX = 1500;
export const POLICY_VERSIONS_MAX = 5;
/** Managed policies attached to one role or one user. */
export const ATTACHED_POLICIES_MAX = 10;
export const ACCESS_KEYS_PER_USER_MAX = 2;
export const TAGS_MAX = 50;
/** Characters that are no white space, as in all sizes of policies. */
export const MANAGED_POLICY_SIZE_MAX = 6144;
export const TRUST_POLICY_SIZE_MAX = 2048;
/** All inline policies of one role together. */
export const ROLE_INLINE_POLICIES_SIZE_MAX = 10_240;
/** All inline policies of one user together. */
export const USER_INLINE_POLICIES_SIZE_MAX = 2048;
export const SESSION_SECONDS_DEFAULT = 3600;
export const PAGE_ITEMS_DEFAULT = 100;
export const PAGE_ITEMS_MAX = 1000;
