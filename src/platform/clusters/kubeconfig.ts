/** A kubeconfig that works with kubectl as it comes. */
import { type HostBindings, hostOfCluster } from '../http/hosts.ts';

interface KubeconfigBindings extends HostBindings {
  LOCAL_CA?: string;
}

export interface KubeconfigParts {
  /** The cluster's absolute URL. */
  server: string;
  token: string;
  /** PEM of the authority behind `server`, unless a public one. */
  ca?: string | undefined;
}

/** All values are quoted as JSON, which YAML reads alike. */
export function kubeconfig({ server, token, ca }: KubeconfigParts): string {
  return [
    'apiVersion: v1',
    'kind: Config',
    'clusters:',
    '- name: diorama',
    '  cluster:',
    `    server: ${JSON.stringify(server)}`,
    ...(ca ? [`    certificate-authority-data: ${btoa(ca)}`] : []),
    'users:',
    '- name: admin',
    '  user:',
    `    token: ${JSON.stringify(token)}`,
    'contexts:',
    '- name: diorama',
    '  context:',
    '    cluster: diorama',
    '    user: admin',
    'current-context: diorama',
    '',
  ].join('\n');
}

/**
 * Where kubectl is to go. It sends no token over plain http, so a local server names its https door instead, under the host name
 * that the request used.
 */
export function kubectlOrigin(url: URL, localHttpsOrigin: string | undefined): string {
  if (url.protocol === 'https:' || !localHttpsOrigin) return url.origin;
  const [, port = ''] = /:(\d+)\/?$/.exec(localHttpsOrigin) ?? [];
  return `https://${url.hostname}${port === '' || port === '443' ? '' : `:${port}`}`;
}

/** By a host of the cluster's own, by its path, or by the bare origin, where the token says which cluster is meant. */
export const ADDRESS_FORMS = ['host', 'path', 'root'] as const;
export type AddressForm = (typeof ADDRESS_FORMS)[number];

/** A cluster's address for kubectl, for a cluster that was asked for at `requestUrl`. Its own host where there is one, as some tools drop a path. */
export function serverFor(
  bindings: KubeconfigBindings,
  requestUrl: string,
  id: string,
  form: AddressForm = 'host',
): string {
  const url = new URL(kubectlOrigin(new URL(requestUrl), bindings.LOCAL_HTTPS_ORIGIN));
  if (form === 'root') return url.origin;
  const host = form === 'host' ? hostOfCluster(url.hostname, id, bindings) : undefined;
  if (host === undefined) return `${url.origin}/clusters/${id}`;
  url.hostname = host;
  return url.origin;
}

export function kubeconfigFor(
  bindings: KubeconfigBindings,
  requestUrl: string,
  id: string,
  token: string,
  form?: AddressForm,
): string {
  return kubeconfig({ server: serverFor(bindings, requestUrl, id, form), token, ca: bindings.LOCAL_CA });
}
