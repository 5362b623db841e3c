/**
 * Static pods: what a node's kubelet runs by the manifests in a folder of its machine, and shows to the API as mirror pods. One that is deleted
 * comes back, as its manifest is still there; one whose manifest is gone goes. Models pkg/kubelet/config/common.go, pkg/kubelet/pod/mirror_client.go.
 */
import { sha256 } from '@noble/hashes/sha2';
import { hasKubelet, isBack } from '../controllers/nodes/node-health.ts';
import type { ClusterReconciler } from '../objects/cluster-reconciler.ts';
import type { Node, Pod } from '../objects/generated/core-v1.gen.ts';
import { podsOn } from '../resources/core/pod/places.ts';
import type { Write } from '../simulation/reconciler.ts';

const MIRROR = 'kubernetes.io/config.mirror';
const HASH = 'kubernetes.io/config.hash';
const SEEN = 'kubernetes.io/config.seen';
const SOURCE = 'kubernetes.io/config.source';
export const STATIC_PODS = 'kubelet-static-pods';
/** As many characters as the kubelet's own hash has. */
const HASH_LENGTH = 32;

/** The manifests that a node has in its folder at the moment. */
export type ManifestsOf = (node: string) => readonly Pod[];

const isMirror = ({ metadata }: Pod): boolean => metadata.annotations?.[MIRROR] !== undefined;

/** The pod as the kubelet's events name it: a static pod's uid is its hash there, and not its mirror pod's. */
export function toldOf(pod: Pod): Pod {
  const hash = pod.metadata.annotations?.[MIRROR];
  return hash === undefined ? pod : { ...pod, metadata: { ...pod.metadata, uid: hash } };
}

export const mirrorPodName = (pod: string, node: string): string => `${pod}-${node}`;

export const staticPodsReconciler = (manifestsOf: ManifestsOf): ClusterReconciler => ({
  name: STATIC_PODS,
  manager: 'kubelet',
  reads: ['leases.coordination.k8s.io', 'nodes', 'pods'],
  watches: [
    {
      resource: 'nodes',
      keys: ({ old, new: node }) => (node && !old ? [node.metadata.name] : []),
    },
    {
      resource: 'pods',
      keys: ({ old, new: pod }) => (old && !pod && isMirror(old) ? [old.spec.nodeName ?? ''] : []),
    },
    {
      resource: 'leases.coordination.k8s.io',
      keys: ({ old, new: lease }) => (lease && isBack(old, lease) ? [lease.metadata.name] : []),
    },
  ],
  reconcile(reader, name, { now }) {
    const node = reader.get('nodes', undefined, name);
    if (!node || !hasKubelet(reader, node)) return { writes: [] };
    const wanted = manifestsOf(name).map((manifest) => mirrorPod(manifest, node, now));
    const there = podsOn(reader, name).filter(isMirror);
    const missing = wanted.filter((pod) => !there.some(({ metadata }) => metadata.name === pod.metadata.name));
    const left = there.filter(({ metadata }) => !wanted.some((pod) => pod.metadata.name === metadata.name));
    return {
      writes: [
        ...left.map((pod): Write<Pod> => removal(pod)),
        ...missing.map((object): Write<Pod> => ({ verb: 'create', object, ignoreExisting: true })),
      ],
    };
  },
});

const removal = ({ metadata }: Pod): Write<Pod> => ({
  verb: 'delete',
  resource: 'pods',
  namespace: metadata.namespace!,
  name: metadata.name,
  gracePeriodSeconds: 0,
});

/** What the API sees of a static pod. */
function mirrorPod(manifest: Pod, { apiVersion, kind, metadata: { name, uid } }: Node, now: number): Pod {
  const hash = hashOf(manifest, name);
  const { metadata, spec } = manifest;
  return {
    ...manifest,
    metadata: {
      ...metadata,
      name: mirrorPodName(metadata.name, name),
      annotations: {
        ...metadata.annotations,
        [HASH]: hash,
        [MIRROR]: hash,
        [SEEN]: new Date(now).toISOString().replace('Z', '000000Z'),
        [SOURCE]: 'file',
      },
      ownerReferences: [{ apiVersion, kind, name, uid: uid ?? '', controller: true }],
    },
    spec: {
      ...spec!,
      nodeName: name,
      tolerations: [...(spec!.tolerations ?? []), { effect: 'NoExecute', operator: 'Exists' }],
    },
  };
}

/** Of the manifest on its node: the same for the same. */
const hashOf = (manifest: Pod, node: string): string =>
  [...sha256(new TextEncoder().encode(JSON.stringify([node, manifest])))]
    .map((byte) => byte.toString(16).padStart(2, '0'))
    .join('')
    .slice(0, HASH_LENGTH);
