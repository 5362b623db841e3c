/** The gateway's request messages. Source: etcd's rpc.proto, v3lock.proto and v3election.proto. */
import { type MessageType, ONEOF } from './proto-json.ts';

const list = (message: () => MessageType) => ({ repeated: { message } }) as const;

export const SORT_ORDERS = ['NONE', 'ASCEND', 'DESCEND'] as const;
export const SORT_TARGETS = ['KEY', 'VERSION', 'CREATE', 'MOD', 'VALUE'] as const;
export const COMPARE_RESULTS = ['EQUAL', 'GREATER', 'LESS', 'NOT_EQUAL'] as const;
export const COMPARE_TARGETS = ['VERSION', 'CREATE', 'MOD', 'VALUE', 'LEASE'] as const;
export const FILTERS = ['NOPUT', 'NODELETE'] as const;
export const ALARMS = ['NONE', 'NOSPACE', 'CORRUPT'] as const;
export const ALARM_ACTIONS = ['GET', 'ACTIVATE', 'DEACTIVATE'] as const;
export const DOWNGRADE_ACTIONS = ['VALIDATE', 'ENABLE', 'CANCEL'] as const;
export const PERMISSIONS = ['READ', 'WRITE', 'READWRITE'] as const;

export const EMPTY: MessageType = {};

export const RANGE: MessageType = {
  key: 'bytes',
  range_end: 'bytes',
  limit: 'int64',
  revision: 'int64',
  sort_order: { enum: SORT_ORDERS },
  sort_target: { enum: SORT_TARGETS },
  serializable: 'bool',
  keys_only: 'bool',
  count_only: 'bool',
  min_mod_revision: 'int64',
  max_mod_revision: 'int64',
  min_create_revision: 'int64',
  max_create_revision: 'int64',
};

export const PUT: MessageType = {
  key: 'bytes',
  value: 'bytes',
  lease: 'int64',
  prev_kv: 'bool',
  ignore_value: 'bool',
  ignore_lease: 'bool',
};

export const DELETE_RANGE: MessageType = { key: 'bytes', range_end: 'bytes', prev_kv: 'bool' };

const COMPARE: MessageType = {
  result: { enum: COMPARE_RESULTS },
  target: { enum: COMPARE_TARGETS },
  key: 'bytes',
  version: 'int64',
  create_revision: 'int64',
  mod_revision: 'int64',
  value: 'bytes',
  lease: 'int64',
  range_end: 'bytes',
  [ONEOF]: ['version', 'create_revision', 'mod_revision', 'value', 'lease'],
};

const REQUEST_OP: MessageType = {
  request_range: { message: () => RANGE },
  request_put: { message: () => PUT },
  request_delete_range: { message: () => DELETE_RANGE },
  request_txn: { message: () => TXN },
  [ONEOF]: ['request_range', 'request_put', 'request_delete_range', 'request_txn'],
};

export const TXN: MessageType = {
  compare: list(() => COMPARE),
  success: list(() => REQUEST_OP),
  failure: list(() => REQUEST_OP),
};

export const COMPACTION: MessageType = { revision: 'int64', physical: 'bool' };
export const HASH_KV: MessageType = { revision: 'int64' };

export const WATCH: MessageType = {
  create_request: {
    message: () => ({
      key: 'bytes',
      range_end: 'bytes',
      start_revision: 'int64',
      progress_notify: 'bool',
      filters: { repeated: { enum: FILTERS } },
      prev_kv: 'bool',
      watch_id: 'int64',
      fragment: 'bool',
    }),
  },
  cancel_request: { message: () => ({ watch_id: 'int64' }) },
  progress_request: { message: () => EMPTY },
  [ONEOF]: ['create_request', 'cancel_request', 'progress_request'],
};

export const LEASE_GRANT: MessageType = { TTL: 'int64', ID: 'int64' };
export const LEASE_ID: MessageType = { ID: 'int64' };
export const LEASE_TIME_TO_LIVE: MessageType = { ID: 'int64', keys: 'bool' };

export const MEMBER_ADD: MessageType = { peerURLs: { repeated: 'string' }, isLearner: 'bool' };
export const MEMBER_ID: MessageType = { ID: 'uint64' };
export const MEMBER_UPDATE: MessageType = { ID: 'uint64', peerURLs: { repeated: 'string' } };
export const MEMBER_LIST: MessageType = { linearizable: 'bool' };

export const ALARM: MessageType = { action: { enum: ALARM_ACTIONS }, memberID: 'uint64', alarm: { enum: ALARMS } };
export const MOVE_LEADER: MessageType = { targetID: 'uint64' };
export const DOWNGRADE: MessageType = { action: { enum: DOWNGRADE_ACTIONS }, version: 'string' };

export const NAME_PASSWORD: MessageType = {
  name: 'string',
  password: 'string',
  hashedPassword: 'string',
  options: { message: () => ({ no_password: 'bool' }) },
};
export const NAME: MessageType = { name: 'string' };
export const ROLE: MessageType = { role: 'string' };
export const USER_GRANT: MessageType = { user: 'string', role: 'string' };
export const USER_REVOKE: MessageType = { name: 'string', role: 'string' };
export const ROLE_GRANT: MessageType = {
  name: 'string',
  perm: { message: () => ({ permType: { enum: PERMISSIONS }, key: 'bytes', range_end: 'bytes' }) },
};
export const ROLE_REVOKE: MessageType = { role: 'string', key: 'bytes', range_end: 'bytes' };

export const LOCK: MessageType = { name: 'bytes', lease: 'int64' };
export const UNLOCK: MessageType = { key: 'bytes' };

const LEADER: MessageType = { name: 'bytes', key: 'bytes', rev: 'int64', lease: 'int64' };
export const CAMPAIGN: MessageType = { name: 'bytes', lease: 'int64', value: 'bytes' };
export const PROCLAIM: MessageType = { leader: { message: () => LEADER }, value: 'bytes' };
export const ELECTION_NAME: MessageType = { name: 'bytes' };
export const RESIGN: MessageType = { leader: { message: () => LEADER } };
