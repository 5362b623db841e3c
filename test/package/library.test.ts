/** The library `kube-diorama`, as the tests of others use it. */
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  ApiError,
  type Cluster,
  type ClusterClient,
  createCluster,
  createInProcess,
  type Server,
  startServer,
  waitUntilSettled,
} from '../../packages/kube-diorama/index.ts';

const DEPLOYMENTS = '/apis/apps/v1/namespaces/default/deployments';
const PODS = '/api/v1/namespaces/default/pods';
const JOBS = '/apis/batch/v1/namespaces/default/jobs';
const CLUSTERS = 100;

function deployment(replicas: number): object {
  const labels = { app: 'web' };
  const template = { metadata: { labels }, spec: { containers: [{ name: 'web', image: 'nginx' }] } };
  return { metadata: { name: 'web' }, spec: { replicas, selector: { matchLabels: labels }, template } };
}

function cronJob(schedule: string): object {
  const pod = { restartPolicy: 'Never', containers: [{ name: 'c', image: 'busybox', command: ['true'] }] };
  return { metadata: { name: 'tick' }, spec: { schedule, jobTemplate: { spec: { template: { spec: pod } } } } };
}

let server: Server;
beforeAll(async () => {
  server = await startServer();
});
afterAll(() => server?.stop());

/** What holds of a cluster, wherever it runs. */
const KINDS: [string, () => Promise<ClusterClient>][] = [
  ['on a server', () => createCluster({ server, nodes: 2, clock: { start: '2026-01-05T10:00:00Z', paused: true } })],
  ['in this process', () => createInProcess({ nodes: 2, clock: { start: '2026-01-05T10:00:00Z' } })],
];

const MAP = 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: colours}\ndata: {sky: blue}';

/** With what it is to begin with, wherever it runs. */
const FURNISHED: [string, (manifests: string) => Promise<ClusterClient>][] = [
  ['on a server', (manifests) => createCluster({ server, profile: 'envtest', manifests })],
  ['in this process', (manifests) => createInProcess({ profile: 'envtest', manifests })],
];

describe.each(FURNISHED)('a cluster %s', (_, create) => {
  it('begins with manifests, all of them or not at all', async () => {
    const cluster = await create(MAP);
    const found = await cluster.request('GET', '/api/v1/namespaces/default/configmaps/colours');
    expect(found.data).toEqual({ sky: 'blue' });
    await cluster.delete();
    const refused = `${MAP}\n---\n${MAP.replace('colours', 'Bad_Name')}`;
    await expect(create(refused)).rejects.toThrow('manifests/1: ConfigMap "Bad_Name" is invalid');
  });
});

describe.each(KINDS)('a cluster %s', (_, create) => {
  it('says what its types are', async () => {
    const cluster = await create();
    const { components } = await cluster.request('GET', '/openapi/v3/apis/apps/v1');
    expect(components.schemas['io.k8s.api.apps.v1.Deployment'].description).toContain('Deployment');
    await cluster.delete();
  });

  it('has done all that there is to do when it has settled, and the rest when its time comes', async () => {
    const cluster = await create();
    expect((await cluster.request('GET', '/api/v1/nodes')).items).toHaveLength(2);
    await cluster.request('POST', DEPLOYMENTS, deployment(12));
    await cluster.request('POST', '/apis/batch/v1/namespaces/default/cronjobs', cronJob('0 * * * *'));
    await waitUntilSettled(cluster);
    const { items } = await cluster.request('GET', PODS);
    expect(items.map((pod: any) => pod.status.phase)).toEqual(Array(12).fill('Running'));
    expect((await cluster.request('GET', JOBS)).items).toEqual([]);
    expect(await cluster.advance(7200)).toMatchObject({ time: '2026-01-05T12:00:00.000Z', done: true, settled: true });
    expect((await cluster.request('GET', JOBS)).items).toHaveLength(2);
    await cluster.delete();
  });

  it('is asked as JSON, says what it refuses, and answers whatever is sent by hand', async () => {
    const cluster = await create();
    const refused: ApiError = await cluster.request('GET', `${PODS}/none`).catch((error) => error);
    expect(refused).toBeInstanceOf(ApiError);
    expect(refused).toMatchObject({ status: 404, body: { kind: 'Status', reason: 'NotFound' } });
    expect(refused.message).toBe(`GET ${PODS}/none answered 404: pods "none" not found`);
    await cluster.request('POST', DEPLOYMENTS, deployment(1));
    expect(await cluster.request('PATCH', `${DEPLOYMENTS}/web`, { spec: { replicas: 3 } })).toMatchObject({
      spec: { replicas: 3 },
    });
    const patch = [{ op: 'replace', path: '/spec/replicas', value: 4 }];
    const patched = await cluster.request('PATCH', `${DEPLOYMENTS}/web`, patch, 'application/json-patch+json');
    expect(patched.spec.replicas).toBe(4);
    const table = await cluster.fetch(PODS, { headers: { accept: 'application/json;as=Table;v=v1;g=meta.k8s.io' } });
    expect(await table.json()).toMatchObject({ kind: 'Table' });
    expect((await cluster.fetch(PODS, { headers: { authorization: 'Bearer wrong' } })).status).toBe(401);
    expect(await cluster.request('GET', '/healthz')).toBe('ok');
    await cluster.delete();
  });

  it('watches', async () => {
    const cluster = await create();
    const watch = await cluster.fetch(`${PODS}?watch=true`);
    const reader = watch.body!.pipeThrough(new TextDecoderStream()).getReader();
    await cluster.request('POST', PODS, {
      metadata: { name: 'seen' },
      spec: { containers: [{ name: 'c', image: 'nginx' }] },
    });
    expect(JSON.parse((await reader.read()).value!.split('\n')[0]!)).toMatchObject({
      type: 'ADDED',
      object: { metadata: { name: 'seen' } },
    });
    await reader.cancel();
    await cluster.delete();
  });
});

describe('a cluster on a server', () => {
  it('is found by the variable DIORAMA_SERVER, has a kubeconfig, and stands and goes as it is told', async () => {
    const before = process.env.DIORAMA_SERVER;
    process.env.DIORAMA_SERVER = `${server.url}/`;
    let cluster: Cluster;
    try {
      cluster = await createCluster({ nodes: 0, name: 'mine' });
    } finally {
      if (before === undefined) delete process.env.DIORAMA_SERVER;
      else process.env.DIORAMA_SERVER = before;
    }
    expect(cluster).toMatchObject({ name: 'mine', server: `${server.url}/clusters/${cluster.id}` });
    expect(await cluster.kubeconfig()).toContain(`server: "${server.httpsUrl}/clusters/${cluster.id}"`);
    expect(await cluster.pause()).toMatchObject({ paused: true });
    expect(await cluster.resume()).toMatchObject({ paused: false });
    await cluster.delete();
    await expect(cluster.clock()).rejects.toMatchObject({ status: 404 });
  });

  it('is refused for what cannot be, and nowhere where there is no server', async () => {
    await expect(createCluster({ server, nodes: -1 })).rejects.toMatchObject({ name: 'ApiError', status: 422 });
    await expect(createCluster({ server: 'http://127.0.0.1:1' })).rejects.toThrow();
  });

  it('waits where it must, but not for ever', async () => {
    const clock = async () => ({ time: '', speed: 1, paused: false, done: true, settled: false });
    await expect(waitUntilSettled({ clock }, { timeoutSeconds: 0.05 })).rejects.toThrow('within 0.05 seconds');
  });
});

describe('a cluster in this process', () => {
  it('is the same every time with the same seed, and another with another', async () => {
    const names = async (seed: string) => {
      const cluster = await createInProcess({ seed, nodes: 3, clock: { start: '2026-01-05T10:00:00Z' } });
      await cluster.request('POST', DEPLOYMENTS, deployment(3));
      const { items } = await cluster.request('GET', PODS);
      await cluster.delete();
      return items.map(({ metadata, spec }: any) => [metadata.name, metadata.uid, spec.nodeName]);
    };
    const first = await names('a');
    expect(await names('a')).toEqual(first);
    expect(await names('b')).not.toEqual(first);
  });

  it('is refused for what cannot be, by the name of the field', async () => {
    await expect(createInProcess({ nodes: [{ name: 'UPPER' }] })).rejects.toThrow('/nodes/0/name: ');
    await expect(createInProcess({ what: 1 } as object)).rejects.toThrow('what');
  });
});

/** Milliseconds for each of a hundred fresh clusters with a pod in it. */
async function timed(create: () => Promise<ClusterClient>): Promise<number> {
  const begun = performance.now();
  for (let i = 0; i < CLUSTERS; i++) {
    const cluster = await create();
    await cluster.request('POST', PODS, {
      metadata: { name: 'a' },
      spec: { containers: [{ name: 'c', image: 'nginx' }] },
    });
    await waitUntilSettled(cluster);
    expect(await cluster.request('GET', `${PODS}/a`)).toMatchObject({ status: { phase: 'Running' } });
    await cluster.delete();
  }
  return (performance.now() - begun) / CLUSTERS;
}

it.each([
  ['on a server', () => createCluster({ server })],
  ['in this process', () => createInProcess()],
])('a hundred tests have a fresh cluster %s each', { timeout: 300_000 }, async (where, create) => {
  console.log(`a fresh cluster ${where}, with a pod that runs, takes ${(await timed(create)).toFixed(1)} ms`);
});

it('a server ends with the process that has started it, however that ends', async () => {
  const library = JSON.stringify(join(import.meta.dirname, '../../packages/kube-diorama/index.ts'));
  const script = `const { startServer } = await import(${library}); console.log((await startServer()).url); setInterval(() => {}, 1000);`;
  const child = spawn(process.execPath, ['--input-type=module', '-e', script], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const url = await new Promise<string>((resolve) =>
    child.stdout.once('data', (chunk) => resolve(String(chunk).trim())),
  );
  expect((await fetch(`${url}/v1/openapi.json`)).status).toBe(200);
  child.kill('SIGKILL');
  const answers = () =>
    fetch(`${url}/v1/openapi.json`).then(
      () => true,
      () => false,
    );
  const until = Date.now() + 30_000;
  while ((await answers()) && Date.now() < until) await new Promise((resolve) => setTimeout(resolve, 50));
  expect(await answers()).toBe(false);
});

it('says why a server could not start', async () => {
  const port = Number(new URL(server.url).port);
  await expect(startServer({ port })).rejects.toThrow(`Port ${port} is taken.`);
  await expect(startServer({ limits: { nothing: { perSecond: 1, burst: 1 } } })).rejects.toThrow(
    'The limits cannot be used',
  );
});

it('lets a process end that has only it left, or stops it when asked', async () => {
  const library = JSON.stringify(join(import.meta.dirname, '../../packages/kube-diorama/index.ts'));
  const end = (rest: string): Promise<number | null> => {
    const script = `const { startServer } = await import(${library}); const server = await startServer(); ${rest}`;
    const child = spawn(process.execPath, ['--input-type=module', '-e', script], { stdio: 'inherit' });
    return new Promise((resolve) => child.once('exit', resolve));
  };
  expect(await Promise.all([end(''), end('await server.stop();')])).toEqual([0, 0]);
});
