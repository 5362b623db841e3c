/** The plain HTTP endpoints beside the gateway: /health, /livez, /readyz, /version, /metrics. */
import type { GatewayBackend } from './backend.ts';
import { CLUSTER_VERSION, SERVER_VERSION } from './maintenance.ts';
import { metrics } from './metrics.ts';

const LIVE_CHECKS = ['serializable_read'];
const READY_CHECKS = ['non_learner', 'data_corruption', 'serializable_read', 'linearizable_read'];

/** Undefined for another path. */
export function healthEndpoint(
  method: string,
  path: string,
  query: URLSearchParams,
  backend: GatewayBackend,
): Response | Promise<Response> | undefined {
  const endpoint = ENDPOINTS[path];
  if (!endpoint) {
    const check = /^\/(livez|readyz)\/([a-z_]+)$/.exec(path);
    const known = check && (check[1] === 'livez' ? LIVE_CHECKS : READY_CHECKS).includes(check[2]!);
    return known ? plain('ok\n') : undefined;
  }
  if (method !== 'GET') {
    return new Response('Method Not Allowed\n', {
      status: 405,
      headers: { allow: 'GET', 'content-type': 'text/plain; charset=utf-8' },
    });
  }
  return endpoint(backend, query);
}

type Endpoint = (backend: GatewayBackend, query: URLSearchParams) => Response | Promise<Response>;

const ENDPOINTS: Record<string, Endpoint> = {
  '/version': () => json({ etcdserver: SERVER_VERSION, etcdcluster: CLUSTER_VERSION, storage: CLUSTER_VERSION }),
  '/health'(backend, query) {
    const excluded = query.getAll('exclude');
    if (backend.members.view.leader === '' && query.get('serializable') !== 'true')
      return json({ health: 'false', reason: 'RAFT NO LEADER' }, 503);
    const alarm = backend.members.alarms().find((raised) => !excluded.includes(raised.type));
    if (!alarm) return json({ health: 'true', reason: '' });
    return json({ health: 'false', reason: `ALARM ${alarm.type}` }, 503);
  },
  '/metrics': (backend) =>
    new Response(metrics(backend, { server: SERVER_VERSION, cluster: CLUSTER_VERSION }), {
      headers: { 'content-type': 'text/plain; version=0.0.4; charset=utf-8' },
    }),
  '/livez': (_backend, query) => checks(LIVE_CHECKS, query, 'livez', {}),
  async '/readyz'(backend, query) {
    const failing: Record<string, string> = {};
    if (backend.members.alarms().some((raised) => raised.type === 'CORRUPT')) failing.data_corruption = 'alarm raised';
    if (backend.consensus && !query.getAll('exclude').includes('linearizable_read'))
      await backend.consensus.admit('read').catch((error: Error) => {
        failing.linearizable_read = error.message;
      });
    return checks(READY_CHECKS, query, 'readyz', failing);
  },
};

/** `failing`: why, by name. */
function checks(names: string[], query: URLSearchParams, endpoint: string, failing: Record<string, string>): Response {
  const excluded = query.getAll('exclude');
  const judged = names.filter((name) => !excluded.includes(name));
  const failed = judged.filter((name) => failing[name] !== undefined);
  const lines = judged.map((name) =>
    failing[name] === undefined ? `[+]${name} ok\n` : `[-]${name} failed: ${failing[name]}\n`,
  );
  if (failed.length > 0) return plain(`${lines.join('')}${endpoint} check failed\n`, 503);
  return plain(query.has('verbose') ? `${lines.join('')}ok\n` : 'ok\n');
}

function json(body: unknown, status = 200): Response {
  return new Response(JSON.stringify(body), { status, headers: { 'content-type': 'application/json' } });
}

function plain(body: string, status = 200): Response {
  return new Response(body, { status, headers: { 'content-type': 'text/plain; charset=utf-8' } });
}
