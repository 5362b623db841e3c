import {
  AppsV1Api,
  CoreV1Api,
  KubeConfig,
  makeInformer,
  PatchStrategy,
  setHeaderOptions,
} from '@kubernetes/client-node';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { openSandbox, type Sandbox } from './sandbox.ts';

let sandbox: Sandbox;
let config: KubeConfig;

beforeAll(async () => {
  sandbox = await openSandbox();
  const { id, token } = await sandbox.createCluster({ nodes: 3 });
  const answer = await fetch(`${sandbox.server.url}/v1/clusters/${id}/kubeconfig`, {
    headers: { authorization: `Bearer ${token}` },
  });
  config = new KubeConfig();
  config.loadFromString(await answer.text());
}, 180_000);

afterAll(() => sandbox?.close());

it('runs a Deployment through the typed API', async () => {
  const apps = config.makeApiClient(AppsV1Api);
  const core = config.makeApiClient(CoreV1Api);
  const labels = { app: 'web' };
  await apps.createNamespacedDeployment({
    namespace: 'default',
    body: {
      metadata: { name: 'web' },
      spec: {
        replicas: 2,
        selector: { matchLabels: labels },
        template: { metadata: { labels }, spec: { containers: [{ name: 'c', image: 'nginx' }] } },
      },
    },
  });
  await vi.waitFor(async () => {
    const pods = await core.listNamespacedPod({ namespace: 'default', labelSelector: 'app=web' });
    expect(pods.items.map((p) => p.status?.phase)).toEqual(['Running', 'Running']);
  }, 45_000);
  await apps.patchNamespacedDeployment(
    { name: 'web', namespace: 'default', body: { spec: { replicas: 3 } } },
    setHeaderOptions('Content-Type', PatchStrategy.StrategicMergePatch),
  );
  await vi.waitFor(async () => {
    const web = await apps.readNamespacedDeployment({ name: 'web', namespace: 'default' });
    expect(web.status?.readyReplicas).toBe(3);
  }, 45_000);
  const scale = await apps.readNamespacedDeploymentScale({ name: 'web', namespace: 'default' });
  expect(scale.spec?.replicas).toBe(3);
  await apps.deleteNamespacedDeployment({ name: 'web', namespace: 'default' });
  await vi.waitFor(async () => {
    expect((await core.listNamespacedPod({ namespace: 'default' })).items).toEqual([]);
  }, 45_000);
  await expect(apps.readNamespacedDeployment({ name: 'web', namespace: 'default' })).rejects.toMatchObject({
    code: 404,
  });
}, 180_000);

it('keeps an informer in sync over 1,000 changes', async () => {
  const core = config.makeApiClient(CoreV1Api);
  await core.createNamespace({ body: { metadata: { name: 'informed' } } });
  const informer = makeInformer(config, '/api/v1/namespaces/informed/configmaps', () =>
    core.listNamespacedConfigMap({ namespace: 'informed' }),
  );
  const failures: unknown[] = [];
  informer.on('error', (error) => failures.push(error));
  await informer.start();
  for (let i = 0; i < 400; i++)
    await core.createNamespacedConfigMap({
      namespace: 'informed',
      body: { metadata: { name: `c${i}` }, data: { n: '0' } },
    });
  for (let i = 0; i < 400; i++)
    await core.replaceNamespacedConfigMap({
      name: `c${i}`,
      namespace: 'informed',
      body: { metadata: { name: `c${i}` }, data: { n: '1' } },
    });
  for (let i = 0; i < 200; i++) await core.deleteNamespacedConfigMap({ name: `c${i}`, namespace: 'informed' });
  const truth = await core.listNamespacedConfigMap({ namespace: 'informed' });
  const versions = (items: readonly any[]) =>
    items.map((o) => `${o.metadata.name}@${o.metadata.resourceVersion}`).sort();
  await vi.waitFor(() => expect(versions(informer.list())).toEqual(versions(truth.items)), 45_000);
  expect(failures).toEqual([]);
  await informer.stop();
}, 180_000);
