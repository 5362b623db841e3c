/** Tells in a policy's status what its expressions have against the schemas of what it is about. Source: pkg/controller/validatingadmissionpolicystatus. */
import type { Catalog } from '../../catalog/catalog.ts';
import type { ClusterReconciler } from '../../objects/cluster-reconciler.ts';
import type { ValidatingAdmissionPolicy } from '../../objects/generated/admissionregistration-v1.gen.ts';
import { expressionWarnings } from '../../resources/admissionregistration/type-checking.ts';

const POLICIES = 'validatingadmissionpolicies.admissionregistration.k8s.io';

/** `catalog`: the kinds that there are at the moment. */
export const validatingAdmissionPolicyStatusController = (catalog: () => Catalog): ClusterReconciler => ({
  name: 'validatingadmissionpolicy-status-controller',
  manager: 'validatingadmissionpolicy-status',
  reads: [POLICIES],
  watches: [
    {
      resource: POLICIES,
      keys: ({ new: policy }) => (policy && !isObserved(policy) ? [policy.metadata.name] : []),
    },
  ],
  reconcile(reader, name) {
    const policy = reader.get(POLICIES, undefined, name) as ValidatingAdmissionPolicy | undefined;
    if (!policy || isObserved(policy)) return { writes: [] };
    const warnings = expressionWarnings(policy, catalog());
    const status = {
      ...policy.status,
      observedGeneration: policy.metadata.generation,
      typeChecking: warnings.length > 0 ? { expressionWarnings: warnings } : {},
    };
    return { writes: [{ verb: 'update', object: { ...policy, status }, subresource: 'status' }] };
  },
});

const isObserved = ({ metadata, status }: ValidatingAdmissionPolicy): boolean =>
  (metadata.generation ?? 0) <= (status?.observedGeneration ?? 0);
