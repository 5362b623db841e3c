/**
 * Policies and webhooks as the cluster's own components meet them: clients like any other, but for what has to be asked outside, for which
 * a component's write cannot wait.
 */
import type { Catalog } from '../../catalog/catalog.ts';
import type { View } from '../../objects/object.ts';
import type { Identity } from '../identity/authentication.ts';
import { chainOf, type DynamicAdmission } from './dynamic-admission.ts';
import { pluginsOf } from './plugins.ts';

const CONTROLLER_MANAGER = 'kube-controller-manager';
const USERS: Record<string, Identity> = {
  'kube-scheduler': { user: 'system:kube-scheduler', groups: ['system:authenticated'] },
  kubelet: { user: 'system:node', groups: ['system:nodes', 'system:authenticated'] },
};

/** Who a component says that it is: each controller has a service account of its own. */
function identityOf({ name, manager }: { name: string; manager: string }): Identity {
  if (manager === CONTROLLER_MANAGER)
    return {
      user: `system:serviceaccount:kube-system:${name}`,
      groups: ['system:serviceaccounts', 'system:serviceaccounts:kube-system', 'system:authenticated'],
    };
  return USERS[manager] ?? { user: 'system:apiserver', groups: ['system:masters'] };
}

/** `view`: the cluster's objects as the store has them. */
export function componentAdmission(
  { view, catalog }: { view: View; catalog: Catalog },
  writer: { name: string; manager: string },
): DynamicAdmission {
  const identity = identityOf(writer);
  const { user, groups } = identity;
  return chainOf(
    pluginsOf({
      configurations: view,
      view,
      roles: view,
      catalog,
      requested: { user: { username: user, groups }, dryRun: false, options: () => undefined },
      identity,
      answers: undefined,
      callWebhook: undefined,
      warn: () => undefined,
    }),
  );
}
