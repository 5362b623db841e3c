/** The platform's limits. Each has a test on both of its sides. */

/** Bytes of a request's body; more is answered with 413. The Kubernetes API has the same limit. */
export const MAX_BODY_BYTES = 3 * 1024 * 1024;
export const MAX_NODES = 500;
export const MAX_NODE_LABELS = 100;
export const MAX_NODE_TAINTS = 20;
export const MAX_NODE_RESOURCES = 20;
export const MAX_NAME_LENGTH = 63;
export const MAX_SEED_LENGTH = 64;
export const MIN_TTL_SECONDS = 1;
export const DEFAULT_TTL_SECONDS = 24 * 3600;
export const MAX_TTL_SECONDS = 30 * 24 * 3600;
/** How many times faster than real time a cluster's clock may run. */
export const MAX_CLOCK_SPEED = 86_400;
/** Clusters in one answer of the list. */
export const MAX_LISTED_CLUSTERS = 100;
/** Characters of one line of an imported file: a key with the largest value, as JSON in the worst case. */
export const MAX_IMPORT_LINE = 8 * 1024 * 1024;
/** Seconds that one step of a clock may go. */
export const MAX_CLOCK_STEP_SECONDS = 366 * 24 * 3600;
