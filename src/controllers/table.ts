/** The controllers by their kube-controller-manager names: the ones that the cluster's components switch on. */
import type { Catalog } from '../catalog/catalog.ts';
import type { KubeObject } from '../objects/object.ts';
import type { Notary } from '../simulation/notary.ts';
import type { Reconciler } from '../simulation/reconciler.ts';
import { certificateApprovingController } from './certificatesigningrequest-approving.ts';
import { certificateCleanerController } from './certificatesigningrequest-cleaner.ts';
import { certificateSigningController } from './certificatesigningrequest-signing.ts';
import { clusterRoleAggregationController } from './clusterrole-aggregation.ts';
import { cronJobController } from './cronjob.ts';
import { daemonSetController } from './daemonset.ts';
import { deploymentController } from './deployment.ts';
import { disruptionController } from './disruption.ts';
import { endpointsController } from './endpoints.ts';
import { endpointSliceController } from './endpointslice.ts';
import { endpointSliceMirroringController } from './endpointslice-mirroring.ts';
import { ephemeralVolumeController } from './ephemeral-volume.ts';
import { flowSchemaController } from './flow-schema.ts';
import { garbageCollector } from './garbage-collector.ts';
import { horizontalPodAutoscalerController } from './horizontal-pod-autoscaler.ts';
import { jobController } from './job.ts';
import { namespaceController } from './namespace.ts';
import { type NetworkConfig, nodeIpamController } from './node-ipam.ts';
import { nodeLifecycleController } from './node-lifecycle.ts';
import { nodeTtlController } from './node-ttl.ts';
import { persistentVolumeBinder } from './persistentvolume-binder.ts';
import { persistentVolumeExpander } from './persistentvolume-expander.ts';
import { podGarbageCollector } from './pod-garbage-collector.ts';
import { podCertificateCleanerController } from './podcertificaterequest-cleaner.ts';
import { replicaSetController, replicationController } from './replicaset.ts';
import { resourceQuotaController } from './resourcequota.ts';
import { rootCACertificatePublisher } from './root-ca-certificate-publisher.ts';
import { serviceAccountController } from './serviceaccount.ts';
import { serviceAccountTokenController } from './serviceaccount-token.ts';
import { statefulSetController } from './statefulset.ts';
import { storageVersionMigratorController } from './storage-version-migrator.ts';
import { taintEvictionController } from './taint-eviction.ts';
import { ttlAfterFinishedController } from './ttl-after-finished.ts';
import {
  attributesClassProtectionController,
  claimProtectionController,
  volumeProtectionController,
} from './volume-protection.ts';

export interface ControllersConfig extends NetworkConfig {
  /** Which run, by name; one that isn't named doesn't. */
  enabled: Record<string, boolean>;
  /** The kinds that there are at the moment. */
  catalog(): Catalog;
  /** The certificate that clients trust the API server by, PEM. */
  rootCA: string;
  /** Without one nothing is signed. */
  notary?: Notary;
}

export const controllers = (config: ControllersConfig): Reconciler<KubeObject>[] =>
  [
    namespaceController(),
    serviceAccountController(),
    ...(config.notary
      ? [serviceAccountTokenController(config.rootCA, config.notary), certificateSigningController(config.notary)]
      : []),
    certificateApprovingController(),
    certificateCleanerController(),
    podCertificateCleanerController(),
    rootCACertificatePublisher(config.rootCA),
    garbageCollector(config.catalog),
    clusterRoleAggregationController(),
    deploymentController(),
    replicaSetController(),
    replicationController(),
    endpointSliceController(),
    endpointsController(),
    endpointSliceMirroringController(),
    daemonSetController(),
    statefulSetController(),
    jobController(),
    ttlAfterFinishedController(),
    persistentVolumeBinder(),
    persistentVolumeExpander(),
    ephemeralVolumeController(),
    claimProtectionController(),
    volumeProtectionController(),
    attributesClassProtectionController(),
    cronJobController(),
    disruptionController(config.catalog),
    resourceQuotaController(config.catalog),
    podGarbageCollector(),
    horizontalPodAutoscalerController(config.catalog),
    nodeIpamController(config),
    nodeLifecycleController(),
    nodeTtlController(),
    taintEvictionController(),
    storageVersionMigratorController(config.catalog),
    flowSchemaController(),
  ].filter((controller) => config.enabled[controller.name]);
