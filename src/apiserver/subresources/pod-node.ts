/** A pod and the node that its connections lead to. */
import type { KubeObject } from '../../objects/object.ts';
import { notFound } from '../../objects/status.ts';
import { commit } from '../commit.ts';
import type { Exchange } from '../pipeline.ts';

/**
 * The pod, at an instant of the cluster's; `check` is asked before its node is looked for. A pod that has none is answered without.
 * @throws StatusError 404, and what `check` throws
 */
export async function podAndNode(
  exchange: Exchange,
  check: (pod: KubeObject) => void,
): Promise<{ pod: KubeObject; now: number }> {
  const { kind, name } = exchange;
  const found = await commit<{ pod: KubeObject; now: number }>(exchange, [], name!, ({ current, now }) => {
    if (!current) throw notFound(kind, name!);
    return { operations: [], answer: () => ({ pod: current, now }) };
  });
  check(found.pod);
  const { nodeName } = found.pod.spec;
  if (!nodeName) return found;
  await commit(exchange, [{ resource: 'nodes', name: nodeName }], name!, ({ view }) => {
    // The real server calls the node a pod here.
    if (!view.get('nodes', undefined, nodeName)) throw notFound(kind, nodeName);
    return { operations: [], answer: () => undefined };
  });
  return found;
}
