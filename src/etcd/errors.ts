/**
 * What etcd refuses, as etcd says it: gRPC code, HTTP status of the JSON gateway, message.
 * Source: etcd's api/v3/v3rpc/rpctypes/error.go, and the gRPC gateway's table of HTTP statuses.
 */

export const GRPC = {
  CANCELED: 1,
  UNKNOWN: 2,
  INVALID_ARGUMENT: 3,
  DEADLINE_EXCEEDED: 4,
  NOT_FOUND: 5,
  ALREADY_EXISTS: 6,
  PERMISSION_DENIED: 7,
  RESOURCE_EXHAUSTED: 8,
  FAILED_PRECONDITION: 9,
  ABORTED: 10,
  OUT_OF_RANGE: 11,
  UNIMPLEMENTED: 12,
  INTERNAL: 13,
  UNAVAILABLE: 14,
  DATA_LOSS: 15,
  UNAUTHENTICATED: 16,
} as const;

const HTTP_STATUS: Record<number, number> = {
  1: 499,
  2: 500,
  3: 400,
  4: 504,
  5: 404,
  6: 409,
  7: 403,
  8: 429,
  9: 400,
  10: 409,
  11: 400,
  12: 501,
  13: 500,
  14: 503,
  15: 500,
  16: 401,
};

export class EtcdError extends Error {
  readonly code: number;

  constructor(code: number, message: string) {
    super(message);
    this.name = 'EtcdError';
    this.code = code;
  }

  get httpStatus(): number {
    return HTTP_STATUS[this.code] ?? 500;
  }
}

const refusal = (code: number, text: string) => () => new EtcdError(code, `etcdserver: ${text}`);

export const ETCD_ERRORS = {
  emptyKey: refusal(GRPC.INVALID_ARGUMENT, 'key is not provided'),
  keyNotFound: refusal(GRPC.INVALID_ARGUMENT, 'key not found'),
  valueProvided: refusal(GRPC.INVALID_ARGUMENT, 'value is provided'),
  leaseProvided: refusal(GRPC.INVALID_ARGUMENT, 'lease is provided'),
  tooManyOps: refusal(GRPC.INVALID_ARGUMENT, 'too many operations in txn request'),
  duplicateKey: refusal(GRPC.INVALID_ARGUMENT, 'duplicate key given in txn request'),
  invalidSortOption: refusal(GRPC.INVALID_ARGUMENT, 'invalid sort option'),
  compacted: refusal(GRPC.OUT_OF_RANGE, 'mvcc: required revision has been compacted'),
  futureRevision: refusal(GRPC.OUT_OF_RANGE, 'mvcc: required revision is a future revision'),
  noSpace: refusal(GRPC.RESOURCE_EXHAUSTED, 'mvcc: database space exceeded'),
  leaseNotFound: refusal(GRPC.NOT_FOUND, 'requested lease not found'),
  leaseExists: refusal(GRPC.FAILED_PRECONDITION, 'lease already exists'),
  leaseTTLTooLarge: refusal(GRPC.OUT_OF_RANGE, 'too large lease TTL'),
  requestTooLarge: refusal(GRPC.INVALID_ARGUMENT, 'request is too large'),
  tooManyRequests: refusal(GRPC.RESOURCE_EXHAUSTED, 'too many requests'),
} as const;

const TOO_LARGE = ETCD_ERRORS.requestTooLarge().message;

/** What is refused for its size is refused again. */
export const isTooLarge = (error: unknown): boolean => error instanceof EtcdError && error.message === TOO_LARGE;

export const AUTH_ERRORS = {
  rootUserNotExist: refusal(GRPC.FAILED_PRECONDITION, 'root user does not exist'),
  rootRoleNotExist: refusal(GRPC.FAILED_PRECONDITION, 'root user does not have root role'),
  userExists: refusal(GRPC.FAILED_PRECONDITION, 'user name already exists'),
  userEmpty: refusal(GRPC.INVALID_ARGUMENT, 'user name is empty'),
  userNotFound: refusal(GRPC.FAILED_PRECONDITION, 'user name not found'),
  roleExists: refusal(GRPC.FAILED_PRECONDITION, 'role name already exists'),
  roleNotFound: refusal(GRPC.FAILED_PRECONDITION, 'role name not found'),
  roleEmpty: refusal(GRPC.INVALID_ARGUMENT, 'role name is empty'),
  noPasswordUser: () =>
    new EtcdError(GRPC.UNKNOWN, 'auth: authentication failed, password was given for no password user'),
  failed: refusal(GRPC.INVALID_ARGUMENT, 'authentication failed, invalid user ID or password'),
  permissionNotGiven: refusal(GRPC.INVALID_ARGUMENT, 'permission not given'),
  permissionDenied: refusal(GRPC.PERMISSION_DENIED, 'permission denied'),
  roleNotGranted: refusal(GRPC.FAILED_PRECONDITION, 'role is not granted to the user'),
  permissionNotGranted: refusal(GRPC.FAILED_PRECONDITION, 'permission is not granted to the role'),
  notEnabled: refusal(GRPC.FAILED_PRECONDITION, 'authentication is not enabled'),
  invalidToken: refusal(GRPC.UNAUTHENTICATED, 'invalid auth token'),
  invalidManagement: refusal(GRPC.INVALID_ARGUMENT, 'invalid auth management'),
} as const;

export const CLUSTER_ERRORS = {
  memberExists: refusal(GRPC.FAILED_PRECONDITION, 'member ID already exist'),
  // etcd loses this one's code on its way out.
  notEnoughStarted: refusal(GRPC.UNKNOWN, 're-configuration failed due to not enough started members'),
  peerURLExists: refusal(GRPC.FAILED_PRECONDITION, 'Peer URLs already exists'),
  badURLs: refusal(GRPC.INVALID_ARGUMENT, 'given member URLs are invalid'),
  memberNotFound: refusal(GRPC.NOT_FOUND, 'member not found'),
  memberNotLearner: refusal(GRPC.FAILED_PRECONDITION, 'can only promote a learner member'),
  learnerNotReady: refusal(GRPC.FAILED_PRECONDITION, 'can only promote a learner member which is in sync with leader'),
  tooManyLearners: refusal(GRPC.FAILED_PRECONDITION, 'too many learner members in cluster'),
  badLeaderTransferee: refusal(GRPC.FAILED_PRECONDITION, 'bad leader transferee'),
  wrongDowngradeFormat: refusal(GRPC.INVALID_ARGUMENT, 'wrong downgrade target version format'),
  invalidDowngradeTarget: refusal(GRPC.INVALID_ARGUMENT, 'invalid downgrade target version'),
  downgradeInProcess: refusal(GRPC.FAILED_PRECONDITION, 'cluster has a downgrade job in progress'),
  noInflightDowngrade: refusal(GRPC.FAILED_PRECONDITION, 'no inflight downgrade job'),
  corrupt: refusal(GRPC.DATA_LOSS, 'corrupt cluster'),
} as const;

/** What several members answer while they cannot agree, or are asked what another must answer. */
export const MEMBER_ERRORS = {
  noLeader: refusal(GRPC.UNAVAILABLE, 'no leader'),
  notLeader: refusal(GRPC.FAILED_PRECONDITION, 'not leader'),
  leaderChanged: refusal(GRPC.UNAVAILABLE, 'leader changed'),
  timeout: refusal(GRPC.UNAVAILABLE, 'request timed out'),
  timeoutLeaderFailed: refusal(GRPC.UNAVAILABLE, 'request timed out, possibly due to previous leader failure'),
  timeoutConnectionLost: refusal(GRPC.UNAVAILABLE, 'request timed out, possibly due to connection lost'),
  timeoutTransfer: refusal(GRPC.UNAVAILABLE, 'request timed out, leader transfer took too long'),
  unhealthy: refusal(GRPC.UNAVAILABLE, 'unhealthy cluster'),
  stopped: refusal(GRPC.UNAVAILABLE, 'server stopped'),
  notSupportedForLearner: refusal(GRPC.FAILED_PRECONDITION, 'rpc not supported for learner'),
  deadlineExceeded: () => new EtcdError(GRPC.DEADLINE_EXCEEDED, 'context deadline exceeded'),
  proposalDropped: () => new EtcdError(GRPC.UNKNOWN, 'raft proposal dropped'),
  /** Nobody listens there. */
  connectionRefused: () => new EtcdError(GRPC.UNAVAILABLE, 'connection refused'),
} as const;

export type MemberErrorName = keyof typeof MEMBER_ERRORS;

const NEWER = 'it was used by a newer one';

/** State that this code is too old for. It is not touched. */
export class StateTooNew extends Error {
  constructor(what: string, found: number, known: number) {
    super(`${what} has the version ${found}, and this server knows none after ${known}: ${NEWER}`);
  }
}

/** Whether an error is one such; errors lose their class on the way from an object to its Worker. */
export const tellsOfNewerState = (error: unknown): boolean => error instanceof Error && error.message.endsWith(NEWER);
