/** What policies and webhooks know beside the request that they are asked about. */
import type { Catalog } from '../../catalog/catalog.ts';
import type { View } from '../../objects/object.ts';
import type { CallWebhook } from '../../objects/webhook-call.ts';
import type { WorkBudget } from '../../simulation/work-budget.ts';
import type { Identity } from '../identity/authentication.ts';
import type { Requested } from './admission-request.ts';
import type { OutsideAnswers } from './outside-answers.ts';

/** All that a plugin may know beside the request that it is asked about. */
export interface PluginContext {
  /** Policies, bindings and webhooks: lists by resource. */
  configurations: View;
  /** What `pluginReads` asked for. */
  view: View;
  /** The roles and bindings of RBAC, where `pluginsAskAuthorizer`. */
  roles: View | undefined;
  catalog: Catalog;
  requested: Requested;
  /** Who asks; absent for the cluster's own components. */
  identity: Identity | undefined;
  /** What only somebody outside knows; absent where nobody can be asked. */
  answers: OutsideAnswers | undefined;
  /** How webhooks are called; absent where none can be reached. */
  callWebhook: CallWebhook | undefined;
  /** For how long the request may still wait, milliseconds. */
  patience(): number;
  /** What expressions may cost altogether. */
  work: WorkBudget;
  /** Adds a warning to the answer. */
  warn(text: string): void;
  /** Tells the audit log something of the request, if there is one. */
  annotate(key: string, value: string): void;
}
