/**
 * Policies and webhooks as the cluster's own components meet them: clients like any other.
 */
import type { Catalog } from '../../catalog/catalog.ts';
import type { KubeObject, View } from '../../objects/object.ts';
import type { Write } from '../../simulation/reconciler.ts';
import { type Identity, serviceAccountGroups } from '../identity/authentication.ts';
import { AdmissionWork } from './admission-work.ts';
import { chainOf, type DynamicAdmission } from './dynamic-admission.ts';
import { MAX_OUTSIDE_MS } from './patience.ts';
import type { PluginContext } from './plugin-context.ts';
import { pluginsOf } from './plugins.ts';
import { bareOptions } from './requested.ts';

/** Whose service account is not called as the controller is. */
const SERVICE_ACCOUNTS: Record<string, string> = {
  'certificatesigningrequest-approving-controller': 'certificate-controller',
  'certificatesigningrequest-cleaner-controller': 'certificate-controller',
  'certificatesigningrequest-signing-controller': 'certificate-controller',
  'daemonset-controller': 'daemon-set-controller',
  'endpoints-controller': 'endpoint-controller',
  'endpointslice-mirroring-controller': 'endpointslicemirroring-controller',
  'garbage-collector-controller': 'generic-garbage-collector',
  'horizontal-pod-autoscaler-controller': 'horizontal-pod-autoscaler',
  'node-ipam-controller': 'node-controller',
  'node-lifecycle-controller': 'node-controller',
  'persistentvolume-binder-controller': 'persistent-volume-binder',
  'persistentvolume-expander-controller': 'expand-controller',
  'persistentvolume-protection-controller': 'pv-protection-controller',
  'persistentvolumeclaim-protection-controller': 'pvc-protection-controller',
  'pod-garbage-collector-controller': 'pod-garbage-collector',
  'podcertificaterequest-cleaner-controller': 'podcertificaterequestcleaner',
  'replicationcontroller-controller': 'replication-controller',
  'root-ca-certificate-publisher-controller': 'root-ca-cert-publisher',
  'serviceaccount-controller': 'service-account-controller',
  'serviceaccount-token-controller': 'tokens-controller',
  'taint-eviction-controller': 'node-controller',
};
const USERS: Record<string, Identity> = {
  'kube-scheduler': { user: 'system:kube-scheduler', groups: ['system:authenticated'] },
  'kube-apiserver': { user: 'system:apiserver', groups: ['system:masters'] },
};

const NAMESPACE = 'kube-system';

export interface Component {
  /** Of a reconciler. */
  name: string;
  manager: string;
  write: Write<KubeObject>;
}

/** Who a component says that it is: each controller has a service account of its own. */
function identityOf({ name, manager, write }: Component, view: View): Identity {
  if (manager === 'kubelet')
    return { user: `system:node:${nodeOf(write, view) ?? ''}`, groups: ['system:nodes', 'system:authenticated'] };
  return (
    USERS[manager] ?? {
      user: `system:serviceaccount:${NAMESPACE}:${SERVICE_ACCOUNTS[name] ?? name}`,
      groups: [...serviceAccountGroups(NAMESPACE), 'system:authenticated'],
    }
  );
}

/** The node that a write is about, whose kubelet makes it: the node itself, or where a pod is. */
function nodeOf(write: Write<KubeObject>, view: View): string | undefined {
  const object =
    write.verb === 'delete' ? view.get(write.resource, write.namespace, write.name) : (write.object as KubeObject);
  return object?.kind === 'Node' ? object.metadata.name : object?.spec?.nodeName;
}

/** `view`: the cluster's objects as the store has them. */
export function componentAdmission(
  {
    view,
    catalog,
    answers,
    callWebhook,
  }: { view: View; catalog: Catalog } & Partial<Pick<PluginContext, 'answers' | 'callWebhook'>>,
  writer: Component,
): DynamicAdmission {
  const identity = identityOf(writer, view);
  const { user, groups } = identity;
  return chainOf(
    pluginsOf({
      configurations: view,
      view,
      roles: view,
      catalog,
      requested: { user: { username: user, groups }, dryRun: false, options: bareOptions },
      identity,
      answers,
      callWebhook,
      patience: () => MAX_OUTSIDE_MS,
      work: new AdmissionWork().decision(),
      warn: () => undefined,
      // What is no request is in no audit log.
      annotate: () => undefined,
    }),
  );
}
