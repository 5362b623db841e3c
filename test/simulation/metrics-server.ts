/** A metrics-server in a sandbox, and a Deployment that has metrics. */
import type { Sandbox } from './sandbox.ts';

export const deployment = (name: string, replicas: number, container: object = {}) => ({
  metadata: { name },
  spec: {
    replicas,
    selector: { matchLabels: { app: name } },
    template: {
      metadata: { labels: { app: name } },
      spec: { containers: [{ name: 'c', image: 'web', ...container }] },
    },
  },
});

/** What is essential of metrics-server's own manifests. */
export async function installMetricsServer(
  sandbox: Sandbox,
  image = 'registry.k8s.io/metrics-server/metrics-server:v0.8.0',
): Promise<void> {
  const ports = [{ containerPort: 10250, name: 'https' }];
  await sandbox.request(
    'POST',
    '/apis/apps/v1/namespaces/kube-system/deployments',
    deployment('metrics-server', 1, { image, ports }),
  );
  await sandbox.request('POST', '/api/v1/namespaces/kube-system/services', {
    metadata: { name: 'metrics-server' },
    spec: { selector: { app: 'metrics-server' }, ports: [{ name: 'https', port: 443, targetPort: 'https' }] },
  });
  await sandbox.request('POST', '/apis/apiregistration.k8s.io/v1/apiservices', {
    metadata: { name: 'v1beta1.metrics.k8s.io' },
    spec: {
      group: 'metrics.k8s.io',
      version: 'v1beta1',
      service: { name: 'metrics-server', namespace: 'kube-system' },
      groupPriorityMinimum: 100,
      versionPriority: 100,
      insecureSkipTLSVerify: true,
    },
  });
  sandbox.advance(60_000);
}
