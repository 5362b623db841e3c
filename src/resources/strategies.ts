/**
 * What is particular to each kind, collected from the files of the groups. A resource has one strategy for all its versions:
 * its functions see the version in which the client sent the object.
 */

import type { Strategy } from '../catalog/strategy.ts';
import { ADMISSION_POLICY_STRATEGIES } from './admissionregistration/admission-policy.ts';
import { WEBHOOK_STRATEGIES } from './admissionregistration/webhooks.ts';
import { CUSTOM_RESOURCE_STRATEGIES } from './apiextensions/custom-resource-definition.ts';
import { API_SERVICE_STRATEGIES } from './apiregistration/api-service.ts';
import { controllerrevisions } from './apps/controller-revision.ts';
import { daemonsets } from './apps/daemon-set.ts';
import { deployments } from './apps/deployment.ts';
import { replicasets } from './apps/replica-set.ts';
import { statefulsets } from './apps/stateful-set.ts';
import { AUTOSCALING_STRATEGIES } from './autoscaling/horizontal-pod-autoscaler.ts';
import { CRON_JOB_STRATEGIES } from './batch/cron-job.ts';
import { JOB_STRATEGIES } from './batch/job.ts';
import { certificateSigningRequest } from './certificates/certificate-signing-request.ts';
import { clusterTrustBundle } from './certificates/cluster-trust-bundle.ts';
import { podCertificateRequest } from './certificates/pod-certificate-request.ts';
import { COORDINATION_STRATEGIES } from './coordination/lease.ts';
import { configmaps } from './core/config-map.ts';
import { endpoints } from './core/endpoints.ts';
import { EVENT_STRATEGIES } from './core/event.ts';
import { limitranges } from './core/limit-range.ts';
import { NAMESPACE_STRATEGIES } from './core/namespace.ts';
import { NODE_STRATEGIES } from './core/node.ts';
import { persistentvolumes } from './core/persistent-volume.ts';
import { persistentvolumeclaims } from './core/persistent-volume-claim.ts';
import { POD_STRATEGIES } from './core/pod/pod.ts';
import { replicationcontrollers } from './core/replication-controller.ts';
import { resourcequotas } from './core/resource-quota.ts';
import { secrets } from './core/secret.ts';
import { SERVICE_STRATEGIES } from './core/service/service.ts';
import { serviceaccounts } from './core/service-account.ts';
import { DISCOVERY_STRATEGIES } from './discovery/endpoint-slice.ts';
import { FLOW_SCHEMA_STRATEGIES } from './flowcontrol/flow-schema.ts';
import { PRIORITY_LEVEL_STRATEGIES } from './flowcontrol/priority-level-configuration.ts';
import { ingress } from './networking/ingress.ts';
import { ingressClass } from './networking/ingress-class.ts';
import { ipAddress } from './networking/ip-address.ts';
import { networkPolicy } from './networking/network-policy.ts';
import { serviceCIDR } from './networking/service-cidr.ts';
import { NODE_CLASS_STRATEGIES } from './node/runtime-class.ts';
import { DISRUPTION_STRATEGIES } from './policy/pod-disruption-budget.ts';
import { RBAC_STRATEGIES } from './rbac/roles-and-bindings.ts';
import { DEVICE_CLAIM_STRATEGIES } from './resource/device-claims.ts';
import { DEVICE_SLICE_STRATEGIES } from './resource/device-slices.ts';
import { SCHEDULING_STRATEGIES } from './scheduling/priority-class.ts';
import { csiDriver } from './storage/csi-driver.ts';
import { csiNode } from './storage/csi-node.ts';
import { csiStorageCapacity } from './storage/csi-storage-capacity.ts';
import { storageClass } from './storage/storage-class.ts';
import { volumeAttachment } from './storage/volume-attachment.ts';
import { volumeAttributesClass } from './storage/volume-attributes-class.ts';
import { MIGRATION_STRATEGIES } from './storagemigration/storage-version-migration.ts';

/** By `pods` or `deployments.apps`. A kind that is not here has nothing particular. */
export const STRATEGIES: Record<string, Strategy> = {
  // Core, apps, batch, autoscaling, policy.
  ...POD_STRATEGIES,
  persistentvolumes,
  persistentvolumeclaims,
  replicationcontrollers,
  endpoints,
  ...NODE_STRATEGIES,
  ...NAMESPACE_STRATEGIES,
  limitranges,
  resourcequotas,
  ...EVENT_STRATEGIES,
  ...DISRUPTION_STRATEGIES,
  configmaps,
  secrets,
  serviceaccounts,
  ...AUTOSCALING_STRATEGIES,
  ...SERVICE_STRATEGIES,
  'deployments.apps': deployments,
  'replicasets.apps': replicasets,
  'statefulsets.apps': statefulsets,
  'daemonsets.apps': daemonsets,
  'controllerrevisions.apps': controllerrevisions,
  ...JOB_STRATEGIES,
  ...CRON_JOB_STRATEGIES,

  // All other groups.
  ...CUSTOM_RESOURCE_STRATEGIES,
  'certificatesigningrequests.certificates.k8s.io': certificateSigningRequest,
  'clustertrustbundles.certificates.k8s.io': clusterTrustBundle,
  'podcertificaterequests.certificates.k8s.io': podCertificateRequest,
  ...DEVICE_SLICE_STRATEGIES,
  ...DEVICE_CLAIM_STRATEGIES,
  ...API_SERVICE_STRATEGIES,
  ...ADMISSION_POLICY_STRATEGIES,
  ...WEBHOOK_STRATEGIES,
  ...MIGRATION_STRATEGIES,
  ...NODE_CLASS_STRATEGIES,
  ...COORDINATION_STRATEGIES,
  ...SCHEDULING_STRATEGIES,
  'csidrivers.storage.k8s.io': csiDriver,
  'csinodes.storage.k8s.io': csiNode,
  'csistoragecapacities.storage.k8s.io': csiStorageCapacity,
  'storageclasses.storage.k8s.io': storageClass,
  'volumeattachments.storage.k8s.io': volumeAttachment,
  'volumeattributesclasses.storage.k8s.io': volumeAttributesClass,
  ...RBAC_STRATEGIES,
  ...PRIORITY_LEVEL_STRATEGIES,
  'ipaddresses.networking.k8s.io': ipAddress,
  'networkpolicies.networking.k8s.io': networkPolicy,
  'servicecidrs.networking.k8s.io': serviceCIDR,
  'ingressclasses.networking.k8s.io': ingressClass,
  'ingresses.networking.k8s.io': ingress,
  ...FLOW_SCHEMA_STRATEGIES,
  ...DISCOVERY_STRATEGIES,
};
