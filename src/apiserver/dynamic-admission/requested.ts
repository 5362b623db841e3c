/** Who asks, and how, as policies and webhooks are told. */
import type { JSONObject } from '../../objects/json.ts';
import type { Exchange } from '../exchange.ts';
import type { Operation, Requested } from './admission-request.ts';

const OPTIONS: Partial<Record<Operation, string>> = {
  CREATE: 'CreateOptions',
  UPDATE: 'UpdateOptions',
  DELETE: 'DeleteOptions',
};

/** The options of one who says none. */
export function bareOptions(operation: Operation): JSONObject | undefined {
  const kind = OPTIONS[operation];
  return kind === undefined ? undefined : { kind, apiVersion: 'meta.k8s.io/v1' };
}

export function requestedBy({ identity, dryRun, query, deleteOptions }: Exchange): Requested {
  const { user, uid, groups, extra } = identity;
  return {
    user: { username: user, ...(uid ? { uid } : {}), groups, ...(extra ? { extra } : {}) },
    dryRun,
    options(operation) {
      const bare = bareOptions(operation);
      const sent = operation === 'DELETE' ? deleteOptions : queryOptions(query);
      return bare && { ...bare, ...sent };
    },
  };
}

/** Of a patch there is what an update has of them. */
function queryOptions(query: URLSearchParams): JSONObject {
  const dryRun = query.getAll('dryRun');
  const [fieldManager, fieldValidation] = [query.get('fieldManager'), query.get('fieldValidation')];
  return {
    ...(dryRun.length > 0 ? { dryRun } : {}),
    ...(fieldManager ? { fieldManager } : {}),
    ...(fieldValidation ? { fieldValidation } : {}),
  };
}
