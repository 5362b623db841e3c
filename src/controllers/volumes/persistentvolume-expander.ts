/**
 * Says of a claim that asks for more than it has that nobody here can give it: a volume's driver would.
 * Source: k8s.io/kubernetes/pkg/controller/volume/expand/expand_controller.go.
 */

import type { ClusterReconciler } from '../../objects/cluster-reconciler.ts';
import type { PersistentVolumeClaim } from '../../objects/generated/core-v1.gen.ts';
import { compareQuantities } from '../../objects/quantity.ts';
import { recordEvent } from '../events.ts';
import { keyOf, parseKey } from '../owners.ts';

const SOURCE = { component: 'volume_expand' };
const PRE_RESIZE_CAPACITY = 'volume.alpha.kubernetes.io/pre-resize-capacity';

const asked = (claim: PersistentVolumeClaim): string => claim.spec?.resources?.requests?.storage ?? '0';
const given = (claim: PersistentVolumeClaim): string => claim.status?.capacity?.storage ?? '0';

export const persistentVolumeExpander = (): ClusterReconciler => ({
  name: 'persistentvolume-expander-controller',
  manager: 'kube-controller-manager',
  reads: ['persistentvolumeclaims'],
  watches: [
    {
      resource: 'persistentvolumeclaims',
      keys: ({ old, new: claim }) => {
        if (!old || claim?.status?.phase !== 'Bound') return [];
        const isMore =
          compareQuantities(asked(claim), asked(old)) > 0 || compareQuantities(given(claim), given(old)) > 0;
        return isMore ? [keyOf(claim)] : [];
      },
    },
  ],
  reconcile(reader, key, { now }) {
    const { namespace, name } = parseKey(key);
    const claim = reader.get('persistentvolumeclaims', namespace, name);
    const volume = claim && reader.get('persistentvolumes', undefined, claim.spec.volumeName ?? '');
    if (!volume || volume.spec.claimRef?.uid !== claim.metadata.uid) return { writes: [] };
    const isResizing = volume.metadata.annotations?.[PRE_RESIZE_CAPACITY] !== undefined;
    if (compareQuantities(asked(claim), given(claim)) <= 0 && !isResizing) return { writes: [] };
    const message = 'waiting for an external controller to expand this PVC';
    const text = { type: 'Normal' as const, reason: 'ExternalExpanding', message };
    return { writes: [recordEvent(reader, claim, SOURCE, text, now)] };
  },
});
