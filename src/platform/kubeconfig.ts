/** A kubeconfig that works with kubectl as it comes. */

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
