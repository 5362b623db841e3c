/** Which parts of a control plane run: four profiles, and every part on or off by its name. */
import type { Components } from '../../apiserver/storage/storage.ts';

export const PROFILES = ['full', 'api', 'no-kubelet', 'envtest'] as const;
export type Profile = (typeof PROFILES)[number];

/** The controllers that there are (controllers/table.ts), as kube-controller-manager v1.37 names them. */
const CONTROLLER_NAMES = [
  'certificatesigningrequest-approving-controller',
  'certificatesigningrequest-cleaner-controller',
  'certificatesigningrequest-signing-controller',
  'clusterrole-aggregation-controller',
  'cronjob-controller',
  'daemonset-controller',
  'deployment-controller',
  'disruption-controller',
  'endpoints-controller',
  'endpointslice-controller',
  'endpointslice-mirroring-controller',
  'ephemeral-volume-controller',
  'garbage-collector-controller',
  'horizontal-pod-autoscaler-controller',
  'job-controller',
  'namespace-controller',
  'node-ipam-controller',
  'node-lifecycle-controller',
  'persistentvolume-binder-controller',
  'persistentvolume-expander-controller',
  'persistentvolume-protection-controller',
  'persistentvolumeclaim-protection-controller',
  'pod-garbage-collector-controller',
  'podcertificaterequest-cleaner-controller',
  'replicaset-controller',
  'replicationcontroller-controller',
  'resourcequota-controller',
  'root-ca-certificate-publisher-controller',
  'service-cidr-controller',
  'serviceaccount-controller',
  'serviceaccount-token-controller',
  'statefulset-controller',
  'storage-version-migrator-controller',
  'taint-eviction-controller',
  'ttl-after-finished-controller',
  'ttl-controller',
  'validatingadmissionpolicy-status-controller',
  'volumeattributesclass-protection-controller',
] as const;

/** What a real API server runs itself, and what can be switched off here like a controller. */
const SERVER_PARTS = ['priority-and-fairness-config-consumer'] as const;

/**
 * What a cluster has only where it is asked for: kube-controller-manager's controllers that are off by default, and what takes more than
 * it, load balancers' addresses and volumes for claims.
 */
export const ADD_ONS = [
  'bootstrap-signer-controller',
  'local-path-provisioner',
  'service-lb-controller',
  'token-cleaner-controller',
] as const;

/** Those that are not simulated, so that there is nothing to switch. Files of earlier versions name them. */
const NOT_SIMULATED: ReadonlySet<string> = new Set([
  'legacy-serviceaccount-token-cleaner-controller',
  'persistentvolume-attach-detach-controller',
  'resourceclaim-controller',
]);

/** The names in a cluster's `components.controllers`. */
export const RECONCILER_NAMES: readonly string[] = [...CONTROLLER_NAMES, ...SERVER_PARTS, ...ADD_ONS];

/** What an API server needs beside it to answer as in a whole cluster, and nothing that makes pods run. */
const API_CONTROLLERS: ReadonlySet<string> = new Set([
  'clusterrole-aggregation-controller',
  'garbage-collector-controller',
  'namespace-controller',
  'root-ca-certificate-publisher-controller',
  'serviceaccount-controller',
  'serviceaccount-token-controller',
]);

const NODE_PARTS = {
  'kube-scheduler': 'scheduler',
  'kube-proxy': 'kubeProxy',
  kubelet: 'kubelet',
} as const satisfies Record<string, Exclude<keyof Components, 'controllers'>>;

/** How many parts there are, each with one name in a request. */
export const COMPONENTS = RECONCILER_NAMES.length + Object.keys(NODE_PARTS).length;

type NodePart = keyof typeof NODE_PARTS;

const isNodePart = (name: string): name is NodePart => Object.hasOwn(NODE_PARTS, name);

const controllerName = (given: string): string => (given.endsWith('-controller') ? given : `${given}-controller`);

/** Every name that `components` may hold. A controller may be named without its ending, e.g. `deployment`. */
export function componentName(given: string): string | undefined {
  if (isNodePart(given)) return given;
  if (given === 'scheduler') return 'kube-scheduler';
  return RECONCILER_NAMES.find((known) => known === given || known === controllerName(given));
}

/** Whether a file of an earlier version may have the name, which says nothing any more. */
export const isFormerName = (given: string): boolean => NOT_SIMULATED.has(given);

/** What is wrong with what names a component; undefined where `componentName` knows it. */
export function componentProblem(given: string): string | undefined {
  if (componentName(given) !== undefined) return undefined;
  return NOT_SIMULATED.has(controllerName(given))
    ? 'this controller is not simulated, so there is nothing to turn on or off'
    : 'no component has this name';
}

const isOn = (profile: Profile, name: string): boolean => {
  if ((ADD_ONS as readonly string[]).includes(name)) return false;
  if (profile === 'api') return API_CONTROLLERS.has(name);
  if (profile === 'envtest') return (SERVER_PARTS as readonly string[]).includes(name);
  return true;
};

/** The profile's parts, then the changes that `overrides` makes; its names are those that `componentName` knows. */
export function componentsOf(profile: Profile, overrides: Record<string, boolean> = {}): Components {
  const full = profile === 'full';
  const components: Components = {
    scheduler: full || profile === 'no-kubelet',
    kubelet: full,
    kubeProxy: full,
    controllers: Object.fromEntries(RECONCILER_NAMES.map((name) => [name, isOn(profile, name)])),
    // There nobody makes the accounts that pods would need.
    ...(profile === 'envtest' ? { disabledAdmissionPlugins: ['ServiceAccount'] } : {}),
  };
  for (const [given, on] of Object.entries(overrides)) {
    const name = componentName(given);
    if (name === undefined) throw new Error(`no component is named ${given}`);
    if (isNodePart(name)) components[NODE_PARTS[name]] = on;
    else components.controllers[name] = on;
  }
  return components;
}
