/** Where a webhook is called, and what stands in the way. Models k8s.io/apiserver/pkg/util/webhook/client.go and util/proxy. */
import type { WebhookClientConfig } from '../../objects/generated/admissionregistration-v1.gen.ts';
import type { KubeObject, View } from '../../objects/object.ts';
import { type CalledService, notListening, unreachable } from '../../objects/webhook-call.ts';

const DEFAULT_PORT = 443;

const PEM = /-----BEGIN CERTIFICATE-----/;

/** Why nobody can be trusted by the certificates that a configuration has; undefined: they can be read, or there are none. */
export function bundleProblem({ caBundle }: WebhookClientConfig): string | undefined {
  if (!caBundle || PEM.test(textOf(caBundle))) return undefined;
  return 'unable to load root certificates: unable to parse bytes as PEM block';
}

function textOf(base64: string): string {
  try {
    return atob(base64);
  } catch {
    return '';
  }
}

export interface Target {
  /** Without what tells how long it is waited for. */
  url: string;
  /** The Service that it is behind, which is there and has the port. */
  service?: CalledService;
  /** Why nobody is asked. */
  problem?: string;
}

/** `view` has the Service, if it is one's. */
export function targetOf(config: WebhookClientConfig, view: View | undefined): Target {
  const { service, url = '' } = config;
  if (!service) return { url: cleaned(url) };
  const { namespace, name, port = DEFAULT_PORT, path = '' } = service;
  const target = { url: `https://${name}.${namespace}.svc:${port}/${path.replace(/^\/+|\/+$/g, '')}` };
  if (!view) return { ...target, problem: unreachable(target.url) };
  const found = view.get('services', namespace, name);
  const problem = serviceProblem(name, port, found);
  return problem === undefined
    ? { ...target, service: { namespace, name, port, clusterIP: found?.spec?.clusterIP ?? '' } }
    : { ...target, problem };
}

/** The URL as it is called, by whom it is told how long it is waited for. */
export const calledURL = ({ url }: Target, timeoutSeconds: number): string => `${url}?timeout=${timeoutSeconds}s`;

/** Why a target cannot be called where nobody is there who calls. */
export const uncalled = ({ url, service }: Target): string => (service ? notListening(service) : unreachable(url));

function serviceProblem(name: string, port: number, found: KubeObject | undefined): string | undefined {
  if (!found) return `service "${name}" not found`;
  const { type = 'ClusterIP', clusterIP, externalName, ports = [] } = found.spec ?? {};
  if (type === 'ExternalName') return `dial tcp: lookup ${externalName}: no such host`;
  if (clusterIP === 'None') return 'cannot route to service with ClusterIP "None"';
  if (!ports.some((p: { port: number }) => p.port === port))
    return `no service port ${port} found for service "${name}"`;
  return undefined;
}

/** The path as Go's client joins it. */
const cleaned = (url: string): string => {
  const [, root = url, path = ''] = /^([a-z]+:\/\/[^/]*)(\/.*)?$/i.exec(url) ?? [];
  return root + (path === '' ? '/' : path.length > 1 ? path.replace(/\/+$/, '') : path);
};
