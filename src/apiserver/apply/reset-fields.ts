/** Fields that an endpoint puts back to what they were, which therefore nobody comes to own by it. Source: the strategies' GetResetFields. */
import type { Kind } from '../../catalog/kinds.ts';

export type Paths = readonly (readonly string[])[];

const NONE: Paths = [];
const STATUS: Paths = [['status']];
const SPEC: Paths = [['spec']];
const SPEC_AND_METADATA: Paths = [['spec'], ['metadata']];

/** `status` endpoints that keep more than the spec. */
const OF_STATUS: Record<string, Paths> = {
  pods: [['spec'], ['metadata', 'deletionTimestamp'], ['metadata', 'ownerReferences']],
  'deployments.apps': [['spec'], ['metadata', 'labels']],
  'certificatesigningrequests.certificates.k8s.io': [['spec'], ['status', 'conditions']],
  'podcertificaterequests.certificates.k8s.io': SPEC_AND_METADATA,
  'validatingadmissionpolicies.admissionregistration.k8s.io': SPEC_AND_METADATA,
  'flowschemas.flowcontrol.apiserver.k8s.io': SPEC_AND_METADATA,
  'prioritylevelconfigurations.flowcontrol.apiserver.k8s.io': SPEC_AND_METADATA,
  'servicecidrs.networking.k8s.io': SPEC_AND_METADATA,
  'devicetaintrules.resource.k8s.io': SPEC_AND_METADATA,
  'resourceclaims.resource.k8s.io': SPEC_AND_METADATA,
  'csinodes.storage.k8s.io': SPEC_AND_METADATA,
  'volumeattachments.storage.k8s.io': SPEC_AND_METADATA,
  'storageversionmigrations.storagemigration.k8s.io': SPEC_AND_METADATA,
  'apiservices.apiregistration.k8s.io': SPEC_AND_METADATA,
};

/** `subresource` is '' for the object itself. */
export function resetFieldsOf(kind: Kind, subresource: string): Paths {
  const { name } = kind;
  switch (subresource) {
    case 'status':
      return OF_STATUS[name] ?? (kind.custom ? SPEC_AND_METADATA : SPEC);
    case 'approval':
      return [['spec'], ['status', 'certificate']];
    case '':
      if (name === 'certificatesigningrequests.certificates.k8s.io') return [['spec'], ['status']];
      return kind.subresources.some((s) => s.name === 'status') ? STATUS : NONE;
    default:
      return NONE;
  }
}
