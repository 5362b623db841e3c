/** The controllers by their kube-controller-manager names: the ones that the cluster's components switch on. */
import type { Catalog } from '../catalog/catalog.ts';
import type { KubeObject } from '../objects/object.ts';
import { behaviours } from '../resources/core/pod/behaviour.ts';
import type { Behaviour } from '../simulation/behaviours.ts';
import type { Notary } from '../simulation/notary.ts';
import type { Reconciler } from '../simulation/reconciler.ts';
import { daemonSetController } from './apps/daemonset.ts';
import { deploymentController } from './apps/deployment.ts';
import { replicaSetController, replicationController } from './apps/replicaset.ts';
import { statefulSetController } from './apps/statefulset.ts';
import { horizontalPodAutoscalerController } from './autoscaling/horizontal-pod-autoscaler.ts';
import { cronJobController } from './batch/cronjob.ts';
import { jobController } from './batch/job.ts';
import { ttlAfterFinishedController } from './batch/ttl-after-finished.ts';
import { bootstrapSigner } from './bootstrap/bootstrap-signer.ts';
import { tokenCleaner } from './bootstrap/token-cleaner.ts';
import { certificateApprovingController } from './certificates/certificatesigningrequest-approving.ts';
import { certificateCleanerController } from './certificates/certificatesigningrequest-cleaner.ts';
import { certificateSigningController } from './certificates/certificatesigningrequest-signing.ts';
import { podCertificateCleanerController } from './certificates/podcertificaterequest-cleaner.ts';
import { clusterRoleAggregationController } from './control-plane/clusterrole-aggregation.ts';
import { flowSchemaController } from './control-plane/flow-schema.ts';
import { storageVersionMigratorController } from './control-plane/storage-version-migrator.ts';
import { garbageCollector } from './garbage-collection/garbage-collector.ts';
import { podGarbageCollector } from './garbage-collection/pod-garbage-collector.ts';
import { namespaceController } from './namespaces/namespace.ts';
import { resourceQuotaController } from './namespaces/resourcequota.ts';
import { rootCACertificatePublisher } from './namespaces/root-ca-certificate-publisher.ts';
import { serviceAccountController } from './namespaces/serviceaccount.ts';
import { serviceAccountTokenController } from './namespaces/serviceaccount-token.ts';
import { type NetworkConfig, nodeIpamController } from './nodes/node-ipam.ts';
import { nodeLifecycleController } from './nodes/node-lifecycle.ts';
import { nodeTtlController } from './nodes/node-ttl.ts';
import { taintEvictionController } from './nodes/taint-eviction.ts';
import { disruptionController } from './policy/disruption.ts';
import { validatingAdmissionPolicyStatusController } from './policy/validatingadmissionpolicy-status.ts';
import { endpointsController } from './services/endpoints.ts';
import { endpointSliceController } from './services/endpointslice.ts';
import { endpointSliceMirroringController } from './services/endpointslice-mirroring.ts';
import { serviceCIDRController } from './services/service-cidr.ts';
import { serviceLoadBalancerController } from './services/service-lb.ts';
import { ephemeralVolumeController } from './volumes/ephemeral-volume.ts';
import { localPathProvisioner } from './volumes/local-path-provisioner.ts';
import { persistentVolumeBinder } from './volumes/persistentvolume-binder.ts';
import { persistentVolumeExpander } from './volumes/persistentvolume-expander.ts';
import {
  attributesClassProtectionController,
  claimProtectionController,
  volumeProtectionController,
} from './volumes/volume-protection.ts';

export interface ControllersConfig extends NetworkConfig {
  /** Which run, by name; one that isn't named doesn't. */
  enabled: Record<string, boolean>;
  /** The kinds that there are at the moment. */
  catalog(): Catalog;
  /** The certificate that clients trust the API server by, PEM. */
  rootCA: string;
  /** How containers behave. */
  behaviours?: Behaviour[];
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
    validatingAdmissionPolicyStatusController(config.catalog),
    deploymentController(),
    replicaSetController(),
    replicationController(),
    endpointSliceController(),
    endpointsController(),
    endpointSliceMirroringController(),
    serviceCIDRController(),
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
    horizontalPodAutoscalerController(config.catalog, behaviours(config.behaviours ?? [])),
    nodeIpamController(config),
    nodeLifecycleController(),
    nodeTtlController(),
    taintEvictionController(),
    storageVersionMigratorController(config.catalog),
    flowSchemaController(),
    bootstrapSigner(),
    tokenCleaner(),
    serviceLoadBalancerController(),
    localPathProvisioner(),
  ].filter((controller) => config.enabled[controller.name]);
