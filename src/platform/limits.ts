/** The platform's limits. Each has a test on both of its sides. */

/** Bytes of a request's body; more is answered with 413. The Kubernetes API has the same limit. */
export const MAX_BODY_BYTES = 3 * 1024 * 1024;
export const MAX_NODES = 500;
export const MAX_NODE_LABELS = 100;
export const MAX_NODE_TAINTS = 20;
export const MAX_NODE_RESOURCES = 20;
export const MAX_NODE_NAME_LENGTH = 63;
/** Characters of an amount, e.g. of a node's memory. */
export const MAX_QUANTITY_LENGTH = 64;
export const MAX_NAME_LENGTH = 63;
/** URLs at which webhooks may be called, and characters of each. */
export const MAX_ALLOWED_WEBHOOKS = 32;
export const MAX_WEBHOOK_URL_LENGTH = 2048;
/** Rules of how containers behave. */
export const MAX_BEHAVIOURS = 50;
export const MAX_MATCH_LABELS = 20;
/** Characters of a name, a label or a pattern in such a rule. */
export const MAX_MATCH_LENGTH = 253;
export const MAX_SEED_LENGTH = 64;
/** Objects that a cluster may begin with. */
export const MAX_MANIFESTS = 500;
/** How deep objects and lists may lie in one another in a manifest: far deeper than any schema is. */
export const MAX_MANIFEST_DEPTH = 500;
/** Tokens of less power that a cluster has at a time, and in how many namespaces and pages one may be used. */
export const MAX_TOKENS = 200;
export const MAX_TOKEN_NAMESPACES = 20;
export const MAX_TOKEN_ORIGINS = 20;
export const MIN_TTL_SECONDS = 1;
export const DEFAULT_TTL_SECONDS = 24 * 3600;
export const MAX_TTL_SECONDS = 30 * 24 * 3600;
/** How many times faster than real time a cluster's clock may run. */
export const MAX_CLOCK_SPEED = 86_400;
/** Clusters in one page of the list, and how many without a `limit`. */
export const MAX_LISTED_CLUSTERS = 500;
export const DEFAULT_LISTED_CLUSTERS = 100;
/** Characters of a cursor. */
export const MAX_CURSOR_LENGTH = 100;
/** Characters of one line of an imported file: a key with the largest value, as JSON in the worst case. */
export const MAX_IMPORT_LINE = 8 * 1024 * 1024;
/** Keys of a page on its way from one cluster to another: a few hundred kilobytes in a usual cluster. */
export const PAGE_KEYS = 250;
/** Characters of values or lines after which such a page is full: far less than one call of an object takes. */
export const MAX_PAGE_BYTES = 1024 * 1024;
/** The revision that an imported cluster goes on from: as many again are left to it. */
export const MAX_REVISION = 2 ** 52;
/** Seconds that one step of a clock may go. */
export const MAX_CLOCK_STEP_SECONDS = 366 * 24 * 3600;
/** Clusters that a Worker remembers to exist, and as many ids that it remembers not to. */
export const MAX_KNOWN_CLUSTERS = 10_000;
/** For how long the directory isn't asked again about an id that it does not have. */
export const UNKNOWN_CLUSTER_LIFETIME_MS = 5000;
/** Clusters that a Worker knows to have done more than they may. */
export const MAX_KNOWN_BUSY_CLUSTERS = 1000;
/** Addresses, keys or clusters whose rate a Worker remembers; whoever was forgotten begins anew. */
export const MAX_LIMITED_KEYS = 10_000;

/** What is allowed for good, and how much of it at once after a rest. */
export interface Rate {
  perSecond: number;
  burst: number;
}

export interface Rates {
  /** Clusters that one address, or one token, may make: by creation, import or fork. */
  creations: Rate;
  /** Requests without a token that opens what they ask for, of one address or to one cluster; a simulation counts as `SIMULATION_REQUESTS` of them. */
  anonymous: Rate;
  /** Requests to one cluster, from everybody together. */
  requests: Rate;
  /** Work of one cluster's object, in the units of `src/cluster/work.ts`. */
  work: Rate;
  /** Calls to webhooks of one cluster, which are others' servers. */
  webhooks: Rate;
}

/** Where strangers share a platform. The binding `LIMITS` changes them. */
export const HOSTED_RATES: Rates = {
  creations: { perSecond: 1, burst: 60 },
  anonymous: { perSecond: 20, burst: 200 },
  requests: { perSecond: 1000, burst: 5000 },
  work: { perSecond: 1000, burst: 30_000 },
  webhooks: { perSecond: 20, burst: 200 },
};

/** On one's own machine: what keeps a mistake from ending the server, and nothing that a heavy test would reach. */
export const LOCAL_RATES: Rates = {
  creations: { perSecond: 100, burst: 400 },
  anonymous: { perSecond: 10_000, burst: 50_000 },
  requests: { perSecond: 10_000, burst: 40_000 },
  work: { perSecond: 10_000, burst: 200_000 },
  webhooks: { perSecond: 10_000, burst: 50_000 },
};

/** How many anonymous requests one of `/v1/simulate` is as much as. */
export const SIMULATION_REQUESTS = 5;

/** Requests of one cluster that a Worker serves at the same time; watches are not among them once they have begun. */
export const MAX_REQUESTS_IN_FLIGHT = 2000;
/** Watches of one cluster that are open at the same time. */
export const MAX_WATCHES = 5000;

/** Questions of which it is remembered how large their answers were, and how long one may be. */
export const MAX_KNOWN_QUESTIONS = 5000;
export const MAX_QUESTION_LENGTH = 500;

/**
 * What is computed in the process for heavy work, where there is one: requests with so many bytes of body, or for which so many bytes
 * are read that are not merely passed on.
 */
export const OFFLOADED_BODY_BYTES = 16 * 1024;
export const OFFLOADED_READ_BYTES = 128 * 1024;
/** Bytes for which a simulation needs room at least. */
export const SIMULATION_BYTES = 256 * 1024;
