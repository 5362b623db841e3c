/** A cluster with many pods, and with all the events of their making. */
import { setTimeout } from 'node:timers/promises';

export interface Made {
  id: string;
  token: string;
}

/** Made when all of them run; `nodes` take 253 pods each. */
export async function crowdedCluster(url: string, pods: number, nodes: number): Promise<Made> {
  const labels = { app: 'web' };
  const deployment = {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: 'web' },
    spec: {
      replicas: pods,
      selector: { matchLabels: labels },
      template: { metadata: { labels }, spec: { containers: [{ name: 'nginx', image: 'nginx' }] } },
    },
  };
  const answer = await fetch(`${url}/v1/clusters`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ nodes, manifests: [deployment] }),
  });
  const made = (await answer.json()) as Made;
  const ready = async (): Promise<number> => {
    const path = `${url}/clusters/${made.id}/apis/apps/v1/namespaces/default/deployments/web`;
    const found = await fetch(path, { headers: { authorization: `Bearer ${made.token}` } });
    return ((await found.json()) as { status: { readyReplicas?: number } }).status.readyReplicas ?? 0;
  };
  while ((await ready()) < pods) await setTimeout(200);
  return made;
}
