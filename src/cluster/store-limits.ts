/**
 * How much a cluster may hold. What is beyond is refused as etcd refuses it, with its NOSPACE alarm. A cluster that is at all of these
 * limits wakes, lists and reconciles in a heap of 128 MB, which is what an object has (`test/load/limits.test.ts`).
 */

/** Of the database, history included, as etcd's `--quota-backend-bytes`, whose default is 2 GB; the platform's own limit may be lower. */
export const QUOTA_BYTES = 512 * 1024 ** 2;
/** Keys that there are at once: all objects, Events and Leases among them. */
export const MAX_KEYS = 40_000;
/** What those keys hold, with their names. */
export const MAX_LIVE_BYTES = 128 * 1024 ** 2;
