/**
 * What is particular to each kind, collected from the files of the groups. A resource has one strategy for all its versions:
 * its functions see the version in which the client sent the object.
 */

import type { Strategy } from '../catalog/strategy.ts';
import { mutatingAdmissionPolicy, validatingAdmissionPolicy } from './admissionregistration/admission-policy.ts';
import {
  mutatingAdmissionPolicyBinding,
  validatingAdmissionPolicyBinding,
} from './admissionregistration/admission-policy-binding.ts';
import { mutatingWebhookConfiguration, validatingWebhookConfiguration } from './admissionregistration/webhooks.ts';
import { customResourceDefinition } from './apiextensions/custom-resource-definition.ts';
import { apiService } from './apiregistration/api-service.ts';
import { controllerrevisions } from './apps/controller-revision.ts';
import { daemonsets } from './apps/daemon-set.ts';
import { deployments } from './apps/deployment.ts';
import { replicasets } from './apps/replica-set.ts';
import { statefulsets } from './apps/stateful-set.ts';
import { horizontalpodautoscalers } from './autoscaling/horizontal-pod-autoscaler.ts';
import { cronjobs } from './batch/cron-job.ts';
import { jobs } from './batch/job.ts';
import { certificateSigningRequest } from './certificates/certificate-signing-request.ts';
import { clusterTrustBundle } from './certificates/cluster-trust-bundle.ts';
import { podCertificateRequest } from './certificates/pod-certificate-request.ts';
import { lease } from './coordination/lease.ts';
import { configmaps } from './core/config-map.ts';
import { endpoints } from './core/endpoints.ts';
import { events } from './core/event.ts';
import { limitranges } from './core/limit-range.ts';
import { namespaces } from './core/namespace.ts';
import { nodes } from './core/node.ts';
import { persistentvolumes } from './core/persistent-volume.ts';
import { persistentvolumeclaims } from './core/persistent-volume-claim.ts';
import { pods, podtemplates } from './core/pod/pod.ts';
import { replicationcontrollers } from './core/replication-controller.ts';
import { resourcequotas } from './core/resource-quota.ts';
import { secrets } from './core/secret.ts';
import { services } from './core/service/service.ts';
import { serviceaccounts } from './core/service-account.ts';
import { endpointSlice } from './discovery/endpoint-slice.ts';
import { flowSchema } from './flowcontrol/flow-schema.ts';
import { priorityLevelConfiguration } from './flowcontrol/priority-level-configuration.ts';
import { ingress } from './networking/ingress.ts';
import { ingressClass } from './networking/ingress-class.ts';
import { ipAddress } from './networking/ip-address.ts';
import { networkPolicy } from './networking/network-policy.ts';
import { serviceCIDR } from './networking/service-cidr.ts';
import { runtimeClass } from './node/runtime-class.ts';
import { poddisruptionbudgets } from './policy/pod-disruption-budget.ts';
import { clusterRoleBindings, clusterRoles, roleBindings, roles } from './rbac/roles-and-bindings.ts';
import { deviceClass, resourceClaim, resourceClaimTemplate } from './resource/device-claims.ts';
import { deviceTaintRule, resourceSlice } from './resource/device-slices.ts';
import { priorityClass } from './scheduling/priority-class.ts';
import { csiDriver } from './storage/csi-driver.ts';
import { csiNode } from './storage/csi-node.ts';
import { csiStorageCapacity } from './storage/csi-storage-capacity.ts';
import { storageClass } from './storage/storage-class.ts';
import { volumeAttachment } from './storage/volume-attachment.ts';
import { volumeAttributesClass } from './storage/volume-attributes-class.ts';
import { storageVersionMigration } from './storagemigration/storage-version-migration.ts';

/** By `pods` or `deployments.apps`. A kind that is not here has nothing particular. */
export const STRATEGIES: Record<string, Strategy> = {
  // Core, apps, batch, autoscaling, policy.
  pods,
  podtemplates,
  persistentvolumes,
  persistentvolumeclaims,
  replicationcontrollers,
  endpoints,
  nodes,
  namespaces,
  limitranges,
  resourcequotas,
  events,
  'events.events.k8s.io': events,
  'poddisruptionbudgets.policy': poddisruptionbudgets,
  configmaps,
  secrets,
  serviceaccounts,
  'horizontalpodautoscalers.autoscaling': horizontalpodautoscalers,
  services,
  'deployments.apps': deployments,
  'replicasets.apps': replicasets,
  'statefulsets.apps': statefulsets,
  'daemonsets.apps': daemonsets,
  'controllerrevisions.apps': controllerrevisions,
  'jobs.batch': jobs,
  'cronjobs.batch': cronjobs,

  // All other groups.
  'customresourcedefinitions.apiextensions.k8s.io': customResourceDefinition,
  'certificatesigningrequests.certificates.k8s.io': certificateSigningRequest,
  'clustertrustbundles.certificates.k8s.io': clusterTrustBundle,
  'podcertificaterequests.certificates.k8s.io': podCertificateRequest,
  'resourceslices.resource.k8s.io': resourceSlice,
  'devicetaintrules.resource.k8s.io': deviceTaintRule,
  'resourceclaims.resource.k8s.io': resourceClaim,
  'resourceclaimtemplates.resource.k8s.io': resourceClaimTemplate,
  'deviceclasses.resource.k8s.io': deviceClass,
  'apiservices.apiregistration.k8s.io': apiService,
  'validatingadmissionpolicies.admissionregistration.k8s.io': validatingAdmissionPolicy,
  'mutatingadmissionpolicies.admissionregistration.k8s.io': mutatingAdmissionPolicy,
  'validatingadmissionpolicybindings.admissionregistration.k8s.io': validatingAdmissionPolicyBinding,
  'mutatingadmissionpolicybindings.admissionregistration.k8s.io': mutatingAdmissionPolicyBinding,
  'mutatingwebhookconfigurations.admissionregistration.k8s.io': mutatingWebhookConfiguration,
  'validatingwebhookconfigurations.admissionregistration.k8s.io': validatingWebhookConfiguration,
  'storageversionmigrations.storagemigration.k8s.io': storageVersionMigration,
  'runtimeclasses.node.k8s.io': runtimeClass,
  'leases.coordination.k8s.io': lease,
  'priorityclasses.scheduling.k8s.io': priorityClass,
  'csidrivers.storage.k8s.io': csiDriver,
  'csinodes.storage.k8s.io': csiNode,
  'csistoragecapacities.storage.k8s.io': csiStorageCapacity,
  'storageclasses.storage.k8s.io': storageClass,
  'volumeattachments.storage.k8s.io': volumeAttachment,
  'volumeattributesclasses.storage.k8s.io': volumeAttributesClass,
  'roles.rbac.authorization.k8s.io': roles,
  'clusterroles.rbac.authorization.k8s.io': clusterRoles,
  'rolebindings.rbac.authorization.k8s.io': roleBindings,
  'clusterrolebindings.rbac.authorization.k8s.io': clusterRoleBindings,
  'prioritylevelconfigurations.flowcontrol.apiserver.k8s.io': priorityLevelConfiguration,
  'ipaddresses.networking.k8s.io': ipAddress,
  'networkpolicies.networking.k8s.io': networkPolicy,
  'servicecidrs.networking.k8s.io': serviceCIDR,
  'ingressclasses.networking.k8s.io': ingressClass,
  'ingresses.networking.k8s.io': ingress,
  'flowschemas.flowcontrol.apiserver.k8s.io': flowSchema,
  'endpointslices.discovery.k8s.io': endpointSlice,
};
