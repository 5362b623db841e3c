/** Who answers when an expression asks what somebody may do: the cluster's roles and bindings, as the gate asks them. */
import type { AuthorizationAnswer, AuthorizationQuestion, Authorize } from '../../cel/library/authorizer.ts';
import { type Attributes, authorize, type Requester } from '../../resources/rbac/authorizer.ts';
import { serviceAccountGroups } from '../identity/authentication.ts';
import type { PluginContext } from './plugin-context.ts';

/** Undefined: nobody asks. */
export function authorizeBy({ roles, identity }: PluginContext): Authorize | undefined {
  if (!roles || !identity) return undefined;
  return (question): AuthorizationAnswer => authorize(askedFor(question, identity), attributesOf(question), roles);
}

function askedFor({ serviceAccount }: AuthorizationQuestion, identity: Requester): Requester {
  if (!serviceAccount) return identity;
  const { namespace, name } = serviceAccount;
  return {
    user: `system:serviceaccount:${namespace}:${name}`,
    groups: [...serviceAccountGroups(namespace), 'system:authenticated'],
  };
}

function attributesOf(question: AuthorizationQuestion): Attributes {
  const { verb, path, group = '', resource = '', subresource, namespace, name } = question;
  if (path !== undefined) return { verb, path };
  return {
    verb,
    group,
    version: '*',
    resource,
    ...(subresource ? { subresource } : {}),
    ...(namespace ? { namespace } : {}),
    ...(name ? { name } : {}),
  };
}
