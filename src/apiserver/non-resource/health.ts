/** `/healthz`, `/livez` and `/readyz`, whole or check by check. Source: k8s.io/apiserver/pkg/server/healthz. */

/** Of all three: in the order in which the aggregator takes them over from the servers behind it. */
const COMMON = [
  'poststarthook/start-apiserver-admission-initializer',
  'poststarthook/generic-apiserver-start-informers',
  'poststarthook/priority-and-fairness-config-consumer',
  'poststarthook/priority-and-fairness-filter',
  'poststarthook/storage-object-count-tracker-hook',
  'poststarthook/start-apiextensions-informers',
  'poststarthook/start-apiextensions-controllers',
  'poststarthook/crd-informer-synced',
  'poststarthook/start-system-namespaces-controller',
  'poststarthook/peer-endpoint-reconciler-controller',
  'poststarthook/start-cluster-authentication-info-controller',
  'poststarthook/start-kube-apiserver-identity-lease-controller',
  'poststarthook/start-kube-apiserver-identity-lease-garbage-collector',
  'poststarthook/storage-readiness',
  'poststarthook/start-legacy-token-tracking-controller',
  'poststarthook/start-service-ip-repair-controllers',
  'poststarthook/rbac/bootstrap-roles',
  'poststarthook/scheduling/bootstrap-system-priority-classes',
  'poststarthook/priority-and-fairness-config-producer',
  'poststarthook/bootstrap-controller',
  'poststarthook/start-kubernetes-service-cidr-controller',
  'poststarthook/aggregator-reload-proxy-client-cert',
  'poststarthook/start-kube-aggregator-informers',
  'poststarthook/apiservice-status-local-available-controller',
  'poststarthook/apiservice-status-remote-available-controller',
  'poststarthook/apiservice-registration-controller',
  'poststarthook/apiservice-discovery-controller',
  'poststarthook/kube-apiserver-autoregistration',
  'autoregister-completion',
  'poststarthook/apiservice-openapi-controller',
  'poststarthook/apiservice-openapiv3-controller',
];

/** The certificate of the loopback connection says nothing of readiness. */
const ALIVE = ['ping', 'log', 'loopback-serving-certificate', 'etcd', ...COMMON];

const CHECKS: Record<string, string[]> = {
  healthz: ALIVE,
  livez: ALIVE,
  readyz: ['ping', 'log', 'etcd', 'etcd-readiness', 'informer-sync', ...COMMON, 'shutdown'],
};

/** The names of the checks behind each endpoint. */
export const healthChecks = (): { endpoint: string; names: readonly string[] }[] =>
  Object.entries(CHECKS).map(([endpoint, names]) => ({ endpoint, names }));

/** Every path that is answered here. */
export const healthPaths = (): string[] =>
  healthChecks().flatMap(({ endpoint, names }) => [`/${endpoint}`, ...names.map((name) => `/${endpoint}/${name}`)]);

/** Undefined for a path that is none of these. Any method asks the same. */
export function health(request: Request, url: URL): Response | undefined {
  const [endpoint = '', ...rest] = url.pathname.slice(1).split('/');
  const checks = Object.hasOwn(CHECKS, endpoint) ? CHECKS[endpoint] : undefined;
  if (!checks) return undefined;
  if (rest.length > 0) return checks.includes(rest.join('/')) ? text('ok', request) : undefined;
  if (!url.searchParams.has('verbose')) return text('ok', request, NOSNIFF);
  const excluded = new Set(url.searchParams.getAll('exclude'));
  const lines = checks.map((c) => (excluded.has(c) ? `[+]${c} excluded: ok` : `[+]${c} ok`));
  const unknown = [...excluded].filter((c) => !checks.includes(c)).sort();
  if (unknown.length > 0) {
    const quoted = unknown.map((c) => JSON.stringify(c)).join(',');
    lines.push(`warn: some health checks cannot be excluded: no matches for ${quoted}`);
  }
  return text(`${lines.join('\n')}\n${endpoint} check passed\n`, request, NOSNIFF);
}

const NOSNIFF = { 'x-content-type-options': 'nosniff' };

const text = (body: string, request: Request, more: Record<string, string> = {}): Response =>
  new Response(request.method === 'HEAD' ? null : body, {
    headers: { 'content-type': 'text/plain; charset=utf-8', 'cache-control': 'no-cache, private', ...more },
  });
