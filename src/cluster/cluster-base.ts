/** What a cluster stands on from its first moment: the default objects under its store, and what it trusts. */
import { baseLayer } from '../catalog/base-layer.ts';
import type { ClientAuthorities } from '../controllers/control-plane/cluster-authentication-trust.ts';
import { FLOW_SCHEMA_CONTROLLER } from '../controllers/control-plane/flow-schema.ts';
import { SERVICE_CIDR_CONTROLLER } from '../controllers/services/service-cidr.ts';
import { timestamp } from '../objects/time.ts';
import type { Errands } from '../simulation/errands.ts';
import { createNotary } from '../simulation/notary.ts';
import type { SimulatedClusterOptions } from './simulated-cluster-options.ts';

const authenticationOf = ({ authentication, rootCA }: SimulatedClusterOptions): ClientAuthorities =>
  authentication ?? { clientCA: rootCA, frontProxyCA: rootCA };

/** The default objects' texts by their keys. */
export function baseOf(options: SimulatedClusterOptions): Map<string, string> {
  const { spec, rootCA } = options;
  const { controllers } = spec.components;
  return baseLayer({
    serviceCIDR: spec.serviceCIDR,
    createdAt: timestamp(spec.baseTime ?? spec.clock.start),
    seed: spec.seed,
    rootCA,
    ...authenticationOf(options),
    flowControl: controllers[FLOW_SCHEMA_CONTROLLER] ?? false,
    serviceCIDRs: controllers[SERVICE_CIDR_CONTROLLER] ?? false,
    controllers: Object.entries(controllers).some(([name, on]) => on && name !== FLOW_SCHEMA_CONTROLLER),
  });
}

const KUBERNETES_SERVICE = '/registry/services/specs/default/kubernetes';

export function trustOf(options: SimulatedClusterOptions, base: Map<string, string>, errands: Errands) {
  const { rootCA, signatures } = options;
  return {
    rootCA,
    authentication: authenticationOf(options),
    kubernetes: JSON.parse(base.get(KUBERNETES_SERVICE)!),
    ...(signatures ? { notary: createNotary(signatures, errands) } : {}),
  };
}
