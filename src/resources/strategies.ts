/**
 * What is particular to each kind, collected from the files of the groups. A resource has one strategy for all its versions:
 * its functions see the version in which the client sent the object.
 */

import { ADMISSION_POLICY_STRATEGIES } from './admission-policy.ts';
import { API_SERVICE_STRATEGIES } from './api-service.ts';
import { certificateSigningRequest } from './certificate-signing-request.ts';
import { clusterTrustBundle } from './cluster-trust-bundle.ts';
import { CONFIGURATION_STRATEGIES } from './configuration.ts';
import { CONTAINER_STORAGE_STRATEGIES } from './container-storage.ts';
import { COORDINATION_STRATEGIES } from './coordination.ts';
import { CRON_JOB_STRATEGIES } from './cron-job.ts';
import { CUSTOM_RESOURCE_STRATEGIES } from './custom-resource-definition.ts';
import { DEPLOYMENT_STRATEGIES } from './deployment.ts';
import { DEVICE_CLAIM_STRATEGIES } from './device-claims.ts';
import { DEVICE_SLICE_STRATEGIES } from './device-slices.ts';
import { DISCOVERY_STRATEGIES } from './discovery.ts';
import { DISRUPTION_STRATEGIES } from './disruption-budget.ts';
import { EVENT_STRATEGIES } from './event.ts';
import { FLOW_SCHEMA_STRATEGIES } from './flow-schema.ts';
import { AUTOSCALING_STRATEGIES } from './horizontal-pod-autoscaler.ts';
import { INGRESS_STRATEGIES } from './ingress.ts';
import { JOB_STRATEGIES } from './job.ts';
import type { Kind } from './kinds.ts';
import { LIMIT_STRATEGIES } from './limit-range.ts';
import { NAMESPACE_STRATEGIES } from './namespace.ts';
import { NETWORKING_STRATEGIES } from './networking.ts';
import { NODE_STRATEGIES } from './node.ts';
import { VOLUME_STRATEGIES } from './persistent-volume.ts';
import { POD_STRATEGIES } from './pod.ts';
import { podCertificateRequest } from './pod-certificate-request.ts';
import { PRIORITY_LEVEL_STRATEGIES } from './priority-level.ts';
import { RBAC_STRATEGIES } from './rbac.ts';
import { REPLICATION_CONTROLLER_STRATEGIES } from './replication-controller.ts';
import { NODE_CLASS_STRATEGIES } from './runtime-class.ts';
import { SCHEDULING_STRATEGIES } from './scheduling.ts';
import { SERVICE_STRATEGIES } from './service.ts';
import { STATEFUL_STRATEGIES } from './stateful-set.ts';
import { STORAGE_STRATEGIES } from './storage.ts';
import { MIGRATION_STRATEGIES } from './storage-migration.ts';
import type { Strategy } from './strategy.ts';
import { WEBHOOK_STRATEGIES } from './webhooks.ts';

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
