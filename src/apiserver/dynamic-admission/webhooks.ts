/**
 * Admission webhooks: which of them a write would be sent to. None of them is called yet, so that each is as one that cannot be reached:
 * the write fails, unless the webhook's failurePolicy says that this does not matter.
 * Models k8s.io/apiserver/pkg/admission/plugin/webhook (generic/webhook.go, predicates, mutating and validating dispatchers).
 */
import type { Kind } from '../../catalog/kinds.ts';
import type { Read } from '../../catalog/strategy.ts';
import type { MutatingWebhook, ValidatingWebhook } from '../../objects/generated/admissionregistration-v1.gen.ts';
import type { KubeObject, View } from '../../objects/object.ts';
import { StatusError } from '../../objects/status.ts';
import type { AdmissionRequest } from './admission-request.ts';
import { MUTATING_WEBHOOKS, VALIDATING_WEBHOOKS } from './configurations.ts';
import { matchedKind, matchesNamespace, matchesObject } from './matching.ts';
import type { PluginContext } from './plugin-context.ts';

/** Their own configurations no webhook may keep anybody from changing. */
const EXEMPT = new Set([
  'MutatingAdmissionPolicy',
  'MutatingAdmissionPolicyBinding',
  'MutatingWebhookConfiguration',
  'ValidatingAdmissionPolicy',
  'ValidatingAdmissionPolicyBinding',
  'ValidatingWebhookConfiguration',
]);
const DEFAULT_TIMEOUT_SECONDS = 10;
const DEFAULT_PORT = 443;

/** The namespace, for selectors, and what stands between the server and a webhook. */
export function webhookReads(configurations: View, kind: Kind, namespace: string | undefined): Read[] {
  const hooks = [MUTATING_WEBHOOKS, VALIDATING_WEBHOOKS].flatMap((resource) => hooksOf(configurations, resource));
  if (hooks.length === 0 || isExempt(kind)) return [];
  const reads: Read[] = namespace === undefined ? [] : [{ resource: 'namespaces', name: namespace }];
  for (const { clientConfig } of hooks)
    if (clientConfig?.service) {
      const { namespace, name } = clientConfig.service;
      reads.push({ resource: 'services', namespace, name });
    }
  return reads;
}

const isExempt = ({ group, kind }: Kind): boolean => group === 'admissionregistration.k8s.io' && EXEMPT.has(kind);

const hooksOf = (configurations: View, resource: string): Webhook[] =>
  configurations.list(resource).flatMap(({ webhooks }) => (webhooks ?? []) as Webhook[]);

type Webhook = MutatingWebhook | ValidatingWebhook;

/** @throws StatusError */
export function callWebhooks(
  when: 'mutating' | 'validating',
  request: AdmissionRequest,
  { configurations, view }: PluginContext,
): void {
  if (isExempt(request.kind)) return;
  for (const hook of hooksOf(configurations, when === 'mutating' ? MUTATING_WEBHOOKS : VALIDATING_WEBHOOKS)) {
    if (hook.failurePolicy === 'Ignore' || !concerns(hook, request, view)) continue;
    const { namespace, name } = hook.clientConfig?.service ?? {};
    throw unreachable(hook, name ? view.get('services', namespace, name) : undefined);
  }
}

function unreachable(hook: Webhook, service: KubeObject | undefined): StatusError {
  const message = `failed calling webhook "${hook.name}": failed to call webhook: ${postError(hook, service)}`;
  return new StatusError(500, 'InternalError', `Internal error occurred: ${message}`, { causes: [{ message }] });
}

function concerns(hook: Webhook, request: AdmissionRequest, view: View): boolean {
  // Conditions are expressions, which nobody evaluates yet: what they would let through is let through.
  if (hook.matchConditions?.length) return false;
  return (
    matchesNamespace(hook.namespaceSelector, request, view) &&
    matchesObject(hook.objectSelector, request) &&
    matchedKind(hook.rules ?? [], hook.matchPolicy, request) !== undefined
  );
}

/** As Go's client says that it got nowhere. */
function postError(hook: Webhook, found: KubeObject | undefined): string {
  const { service, url } = hook.clientConfig ?? {};
  const timeout = `timeout=${hook.timeoutSeconds ?? DEFAULT_TIMEOUT_SECONDS}s`;
  if (!service) return `Post "${withQuery(url ?? '', timeout)}": ${dialError(url ?? '')}`;
  const { namespace, name, port = DEFAULT_PORT, path = '' } = service;
  const where = `https://${name}.${namespace}.svc:${port}/${path.replace(/^\/+|\/+$/g, '')}?${timeout}`;
  return `Post "${where}": ${serviceError(name, port, found)}`;
}

function serviceError(name: string, port: number, found: KubeObject | undefined): string {
  if (!found) return `service "${name}" not found`;
  const { type = 'ClusterIP', clusterIP, externalName, ports = [] } = found.spec ?? {};
  if (type === 'ExternalName') return `dial tcp: lookup ${externalName}: no such host`;
  if (clusterIP === 'None') return 'cannot route to service with ClusterIP "None"';
  if (!ports.some((p: { port: number }) => p.port === port))
    return `no service port ${port} found for service "${name}"`;
  // The programs of pods are simulated: nobody listens.
  return `dial tcp ${clusterIP}:${port}: connect: connection refused`;
}

const withQuery = (url: string, query: string): string => {
  const [, root = url, path = ''] = /^([a-z]+:\/\/[^/]*)(\/.*)?$/i.exec(url) ?? [];
  return `${root}${path === '' ? '/' : path.length > 1 ? path.replace(/\/+$/, '') : path}?${query}`;
};

function dialError(url: string): string {
  const [, host = '', port = String(DEFAULT_PORT)] = /^[a-z]+:\/\/(\[[^\]]*\]|[^/:]*)(?::(\d+))?/i.exec(url) ?? [];
  const isAddress = host.startsWith('[') || /^[\d.]+$/.test(host);
  return isAddress ? `dial tcp ${host}:${port}: connect: connection refused` : `dial tcp: lookup ${host}: no such host`;
}
