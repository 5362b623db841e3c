/**
 * Says of a definition in a group of the Kubernetes project whether it was approved.
 * models k8s.io/apiextensions-apiserver/pkg/controller/apiapproval
 */
import type { ClusterReconciler } from '../../objects/cluster-reconciler.ts';
import { approvalOf } from '../../resources/apiextensions/api-approval.ts';
import {
  conditionIn,
  DEFINITIONS,
  DEFINITIONS_MANAGER,
  statusWrite,
  withConditions,
} from './custom-resource-definitions.ts';

const CONFORMANT = 'KubernetesAPIApprovalPolicyConformant';

export const crdApiApprovalController = (): ClusterReconciler => ({
  name: 'kubernetes_api_approval_conformant_condition_controller',
  manager: DEFINITIONS_MANAGER,
  reads: [],
  watches: [{ resource: DEFINITIONS, keys: ({ new: definition }) => (definition ? [definition.metadata.name] : []) }],
  reconcile(reader, name, { now }) {
    const definition = reader.get(DEFINITIONS, undefined, name);
    const approval = definition && approvalOf(definition);
    if (!approval) return { writes: [] };
    const before = conditionIn(definition, CONFORMANT);
    if (before?.reason === approval.reason && before.message === approval.message) return { writes: [] };
    const status = approval.reason === 'ApprovedAnnotation' ? 'True' : 'False';
    return { writes: [statusWrite(withConditions(definition, now, { type: CONFORMANT, status, ...approval }))] };
  },
});
