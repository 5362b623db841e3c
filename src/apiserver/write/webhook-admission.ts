/**
 * Admission webhooks: which of them a write would be sent to. None of them is called yet, so that each is as one that cannot be reached:
 * the write fails, unless the webhook's failurePolicy says that this does not matter.
 * Models k8s.io/apiserver/pkg/admission/plugin/webhook (generic/webhook.go, predicates, mutating and validating dispatchers).
 */
import type { Kind } from '../../catalog/kinds.ts';
import type { Read } from '../../catalog/strategy.ts';
import type {
  MutatingWebhook,
  RuleWithOperations,
  ServiceReference,
  ValidatingWebhook,
} from '../../objects/generated/admissionregistration-v1.gen.ts';
import type { LabelSelector } from '../../objects/generated/meta-v1.gen.ts';
import type { KubeObject, View } from '../../objects/object.ts';
import { matchesLabelSelector } from '../../objects/selectors.ts';
import { StatusError } from '../../objects/status.ts';

const MUTATING = 'mutatingwebhookconfigurations.admissionregistration.k8s.io';
const VALIDATING = 'validatingwebhookconfigurations.admissionregistration.k8s.io';
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

/** Where the configurations are stored: whether there are any is all that most requests must know. */
export const WEBHOOK_RESOURCES = [MUTATING, VALIDATING] as const;

/** What a write's decision must read where there are webhooks. */
export const webhookReads = (namespace: string | undefined): Read[] => [
  ...WEBHOOK_RESOURCES.map((resource) => ({ resource })),
  ...(namespace === undefined ? [] : [{ resource: 'namespaces', name: namespace }]),
];

export interface Attributes {
  kind: Kind;
  operation: 'CREATE' | 'UPDATE' | 'DELETE';
  namespace: string | undefined;
  subresource: string | undefined;
  /** As it would be; undefined for a deletion. */
  object: KubeObject | undefined;
  old: KubeObject | undefined;
  view: View;
}

type Webhook = MutatingWebhook | ValidatingWebhook;

/** `service`: what stands between the server and the webhook; the message depends on whether it is there. */
export class WebhookUnreachable extends StatusError {
  readonly service: ServiceReference | undefined;
  readonly #hook: Webhook;

  constructor(hook: Webhook, found: KubeObject | undefined) {
    const message = `failed calling webhook "${hook.name}": failed to call webhook: ${postError(hook, found)}`;
    super(500, 'InternalError', `Internal error occurred: ${message}`, { causes: [{ message }] });
    this.service = hook.clientConfig?.service;
    this.#hook = hook;
  }

  /** The same, told by one who knows the service. */
  told(found: KubeObject | undefined): WebhookUnreachable {
    return new WebhookUnreachable(this.#hook, found);
  }
}

/** @throws WebhookUnreachable */
export function callWebhooks(kind: 'mutating' | 'validating', attributes: Attributes): void {
  if (attributes.kind.group === 'admissionregistration.k8s.io' && EXEMPT.has(attributes.kind.kind)) return;
  for (const configuration of attributes.view.list(kind === 'mutating' ? MUTATING : VALIDATING))
    for (const hook of configuration.webhooks ?? []) {
      if (hook.failurePolicy === 'Ignore' || !concerns(hook, attributes)) continue;
      const { namespace, name } = hook.clientConfig?.service ?? {};
      throw new WebhookUnreachable(hook, name ? attributes.view.get('services', namespace, name) : undefined);
    }
}

function concerns(hook: Webhook, attributes: Attributes): boolean {
  // Conditions are expressions, which nobody evaluates yet: what they would let through is let through.
  if (hook.matchConditions?.length) return false;
  if (!matchesNamespace(hook.namespaceSelector, attributes)) return false;
  const { object, old, kind } = attributes;
  if (!isEmpty(hook.objectSelector)) {
    const matches = (o: KubeObject | undefined): boolean =>
      o !== undefined && matchesLabelSelector(hook.objectSelector, o.metadata.labels);
    if (!matches(object) && !matches(old)) return false;
  }
  const kinds = hook.matchPolicy === 'Exact' ? [kind] : kind.equivalents;
  return (hook.rules ?? []).some((rule) => kinds.some((served) => matchesRule(rule, served, attributes)));
}

const isEmpty = (selector: LabelSelector | null | undefined): boolean =>
  Object.keys(selector?.matchLabels ?? {}).length === 0 && (selector?.matchExpressions ?? []).length === 0;

function matchesNamespace(
  selector: LabelSelector | null | undefined,
  { kind, operation, namespace, subresource, object, old, view }: Attributes,
): boolean {
  if (isEmpty(selector)) return true;
  const isNamespace = kind.name === 'namespaces';
  if (namespace === undefined && !isNamespace) return true;
  const itself = isNamespace && !subresource && operation !== 'DELETE' ? object : old;
  const found = isNamespace ? itself : view.get('namespaces', undefined, namespace!);
  return matchesLabelSelector(selector ?? undefined, found?.metadata.labels);
}

function matchesRule(rule: RuleWithOperations, kind: Kind, { operation, subresource = '' }: Attributes): boolean {
  const has = (list: string[] | undefined, value: string): boolean =>
    Boolean(list?.some((item) => item === '*' || item === value));
  const scope = rule.scope ?? '*';
  if (scope !== '*' && (scope === 'Namespaced') !== kind.namespaced) return false;
  if (!has(rule.operations, operation) || !has(rule.apiGroups, kind.group) || !has(rule.apiVersions, kind.version))
    return false;
  return (rule.resources ?? []).some((item) => {
    const slash = item.indexOf('/');
    const [resource, sub] = slash < 0 ? [item, ''] : [item.slice(0, slash), item.slice(slash + 1)];
    return (resource === '*' || resource === kind.resource) && (sub === '*' || sub === subresource);
  });
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
