/** Bounds on paths, which users write, and on the work that one evaluation may do. */

/** Characters of one path. */
export const PATH_LENGTH_MAX = 10_000;

/** Steps of one path: evaluating it nests as deep. */
export const PATH_TOKENS_MAX = 500;

/** Nested parentheses and paths inside filters. */
export const FILTER_DEPTH_MAX = 32;

/** Nodes that one evaluation may visit: `$..*..*..*` multiplies. A payload of 256 KB has at most 131,072 nodes. */
export const VISITS_MAX = 1_000_000;
