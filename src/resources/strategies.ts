/**
 * What is particular to each kind, collected from the files of the groups. A resource has one strategy for all its versions:
 * its functions see the version in which the client sent the object.
 */

import type { Kind } from '../catalog/kinds.ts';
import type { Strategy } from '../catalog/strategy.ts';
import { ADMISSION_POLICY_STRATEGIES } from './admissionregistration/admission-policy.ts';
import { WEBHOOK_STRATEGIES } from './admissionregistration/webhooks.ts';
import { CUSTOM_RESOURCE_STRATEGIES } from './apiextensions/custom-resource-definition.ts';
import { API_SERVICE_STRATEGIES } from './apiregistration/api-service.ts';
import { DEPLOYMENT_STRATEGIES } from './apps/deployment.ts';
import { STATEFUL_STRATEGIES } from './apps/stateful-set.ts';
import { AUTOSCALING_STRATEGIES } from './autoscaling/horizontal-pod-autoscaler.ts';
import { CRON_JOB_STRATEGIES } from './batch/cron-job.ts';
import { JOB_STRATEGIES } from './batch/job.ts';
import { certificateSigningRequest } from './certificates/certificate-signing-request.ts';
import { clusterTrustBundle } from './certificates/cluster-trust-bundle.ts';
import { podCertificateRequest } from './certificates/pod-certificate-request.ts';
import { COORDINATION_STRATEGIES } from './coordination/coordination.ts';
import { CONFIGURATION_STRATEGIES } from './core/configuration.ts';
import { EVENT_STRATEGIES } from './core/event.ts';
import { LIMIT_STRATEGIES } from './core/limit-range.ts';
import { NAMESPACE_STRATEGIES } from './core/namespace.ts';
import { NODE_STRATEGIES } from './core/node.ts';
import { VOLUME_STRATEGIES } from './core/persistent-volume.ts';
import { POD_STRATEGIES } from './core/pod/pod.ts';
import { REPLICATION_CONTROLLER_STRATEGIES } from './core/replication-controller.ts';
import { SERVICE_STRATEGIES } from './core/service/service.ts';
import { DISCOVERY_STRATEGIES } from './discovery/discovery.ts';
import { FLOW_SCHEMA_STRATEGIES } from './flowcontrol/flow-schema.ts';
import { PRIORITY_LEVEL_STRATEGIES } from './flowcontrol/priority-level.ts';
import { INGRESS_STRATEGIES } from './networking/ingress.ts';
import { NETWORKING_STRATEGIES } from './networking/networking.ts';
import { NODE_CLASS_STRATEGIES } from './node/runtime-class.ts';
import { DISRUPTION_STRATEGIES } from './policy/disruption-budget.ts';
import { RBAC_STRATEGIES } from './rbac/rbac.ts';
import { DEVICE_CLAIM_STRATEGIES } from './resource/device-claims.ts';
import { DEVICE_SLICE_STRATEGIES } from './resource/device-slices.ts';
import { SCHEDULING_STRATEGIES } from './scheduling/scheduling.ts';
import { CONTAINER_STORAGE_STRATEGIES } from './storage/container-storage.ts';
import { STORAGE_STRATEGIES } from './storage/storage.ts';
import { MIGRATION_STRATEGIES } from './storagemigration/storage-migration.ts';

/** By `pods` or `deployments.apps`. */
const STRATEGIES: Record<string, Strategy> = {
  // Core, apps, batch, autoscaling, policy.
  ...POD_STRATEGIES,
  ...VOLUME_STRATEGIES,
  ...REPLICATION_CONTROLLER_STRATEGIES,
  ...NODE_STRATEGIES,
  ...NAMESPACE_STRATEGIES,
  ...LIMIT_STRATEGIES,
  ...EVENT_STRATEGIES,
  ...DISRUPTION_STRATEGIES,
  ...CONFIGURATION_STRATEGIES,
  ...AUTOSCALING_STRATEGIES,
  ...SERVICE_STRATEGIES,
  ...DEPLOYMENT_STRATEGIES,
  ...STATEFUL_STRATEGIES,
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
  ...CONTAINER_STORAGE_STRATEGIES,
  ...STORAGE_STRATEGIES,
  ...RBAC_STRATEGIES,
  ...PRIORITY_LEVEL_STRATEGIES,
  ...NETWORKING_STRATEGIES,
  ...INGRESS_STRATEGIES,
  ...FLOW_SCHEMA_STRATEGIES,
  ...DISCOVERY_STRATEGIES,
};

const NOTHING_PARTICULAR: Strategy = {};

export const strategyFor = (kind: Pick<Kind, 'group' | 'resource'>): Strategy =>
  STRATEGIES[kind.group ? `${kind.resource}.${kind.group}` : kind.resource] ?? NOTHING_PARTICULAR;
