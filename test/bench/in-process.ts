/** What a request costs of computing alone: API server, store and pump in this process, without the platform between them. */
import { createSteppedCluster } from '../../src/cluster/stepped-cluster.node.ts';
import { componentsOf } from '../../src/platform/clusters/components.ts';
import { processMs } from './figures.ts';

const START = Date.parse('2026-01-05T10:00:00Z');
const TOKEN = 'admin';
const CONFIG_MAPS = '/api/v1/namespaces/default/configmaps';
const ROUNDS = 5;
const REQUESTS = 400;

export const KINDS_OF_REQUEST = ['get', 'create', 'merge patch', 'apply', 'delete'] as const;
export type KindOfRequest = (typeof KINDS_OF_REQUEST)[number];

/** Milliseconds of processor time for one of each, the best of several rounds: others use this machine too. */
export async function benchInProcess(only: readonly KindOfRequest[] = KINDS_OF_REQUEST): Promise<Map<string, number>> {
  const cluster = await createSteppedCluster({
    spec: {
      id: 'bench',
      seed: 'bench',
      serviceCIDR: '10.96.0.0/16',
      podCIDR: '10.244.0.0/16',
      nodePortRange: [30000, 32767],
      components: componentsOf('api'),
      createdAt: START,
      nodes: [],
      clock: { start: START, speed: 1, paused: false },
    },
    adminToken: TOKEN,
    rootCA: 'PEM',
  });
  const send = async (method: string, path: string, body?: unknown, type = 'application/json'): Promise<void> => {
    const headers = { authorization: `Bearer ${TOKEN}`, accept: 'application/json', 'content-type': type };
    const request = new Request(`http://cluster${path}`, {
      method,
      headers,
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const response = await cluster.handle(request);
    const text = await response.text();
    if (response.status >= 400) throw new Error(`${method} ${path} answered ${response.status}: ${text}`);
  };
  let seq = 0;
  const applied = (name: string) => ({
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name },
    data: { k: `v${seq}` },
  });
  const requests: Record<KindOfRequest, () => Promise<void>> = {
    get: () => send('GET', `${CONFIG_MAPS}/l7`),
    create: () => send('POST', CONFIG_MAPS, { metadata: { name: `c${seq++}` }, data: { k: 'v' } }),
    'merge patch': () =>
      send('PATCH', `${CONFIG_MAPS}/l8`, { data: { k: `x${seq++}` } }, 'application/merge-patch+json'),
    apply: () => {
      const name = `ap${seq++ % 50}`;
      return send(
        'PATCH',
        `${CONFIG_MAPS}/${name}?fieldManager=bench&force=true`,
        applied(name),
        'application/apply-patch+yaml',
      );
    },
    delete: () => send('DELETE', `${CONFIG_MAPS}/d${--seq}`),
  };
  try {
    for (const name of ['l7', 'l8']) await send('POST', CONFIG_MAPS, { metadata: { name }, data: { k: 'v' } });
    const best = new Map<string, number>();
    for (const kind of only) {
      let least = Number.POSITIVE_INFINITY;
      for (let round = 0; round < ROUNDS; round++) {
        if (kind === 'delete')
          for (const first = seq; seq < first + REQUESTS; seq++)
            await send('POST', CONFIG_MAPS, { metadata: { name: `d${seq}` } });
        const from = processMs();
        for (let i = 0; i < REQUESTS; i++) await requests[kind]();
        least = Math.min(least, (processMs() - from) / REQUESTS);
      }
      best.set(kind, least);
    }
    return best;
  } finally {
    cluster.close();
  }
}
