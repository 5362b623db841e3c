/** What a request costs of computing alone: API server, store and pump in this process, without the platform between them. */
import { createSteppedCluster } from '../../src/cluster/stepped-cluster.node.ts';
import { componentsOf } from '../../src/platform/clusters/components.ts';
import { processMs } from './figures.ts';
import { type Asked, PREPARED, REQUESTS, type RequestKind, requestOf } from './requests.ts';

const START = Date.parse('2026-01-05T10:00:00Z');
const TOKEN = 'admin';
const ROUNDS = 5;
const COUNT = 400;

/** Milliseconds of processor time for one of each, the best of several rounds: others use this machine too. */
export async function benchInProcess(): Promise<Map<RequestKind, number>> {
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
  const ask = async ({ method, path, body, type = 'application/json' }: Asked): Promise<void> => {
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
  try {
    for (const asked of PREPARED) await ask(asked);
    const best = new Map<RequestKind, number>(REQUESTS.map((kind) => [kind, Number.POSITIVE_INFINITY]));
    for (let round = 0; round < ROUNDS; round++)
      for (const kind of REQUESTS) {
        const from = processMs();
        for (let i = 0; i < COUNT; i++) await ask(requestOf(kind, `r${round}`, i));
        best.set(kind, Math.min(best.get(kind)!, (processMs() - from) / COUNT));
      }
    return best;
  } finally {
    cluster.close();
  }
}
