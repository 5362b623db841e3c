/** The plugins that go by a cluster's own configuration, in the order that they have in the real server. */
import type { Catalog } from '../../catalog/catalog.ts';
import type { Kind } from '../../catalog/kinds.ts';
import type { Read } from '../../catalog/strategy.ts';
import type { View } from '../../objects/object.ts';
import {
  callMutatingWebhooks,
  callValidatingWebhooks,
  webhookReads,
  webhooksAskAuthorizer,
} from '../webhooks/dispatch.ts';
import type { DynamicPlugins } from './dynamic-admission.ts';
import type { PluginContext } from './plugin-context.ts';
import { policiesAskAuthorizer, policyReads } from './policies/invocations.ts';
import { mutateByPolicies } from './policies/mutating-policies.ts';
import { validateByPolicies } from './policies/validating-policies.ts';

export const pluginsOf = (context: PluginContext): DynamicPlugins => ({
  mutating: [
    (request, reinvocation) => mutateByPolicies(request, reinvocation, context),
    (request, reinvocation) => callMutatingWebhooks(request, reinvocation, context),
  ],
  validating: [
    (request) => validateByPolicies(request, context),
    (request) => callValidatingWebhooks(request, context),
  ],
});

/** What the plugins want to see when something of a kind is written. */
export const pluginReads = (
  configurations: View,
  kind: Kind,
  namespace: string | undefined,
  catalog: Catalog,
): Read[] => [
  ...policyReads(configurations, kind, namespace, catalog),
  ...webhookReads(configurations, kind, namespace),
];

/** Whether an expression asks what somebody may do, when something of a kind is written. */
export const pluginsAskAuthorizer = (configurations: View, kind: Kind): boolean =>
  policiesAskAuthorizer(configurations, kind) || webhooksAskAuthorizer(configurations, kind);
