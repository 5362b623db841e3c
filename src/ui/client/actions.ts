/** What one can do from the page without a terminal: the very requests that kubectl would send. */
import { ApiError, request } from './api.ts';
import { byId, setText } from './dom.ts';
import type { Sandbox } from './model.ts';

const DEPLOYMENTS = '/apis/apps/v1/namespaces/default/deployments';
const SERVICES = '/api/v1/namespaces/default/services';
const LABELS = { app: 'web' };

const DEPLOYMENT = {
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name: 'web', labels: LABELS },
  spec: {
    replicas: 3,
    selector: { matchLabels: LABELS },
    template: { metadata: { labels: LABELS }, spec: { containers: [{ name: 'nginx', image: 'nginx' }] } },
  },
};

const SERVICE = {
  apiVersion: 'v1',
  kind: 'Service',
  metadata: { name: 'web', labels: LABELS },
  spec: { selector: LABELS, ports: [{ port: 80, targetPort: 80 }] },
};

/** Sends it and tells on the page what was sent and what came back. */
async function tell(sandbox: Sandbox, method: string, path: string, body?: unknown, type?: string): Promise<any> {
  const line = byId('last-request');
  const begun = performance.now();
  const took = (): string => `${Math.round(performance.now() - begun)} ms`;
  try {
    const result = await request(sandbox, method, path, body, type);
    setText(line, `${method} ${path}  →  done in ${took()}`);
    line.classList.remove('failed');
    return result;
  } catch (error) {
    setText(
      line,
      `${method} ${path}  →  ${error instanceof ApiError ? `${error.code} ` : ''}${(error as Error).message}`,
    );
    line.classList.add('failed');
    return undefined;
  }
}

async function scaleBy(sandbox: Sandbox, change: number): Promise<void> {
  const scale = await tell(sandbox, 'GET', `${DEPLOYMENTS}/web/scale`);
  if (!scale) return;
  const replicas = Math.max(0, (scale.spec?.replicas ?? 0) + change);
  await tell(sandbox, 'PATCH', `${DEPLOYMENTS}/web/scale`, { spec: { replicas } }, 'application/merge-patch+json');
}

export function offerActions(sandbox: Sandbox, selectedPod: () => string | undefined): void {
  const on = (id: string, act: () => Promise<unknown>): void => byId(id).addEventListener('click', () => void act());
  on('deploy', () => tell(sandbox, 'POST', DEPLOYMENTS, DEPLOYMENT));
  on('expose', () => tell(sandbox, 'POST', SERVICES, SERVICE));
  on('more', () => scaleBy(sandbox, 1));
  on('fewer', () => scaleBy(sandbox, -1));
  on('delete-pod', async () => {
    const [namespace, name] = selectedPod()?.split('/') ?? [];
    if (name) await tell(sandbox, 'DELETE', `/api/v1/namespaces/${namespace}/pods/${name}`);
  });
}
