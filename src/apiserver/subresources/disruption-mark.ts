/** The pod says why it ends before an eviction deletes it. Models addConditionAndDeletePod in registry/core/pod/storage/eviction.go. */
import { storageKey } from '../../catalog/kinds.ts';
import type { PodCondition } from '../../objects/generated/core-v1.gen.ts';
import { notFound } from '../../objects/status.ts';
import { commit } from '../commit.ts';
import type { DeleteOptions } from '../options.ts';
import type { Exchange } from '../pipeline.ts';
import { storedText } from '../storage/stored.ts';
import { checkPreconditions } from '../write/deletion.ts';
import { prepareUpdate } from '../write/stages.ts';

const REASON = 'EvictionByEvictionAPI';
const MESSAGE = 'Eviction API: evicting';

/** Marks the exchange's pod. Answers the preconditions of the deletion that follows: the version is the one that the mark made. */
export function markEvicted(
  exchange: Exchange,
  preconditions: DeleteOptions['preconditions'],
): Promise<DeleteOptions['preconditions']> {
  const { kind, namespace } = exchange;
  const name = exchange.name!;
  return commit(exchange, [], name, (seen) => {
    const pod = seen.current;
    if (!pod) throw notFound(kind, name);
    checkPreconditions(kind, pod, { ...(preconditions ? { preconditions } : {}), dryRun: false });
    const before: PodCondition[] = pod.status?.conditions ?? [];
    const known = before.find((condition) => condition.type === 'DisruptionTarget');
    const condition = {
      type: 'DisruptionTarget',
      status: 'True',
      lastProbeTime: null,
      lastTransitionTime: known?.status === 'True' ? known.lastTransitionTime : seen.context.now,
      reason: REASON,
      message: MESSAGE,
    };
    const conditions = known ? before.map((c) => (c === known ? condition : c)) : [...before, condition];
    const marked = { ...pod, metadata: { ...pod.metadata }, status: { ...pod.status, conditions } };
    // The registry's own update: nobody's in managedFields.
    const author = { manager: exchange.manager, tracked: true, isAdmitted: true };
    const prepared = prepareUpdate(kind, marked, pod, author, { ...seen.context, subresource: 'status' });
    const following = (revision: number): DeleteOptions['preconditions'] =>
      preconditions?.resourceVersion && revision > 0
        ? { ...preconditions, resourceVersion: String(revision) }
        : preconditions;
    if (!prepared) return { operations: [], answer: () => preconditions };
    return {
      operations: [{ put: { key: storageKey(kind, namespace, name), value: storedText(prepared) } }],
      answer: following,
    };
  });
}
