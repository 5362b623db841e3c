/**
 * `/metrics` and `/metrics/slis` in Prometheus' text format. What a server counts while it runs nobody counts here, so only what can be
 * read off the cluster is told: the stored objects, the build, the checks. Source: k8s.io/apiserver/pkg/storage/etcd3/metrics and
 * k8s.io/component-base/metrics/prometheus/slis.
 */
import { storagePrefix } from '../../catalog/kinds.ts';
import { prefixRange } from '../pipeline.ts';
import type { Storage } from '../storage/storage.ts';
import { healthChecks } from './health.ts';
import { VERSION } from './version.ts';

const CONTENT_TYPE = 'text/plain; version=0.0.4; charset=utf-8; escaping=underscores';

const RESET = { headers: { 'content-type': 'text/plain; charset=utf-8' } };

interface Sample {
  labels: Record<string, string>;
  value: number;
}

/** Undefined for any other path. */
export async function metrics(request: Request, url: URL, storage: Storage): Promise<Response | undefined> {
  // What is counted here begins with the cluster: there is nothing to set back.
  if (request.method === 'DELETE' && url.pathname === '/metrics') return new Response('metrics reset\n', RESET);
  const body =
    url.pathname === '/metrics'
      ? `${await storedObjects(storage)}${buildInfo()}`
      : url.pathname === '/metrics/slis'
        ? health()
        : undefined;
  if (body === undefined) return undefined;
  return new Response(request.method === 'HEAD' ? null : body, { headers: { 'content-type': CONTENT_TYPE } });
}

/** One gauge; samples are ordered by their labels, as the registry has them. */
function gauge(name: string, help: string, samples: Sample[]): string {
  const lines = samples.map(({ labels, value }) => {
    const pairs = Object.entries(labels).map(([key, text]) => `${key}="${escaped(text)}"`);
    return `${name}{${pairs.join(',')}} ${value}\n`;
  });
  return `# HELP ${name} ${help}\n# TYPE ${name} gauge\n${lines.sort().join('')}`;
}

const escaped = (text: string): string => text.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n');

async function storedObjects(storage: Storage): Promise<string> {
  // Two versions of a resource are one place in the store.
  const stored = [
    ...new Map(
      storage.catalog.kinds
        .filter((k) => k.verbs.includes('list') && k.verbs.includes('create'))
        .map((k) => [k.storage, k]),
    ).values(),
  ];
  const { responses } = await storage.read(
    stored.map((kind) => ({ ...prefixRange(storagePrefix(kind)), countOnly: true })),
  );
  const counts = stored.map((kind, i) => ({ kind, count: responses[i]!.count }));
  return (
    gauge(
      'apiserver_resource_objects',
      '[ALPHA] Number of stored objects at the time of last check split by kind. In case of a fetching error, the value will be -1.',
      counts.map(({ kind, count }) => ({ labels: { group: kind.group, resource: kind.resource }, value: count })),
    ) +
    gauge(
      'apiserver_storage_objects',
      '[STABLE] (Deprecated since 1.34.0) [DEPRECATED, consider using apiserver_resource_objects instead] Number of stored objects at the time of last check split by kind. In case of a fetching error, the value will be -1.',
      counts.map(({ kind, count }) => ({
        labels: { resource: kind.name },
        value: count,
      })),
    )
  );
}

function buildInfo(): string {
  const labels = {
    build_date: VERSION.buildDate,
    compiler: VERSION.compiler,
    git_commit: VERSION.gitCommit,
    git_tree_state: VERSION.gitTreeState,
    git_version: VERSION.gitVersion,
    go_version: VERSION.goVersion,
    major: VERSION.major,
    minor: VERSION.minor,
    platform: VERSION.platform,
  };
  return gauge(
    'kubernetes_build_info',
    "[ALPHA] A metric with a constant '1' value labeled by major, minor, git version, git commit, git tree state, build date, Go version, and compiler from which Kubernetes was built, and platform on which it is running.",
    [{ labels, value: 1 }],
  );
}

function health(): string {
  const samples = healthChecks().flatMap(({ endpoint, names }) =>
    names.map((name) => ({ labels: { name, type: endpoint }, value: 1 })),
  );
  return gauge('kubernetes_healthcheck', '[STABLE] This metric records the result of a single healthcheck.', samples);
}
