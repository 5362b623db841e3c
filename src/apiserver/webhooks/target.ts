/** Where a webhook is called, and what stands in the way. Models k8s.io/apiserver/pkg/util/webhook/client.go and util/proxy. */
import type { WebhookClientConfig } from '../../objects/generated/admissionregistration-v1.gen.ts';
import type { KubeObject, View } from '../../objects/object.ts';
import { unreachable } from '../../objects/webhook-call.ts';

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
  url: string;
  /** Why nobody is asked: a Service leads to no program that would answer. */
  problem: string | undefined;
}

/** `timeoutSeconds`: what the webhook is told of how long it is waited for. `view` has the Service, if it is one's. */
export function targetOf(config: WebhookClientConfig, timeoutSeconds: number, view: View | undefined): Target {
  const { service, url = '' } = config;
  const query = `timeout=${timeoutSeconds}s`;
  if (!service) return { url: withQuery(url, query), problem: undefined };
  const { namespace, name, port = DEFAULT_PORT, path = '' } = service;
  const found = view?.get('services', namespace, name);
  return {
    url: `https://${name}.${namespace}.svc:${port}/${path.replace(/^\/+|\/+$/g, '')}?${query}`,
    problem: view ? serviceProblem(name, port, found) : unreachable(`https://${name}.${namespace}.svc:${port}`),
  };
}

function serviceProblem(name: string, port: number, found: KubeObject | undefined): string {
  if (!found) return `service "${name}" not found`;
  const { type = 'ClusterIP', clusterIP, externalName, ports = [] } = found.spec ?? {};
  if (type === 'ExternalName') return `dial tcp: lookup ${externalName}: no such host`;
  if (clusterIP === 'None') return 'cannot route to service with ClusterIP "None"';
  if (!ports.some((p: { port: number }) => p.port === port))
    return `no service port ${port} found for service "${name}"`;
  // The programs of pods are simulated: nobody listens.
  return `dial tcp ${clusterIP}:${port}: connect: connection refused`;
}

/** The path as Go's client joins it. */
const withQuery = (url: string, query: string): string => {
  const [, root = url, path = ''] = /^([a-z]+:\/\/[^/]*)(\/.*)?$/i.exec(url) ?? [];
  return `${root}${path === '' ? '/' : path.length > 1 ? path.replace(/\/+$/, '') : path}?${query}`;
};
