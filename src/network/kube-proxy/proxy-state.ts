/** What both kinds of rules are made from: each service port with its endpoints sorted out, and the node's own facts. */
import { UNLIMITED_WORK, type WorkBudget } from '../../simulation/work-budget.ts';
import { type Address, addressesOf, cidrsOf, type IPFamily } from './addresses.ts';
import { type Categories, categorize } from './categories.ts';
import { endpointsByPort } from './endpoints.ts';
import type { ProxyInput } from './input.ts';
import { type NodePortAddresses, nodePortAddresses } from './node-ports.ts';
import { type ServicePort, servicePorts } from './services.ts';

export interface ProxyState {
  family: IPFamily;
  /** `0x00004000`. */
  mark: string;
  masqueradeAll: boolean;
  /** How traffic of the cluster's own pods is told apart; absent: it is not. */
  clusterCIDR?: string;
  nodeIP?: Address;
  nodePorts: NodePortAddresses;
  ports: { service: ServicePort; categories: Categories }[];
  /** Of all service ports, whatever their state. */
  endpoints: number;
  /** What the rules may cost: a step a character. */
  work: WorkBudget;
}

const DEFAULT_MASQUERADE_BIT = 14;
const ZONE_LABEL = 'topology.kubernetes.io/zone';

export function proxyState(input: ProxyInput, work: WorkBudget = UNLIMITED_WORK): ProxyState {
  const family = input.ipFamily;
  const byPort = endpointsByPort(input.endpointSlices, family, input.node.name, work);
  const clusterCIDR = input.clusterCIDR?.split(',').find((text) => cidrsOf([text], family).length > 0);
  const nodeIP = addressesOf(input.node.ips, family)[0];
  const zone = input.node.labels?.[ZONE_LABEL];
  const node = { name: input.node.name, ...(zone ? { zone } : {}) };
  let endpoints = 0;
  const ports = servicePorts(input.services, family, work).map((service) => {
    const { namespace, name, portName, protocol } = service;
    work.spend(namespace.length + name.length + portName.length);
    const own = byPort.get(`${namespace}/${name}/${portName}/${protocol}`) ?? [];
    endpoints += own.length;
    return { service, categories: categorize(service, own, node) };
  });
  return {
    family,
    mark: `0x${(2 ** (input.masqueradeBit ?? DEFAULT_MASQUERADE_BIT)).toString(16).padStart(8, '0')}`,
    masqueradeAll: input.masqueradeAll ?? false,
    ...(clusterCIDR ? { clusterCIDR: clusterCIDR.trim() } : {}),
    ...(nodeIP ? { nodeIP } : {}),
    nodePorts: nodePortAddresses(input.nodePortAddresses, family, input.node.ips),
    ports,
    endpoints,
    work,
  };
}
