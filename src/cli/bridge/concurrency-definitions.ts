/** etcd's Lock and Election services, which the package etcd3 has no .proto files of. Source: etcd's v3lock.proto and v3election.proto. */
import type { INamespace, IType } from 'protobufjs';

const HEADER = 'etcdserverpb.ResponseHeader';

/** Fields by name, in the order of their numbers. */
const message = (fields: Record<string, string>): IType => ({
  fields: Object.fromEntries(Object.entries(fields).map(([name, type], i) => [name, { type, id: i + 1 }])),
});

/** A method `Name` of messages `NameRequest` and `NameResponse`. */
const method = (name: string, service: string, requestType = `${name}Request`) => ({
  requestType,
  responseType: `${name}Response`,
  comment: '',
  options: { '(google.api.http).post': `/v3/${service}/${name.toLowerCase()}` },
});

const HEADER_ALONE = message({ header: HEADER });

export const CONCURRENCY: Record<string, INamespace> = {
  v3lockpb: {
    nested: {
      LockRequest: message({ name: 'bytes', lease: 'int64' }),
      LockResponse: message({ header: HEADER, key: 'bytes' }),
      UnlockRequest: message({ key: 'bytes' }),
      UnlockResponse: HEADER_ALONE,
      Lock: { methods: { Lock: method('Lock', 'lock'), Unlock: method('Unlock', 'lock') } },
    },
  },
  v3electionpb: {
    nested: {
      LeaderKey: message({ name: 'bytes', key: 'bytes', rev: 'int64', lease: 'int64' }),
      CampaignRequest: message({ name: 'bytes', lease: 'int64', value: 'bytes' }),
      CampaignResponse: message({ header: HEADER, leader: 'LeaderKey' }),
      LeaderRequest: message({ name: 'bytes' }),
      LeaderResponse: message({ header: HEADER, kv: 'mvccpb.KeyValue' }),
      ResignRequest: message({ leader: 'LeaderKey' }),
      ResignResponse: HEADER_ALONE,
      ProclaimRequest: message({ leader: 'LeaderKey', value: 'bytes' }),
      ProclaimResponse: HEADER_ALONE,
      Election: {
        methods: {
          Campaign: method('Campaign', 'election'),
          Proclaim: method('Proclaim', 'election'),
          Leader: method('Leader', 'election'),
          Observe: {
            ...method('Observe', 'election', 'LeaderRequest'),
            responseType: 'LeaderResponse',
            responseStream: true,
          },
          Resign: method('Resign', 'election'),
        },
      },
    },
  },
};
