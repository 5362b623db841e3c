/** Tells kubelets by an annotation how long they may remember secrets: the longer, the more nodes there are. Models pkg/controller/ttl. */
import type { ClusterReconciler } from '../../objects/cluster-reconciler.ts';

const ANNOTATION = 'node.alpha.kubernetes.io/ttl';
/** Up to so many nodes, so many seconds. */
const SECONDS: [nodes: number, seconds: number][] = [
  [100, 0],
  [500, 15],
  [1000, 30],
  [2000, 60],
];
export const LARGEST_SECONDS = 300;

export const nodeTtlController = (): ClusterReconciler => ({
  name: 'ttl-controller',
  manager: 'kube-controller-manager',
  reads: [],
  watches: [{ resource: 'nodes', keys: ({ new: node }) => (node ? [node.metadata.name] : []) }],
  reconcile(reader, name) {
    const node = reader.get('nodes', undefined, name);
    if (!node || node.metadata.deletionTimestamp) return { writes: [] };
    const count = reader.list('nodes').length;
    const wanted = String(SECONDS.find(([nodes]) => count <= nodes)?.[1] ?? LARGEST_SECONDS);
    if (node.metadata.annotations?.[ANNOTATION] === wanted) return { writes: [] };
    const annotations = { ...node.metadata.annotations, [ANNOTATION]: wanted };
    return { writes: [{ verb: 'update', object: { ...node, metadata: { ...node.metadata, annotations } } }] };
  },
});
