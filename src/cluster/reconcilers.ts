/** All that runs on a cluster's pump: what its components say, and what the API server and etcd do by themselves. */
import type { Catalog } from '../catalog/catalog.ts';
import { apiServiceAvailability } from '../controllers/apiservice-availability.ts';
import { type ClientAuthorities, clusterAuthenticationTrust } from '../controllers/cluster-authentication-trust.ts';
import { eventTtl } from '../controllers/event-ttl.ts';
import { kubernetesService } from '../controllers/kubernetes-service.ts';
import { serviceIPAddresses } from '../controllers/service-ip-addresses.ts';
import { controllers } from '../controllers/table.ts';
import { clusterDNSOf } from '../kubelet/dns.ts';
import { kubelet } from '../kubelet/kubelet.ts';
import type { KubeObject } from '../objects/object.ts';
import { scheduler } from '../scheduler/reconciler.ts';
import { DEFAULT_BEHAVIOURS } from '../simulation/behaviours.ts';
import type { Notary } from '../simulation/notary.ts';
import type { Reconciler } from '../simulation/reconciler.ts';
import type { SimulationSpec } from './simulated-cluster.ts';

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
  catalog: () => Catalog,
  { authentication, ...trust }: Trust,
): Reconciler<KubeObject>[] {
  const { components, podCIDR, serviceCIDR } = spec;
  return [
    eventTtl(),
    serviceIPAddresses(),
    kubernetesService(trust.kubernetes),
    apiServiceAvailability(),
    clusterAuthenticationTrust(authentication),
    ...controllers({ enabled: components.controllers, podCIDR, serviceCIDR, catalog, ...trust }),
    ...(components.scheduler ? [scheduler] : []),
    ...(components.kubelet ? [kubelet(spec.behaviours ?? DEFAULT_BEHAVIOURS, clusterDNSOf(serviceCIDR))] : []),
  ];
}
