/** The API server's own Service is there again within some seconds. Models pkg/controlplane/controller/kubernetesservice. */
import type { ClusterReconciler } from '../../objects/cluster-reconciler.ts';
import type { KubeObject } from '../../objects/object.ts';

const NAMESPACE = 'default';
const NAME = 'kubernetes';
/** The real server looks as often. */
const PERIOD_MS = 10_000;

/** `original`: the Service as a cluster begins with it. */
export const kubernetesService = (original: KubeObject): ClusterReconciler => ({
  name: 'kubernetes-service',
  manager: 'kube-apiserver',
  reads: [],
  watches: [
    {
      resource: 'services',
      keys: ({ old, new: service }) =>
        !service && old?.metadata.name === NAME && old.metadata.namespace === NAMESPACE ? [NAME] : [],
    },
  ],
  reconcile(reader, _key, { now, requeueAt }) {
    if (reader.get('services', NAMESPACE, NAME)) return { writes: [] };
    if (requeueAt === undefined || now < requeueAt) return { writes: [], requeueAt: requeueAt ?? now + PERIOD_MS };
    const { metadata, spec } = original;
    const object = {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name: NAME, namespace: NAMESPACE, labels: { ...metadata.labels } },
      spec: structuredClone(spec),
    };
    return { writes: [{ verb: 'create', object, ignoreExisting: true }] };
  },
});
