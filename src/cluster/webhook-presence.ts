/** Whether a store has admission webhooks: what a Worker must know of a cluster to have its writes ask them. */
import { prefixRange } from '../apiserver/pipeline.ts';
import { WEBHOOK_RESOURCES } from '../apiserver/write/webhook-admission.ts';
import { storagePrefix } from '../catalog/kinds.ts';
import type { Store } from '../etcd/store.ts';
import { builtIn } from '../resources/built-in.ts';

export const hasWebhooks = (store: Store): boolean =>
  WEBHOOK_RESOURCES.some((resource) => {
    const range = prefixRange(storagePrefix(builtIn(resource)));
    return store.range({ ...range, limit: 1 }).kvs.length > 0;
  });
