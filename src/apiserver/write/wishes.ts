/** What a decision wants to know beside the object itself: what is to be read with it, and what takes its time to find out. */
import { quotaReads } from '../../admission/resource-quota.ts';
import type { Read } from '../../catalog/strategy.ts';
import type { KubeObject } from '../../objects/object.ts';
import { isMaster, POLICY_RESOURCES } from '../../resources/rbac/authorizer.ts';
import type { Exchange } from '../pipeline.ts';

/** The namespace, and what the kind's admission looks at. */
export function wishes(exchange: Exchange, object: KubeObject, operation: 'create' | 'update' = 'create'): Read[] {
  const { kind, namespace, identity } = exchange;
  const strategy = kind.strategy;
  const reads: Read[] = [
    ...(strategy.reads?.(object, operation, namespace) ?? []),
    ...quotaReads(kind, namespace, operation, exchange.subresource),
  ];
  if (strategy.asksPolicy && !isMaster(identity)) reads.push(...POLICY_RESOURCES.map((resource) => ({ resource })));
  if (
    kind.namespaced &&
    operation === 'create' &&
    !reads.some((r) => r.resource === 'namespaces' && r.name === namespace)
  )
    reads.push({ resource: 'namespaces', name: namespace! });
  return reads;
}

/** The kind's checks that take their time, for what may become a new object. */
export async function examine(exchange: Exchange, sent: KubeObject): Promise<void> {
  const found = await exchange.kind.strategy.examine?.(sent);
  if (found) exchange.examined = found;
}
