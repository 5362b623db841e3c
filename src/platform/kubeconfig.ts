/** A kubeconfig that works with kubectl as it comes. */

interface KubeconfigBindings {
  LOCAL_HTTPS_ORIGIN?: string;
  LOCAL_CA?: string;
}

export interface KubeconfigParts {
  /** The cluster's absolute URL. */
  server: string;
  token: string;
  /** PEM of the authority behind `server`, unless a public one. */
  ca?: string;
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
export function kubectlOrigin(requestUrl: string, localHttpsOrigin: string | undefined): string {
  const url = new URL(requestUrl);
  if (url.protocol === 'https:' || !localHttpsOrigin) return url.origin;
  const local = new URL(localHttpsOrigin);
  local.hostname = url.hostname;
  return local.origin;
}

/** For a cluster that was asked for at this address. */
export function kubeconfigFor(env: KubeconfigBindings, requestUrl: string, id: string, token: string): string {
  const server = `${kubectlOrigin(requestUrl, env.LOCAL_HTTPS_ORIGIN)}/clusters/${id}`;
  return kubeconfig({ server, token, ca: env.LOCAL_CA });
}
