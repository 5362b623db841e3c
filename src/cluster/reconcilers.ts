/** All that runs on a cluster's pump: what its components say, and what the API server and etcd do by themselves. */
import { CONFIGURATION_RESOURCES } from '../apiserver/dynamic-admission/configurations.ts';
import { apiServiceAvailability } from '../controllers/control-plane/apiservice-availability.ts';
import {
  type ClientAuthorities,
  clusterAuthenticationTrust,
} from '../controllers/control-plane/cluster-authentication-trust.ts';
import { crdApiApprovalController } from '../controllers/control-plane/crd-api-approval.ts';
import { crdEstablishingController } from '../controllers/control-plane/crd-establishing.ts';
import { crdFinalizer } from '../controllers/control-plane/crd-finalizer.ts';
import { crdNamingController } from '../controllers/control-plane/crd-naming.ts';
import { eventTtl } from '../controllers/control-plane/event-ttl.ts';
import { kubernetesService } from '../controllers/control-plane/kubernetes-service.ts';
import { leaderElection } from '../controllers/control-plane/leader-election.ts';
import { serviceIPAddresses } from '../controllers/services/service-ip-addresses.ts';
import { controllers } from '../controllers/table.ts';
import { kubelet } from '../kubelet/kubelet.ts';
import { nodeSilence } from '../kubelet/node-silence.ts';
import type { Runtime } from '../kubelet/runtime/pod-runtime.ts';
import { staticPodsReconciler } from '../kubelet/static-pods.ts';
import { clusterDNSOf } from '../objects/cluster-dns.ts';
import type { KubeObject } from '../objects/object.ts';
import { scheduler } from '../scheduler/reconciler.ts';
import { DEFAULT_BEHAVIOURS } from '../simulation/behaviours.ts';
import type { Notary } from '../simulation/notary.ts';
import type { Reconciler } from '../simulation/reconciler.ts';
import { ControlPlane } from './control-plane.ts';
import type { KindsOfCluster } from './defined-kinds.ts';
import type { SimulationSpec } from './simulation-spec.ts';

/** What reconcilers know of certificates and keys. */
interface Trust {
  rootCA: string;
  authentication: ClientAuthorities;
  notary?: Notary;
  /** The API server's own Service, as the cluster begins with it. */
  kubernetes: KubeObject;
}

export function reconcilersOf(
  spec: SimulationSpec,
  { catalog, definitions }: KindsOfCluster,
  { authentication, ...trust }: Trust,
  { runtime, controlPlane }: { runtime: Runtime; controlPlane: ControlPlane },
): Reconciler<KubeObject>[] {
  const { components, podCIDR, serviceCIDR, behaviours = DEFAULT_BEHAVIOURS } = spec;
  const managed = controllers({ enabled: components.controllers, podCIDR, serviceCIDR, catalog, behaviours, ...trust });
  const scheduling = components.scheduler ? [scheduler] : [];
  controlPlane.runsIn(
    managed.map(({ name }) => name),
    scheduling.map(({ name }) => name),
  );
  return [
    eventTtl(),
    serviceIPAddresses(),
    kubernetesService(trust.kubernetes),
    apiServiceAvailability(),
    clusterAuthenticationTrust(authentication),
    crdNamingController(definitions),
    crdEstablishingController(),
    crdApiApprovalController(),
    crdFinalizer(),
    ...managed,
    ...scheduling,
    ...(components.kubelet ? [kubelet(behaviours, clusterDNSOf(serviceCIDR), runtime)] : []),
    nodeSilence({
      runtime,
      broken: (node) => controlPlane.faults.nodes[node],
      wasOff: (node) => controlPlane.wasOff(node),
    }),
    ...(controlPlane.topology ? controlPlaneReconcilers(controlPlane) : []),
  ];
}

const controlPlaneReconcilers = ({ manifestsOf, isAtWork }: ControlPlane): Reconciler<KubeObject>[] => [
  staticPodsReconciler(manifestsOf),
  ...ControlPlane.elected.map((component) => leaderElection(component, isAtWork)),
];

/** What the API server's stages, and the rules of a node, look at in lists, as a reconciler's `reads`. */
export const API_SERVER_READS: readonly string[] = [
  ...CONFIGURATION_RESOURCES,
  'endpointslices.discovery.k8s.io',
  'ingressclasses.networking.k8s.io',
  'limitranges',
  'poddisruptionbudgets.policy',
  'pods',
  'priorityclasses.scheduling.k8s.io',
  'resourcequotas',
  'servicecidrs.networking.k8s.io',
  'services',
  'storageclasses.storage.k8s.io',
];

/** All that some of them read in full: what is kept in memory whole. */
export const readInFull = (reconcilers: readonly Reconciler<KubeObject>[]): ReadonlySet<string> =>
  new Set([...API_SERVER_READS, ...reconcilers.flatMap(({ reads }) => reads)]);
