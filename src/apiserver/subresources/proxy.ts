/**
 * The proxy subresources of nodes, pods and services: to where they lead, and that nobody listens there, because no program runs.
 * Source: k8s.io/kubernetes/pkg/registry/core/{node,pod}/strategy.go and service/storage/storage.go (ResourceLocation).
 */
import type { Kind } from '../../catalog/kinds.ts';
import type { Container, ServicePort } from '../../objects/generated/core-v1.gen.ts';
import type { KubeObject } from '../../objects/object.ts';
import { badRequest, notFound, StatusError } from '../../objects/status.ts';
import { builtIn } from '../../resources/built-in.ts';
import { admitConnection } from '../dynamic-admission/subresource-admission.ts';
import { type Exchange, readView } from '../pipeline.ts';

const KUBELET_PORT = 10250;
const PREFERRED_ADDRESSES = ['InternalIP', 'ExternalIP', 'Hostname'];
const SERVICE_NAME = 'kubernetes.io/service-name';

const unavailable = (message: string): StatusError => new StatusError(503, 'ServiceUnavailable', message);

interface Target {
  scheme: string;
  name: string;
  port: string;
}

/** `NAME`, `NAME:PORT` or `SCHEME:NAME:PORT`. Throws 400. */
function targetOf(id: string, what: string): Target {
  const parts = id.split(':');
  const [scheme, name, port] =
    parts.length === 3 ? (parts as [string, string, string]) : ['', parts[0] ?? '', parts[1] ?? ''];
  if (parts.length > 3 || name === '' || !['', 'http', 'https'].includes(scheme))
    throw badRequest(`invalid ${what} request ${JSON.stringify(id)}`);
  return { scheme, name, port };
}

const OPTIONS_KINDS: Record<string, string> = {
  nodes: 'NodeProxyOptions',
  pods: 'PodProxyOptions',
  services: 'ServiceProxyOptions',
};

export async function proxy(exchange: Exchange): Promise<Response> {
  const [, path = ''] = /\/proxy(\/.*)?$/.exec(new URL(exchange.request.url).pathname) ?? [];
  await admitConnection(exchange, OPTIONS_KINDS[exchange.kind.name]!, path ? { path } : {});
  const host =
    exchange.kind.name === 'nodes'
      ? await nodeHost(exchange)
      : exchange.kind.name === 'services'
        ? await serviceHost(exchange)
        : await podHost(exchange);
  throw unavailable(`error trying to reach service: dial tcp ${host}: connect: connection refused`);
}

async function found(exchange: Exchange, kind: Kind, name: string): Promise<KubeObject> {
  const resource = kind.resource;
  const { namespace } = exchange;
  const view = await readView(exchange.storage, [
    { resource, name, ...(namespace === undefined ? {} : { namespace }) },
  ]);
  const object = view.get(resource, namespace, name);
  if (!object) throw notFound(kind, name);
  return object;
}

const joined = (host: string, port: string | number): string =>
  host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;

async function nodeHost(exchange: Exchange): Promise<string> {
  const { name, port } = targetOf(exchange.name!, 'node');
  const { status = {} } = await found(exchange, exchange.kind, name);
  const addresses: { type: string; address: string }[] = status.addresses ?? [];
  const address = PREFERRED_ADDRESSES.map((type) => addresses.find((a) => a.type === type)).find(Boolean);
  if (!address)
    throw new StatusError(
      500,
      '',
      `no preferred addresses found; known addresses: [${addresses.map((a) => `{${a.type} ${a.address}}`).join(' ')}]`,
    );
  return joined(address.address, port || (status.daemonEndpoints?.kubeletEndpoint?.Port ?? KUBELET_PORT));
}

async function podHost(exchange: Exchange): Promise<string> {
  const { scheme, name, port } = targetOf(exchange.name!, 'pod');
  const pod = await found(exchange, exchange.kind, name);
  const containers: Container[] = pod.spec.containers ?? [];
  const first = containers.find((c) => c.ports?.length)?.ports?.[0]?.containerPort;
  const ip: string | undefined = pod.status?.podIP ?? pod.status?.podIPs?.[0]?.ip;
  if (!ip) throw badRequest('address not allowed');
  return joined(ip, port || first || (scheme === 'https' ? 443 : 80));
}

async function serviceHost(exchange: Exchange): Promise<string> {
  const { name, port: asked } = targetOf(exchange.name!, 'service');
  const port = /^[+-]?\d+$/.test(asked) ? await portName(exchange, name, Number(asked)) : asked;
  const namespace = exchange.namespace!;
  const view = await readView(exchange.storage, [{ resource: 'endpointslices.discovery.k8s.io', namespace }]);
  const slices = view
    .list('endpointslices.discovery.k8s.io', namespace)
    .filter((slice) => slice.metadata.labels?.[SERVICE_NAME] === name);
  for (const slice of slices) {
    const number = (slice.ports ?? []).find((p) => (p.name ?? '') === port)?.port;
    // Only what is a pod of the same namespace is spoken to.
    const ready = (slice.endpoints ?? []).find(
      (e) => e.conditions?.ready !== false && e.targetRef?.namespace === namespace,
    );
    if (number && ready?.addresses[0]) return joined(ready.addresses[0], number);
  }
  throw unavailable(`no endpoints available for service ${JSON.stringify(name)}`);
}

async function portName(exchange: Exchange, name: string, port: number): Promise<string> {
  const service = await found(exchange, builtIn('services'), name);
  const ports: ServicePort[] = service.spec.ports ?? [];
  const declared = ports.find((p) => p.port === port);
  if (!declared) throw unavailable(`no service port ${port} found for service ${JSON.stringify(name)}`);
  return declared.name ?? '';
}
