/**
 * The proxy subresources of nodes, pods and services: to where they lead, and what the program there answers. At nodes nobody listens.
 * Source: k8s.io/kubernetes/pkg/registry/core/{node,pod}/strategy.go and service/storage/storage.go (ResourceLocation).
 */
import type { Kind } from '../../catalog/kinds.ts';
import { boundedBody } from '../../etcd/bounded-body.ts';
import type { Container, ServicePort } from '../../objects/generated/core-v1.gen.ts';
import type { KubeObject } from '../../objects/object.ts';
import { badRequest, notFound, StatusError } from '../../objects/status.ts';
import { builtIn } from '../../resources/built-in.ts';
import { admitConnection } from '../dynamic-admission/subresource-admission.ts';
import { type Exchange, readView } from '../pipeline.ts';
import { requestBytes } from '../streams/http-message.ts';
import { VisitError, visit } from '../streams/http-visit.ts';
import type { PodTarget } from '../streams/session-wire.ts';
import { proxiedAnswer } from './proxied-links.ts';

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
  const { pathname, search } = new URL(exchange.request.url);
  const [, path = ''] = /\/proxy(\/.*)?$/.exec(pathname) ?? [];
  await admitConnection(exchange, OPTIONS_KINDS[exchange.kind.name]!, path ? { path } : {});
  const place =
    exchange.kind.name === 'nodes'
      ? await nodeHost(exchange)
      : exchange.kind.name === 'services'
        ? await serviceHost(exchange)
        : await podHost(exchange);
  const { method } = exchange.request;
  if (path === '' && (method === 'GET' || method === 'HEAD'))
    return new Response(null, { status: 301, headers: { location: `${pathname}/${search}` } });
  const answer = await visited(exchange, place, `${path || '/'}${search}`);
  const prefix = path === '' ? pathname : pathname.slice(0, -path.length);
  const { host } = new URL(exchange.request.url);
  return proxiedAnswer(answer, { prefix, hosts: [place.host, host] });
}

/** Bytes of a request's body. */
export const MAX_PROXIED_BYTES = 1024 * 1024;

/** What a request passes on; no more is read of it than may be. @throws StatusError 413 */
export const proxiedBody = async (request: Request): Promise<Uint8Array> =>
  boundedBody(
    request,
    MAX_PROXIED_BYTES,
    () => new StatusError(413, 'RequestEntityTooLarge', 'the request is too large'),
  );

/** Where a request goes: the address, and the pod that has it, where that is one. */
interface Place {
  host: string;
  scheme: string;
  port?: number;
  target?: PodTarget;
}

async function visited({ request, pods, timers, storage }: Exchange, place: Place, path: string): Promise<Response> {
  const { host, scheme, port, target } = place;
  const unreachable = (why: string): StatusError => unavailable(`error trying to reach service: ${why}`);
  const refused = unreachable(`dial tcp ${host}: connect: connection refused`);
  storage.held?.give();
  if (!pods || !target || !port) throw refused;
  const asked = requestBytes(request, { path, host }, await proxiedBody(request));
  const socket = await pods.connect({ ...target, kind: 'ports' });
  try {
    // The certificate is not looked at, as by the real one.
    return await visit(socket, timers, { port, secure: scheme === 'https' }, asked, request.method === 'HEAD');
  } catch (error) {
    if (!(error instanceof VisitError)) throw error;
    throw error.message === 'connection refused' ? refused : unreachable(error.message);
  }
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

async function nodeHost(exchange: Exchange): Promise<Place> {
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
  const host = joined(address.address, port || (status.daemonEndpoints?.kubeletEndpoint?.Port ?? KUBELET_PORT));
  return { host, scheme: 'https' };
}

async function podHost(exchange: Exchange): Promise<Place> {
  const { scheme, name, port } = targetOf(exchange.name!, 'pod');
  const pod = await found(exchange, exchange.kind, name);
  const containers: Container[] = pod.spec.containers ?? [];
  const first = containers.find((c) => c.ports?.length)?.ports?.[0]?.containerPort;
  const ip: string | undefined = pod.status?.podIP ?? pod.status?.podIPs?.[0]?.ip;
  if (!ip) throw badRequest('address not allowed');
  const number = Number(port || first || (scheme === 'https' ? 443 : 80));
  const target = { namespace: exchange.namespace!, pod: name, uid: pod.metadata.uid ?? '' };
  return { host: joined(ip, port || number), scheme, port: number, target };
}

async function serviceHost(exchange: Exchange): Promise<Place> {
  const { scheme, name, port: asked } = targetOf(exchange.name!, 'service');
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
    if (number && ready?.addresses[0]) {
      const { name: pod = '', uid = '' } = ready.targetRef ?? {};
      return { host: joined(ready.addresses[0], number), scheme, port: number, target: { namespace, pod, uid } };
    }
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
