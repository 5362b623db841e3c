/**
 * exec, attach and portforward of pods: checked as the real server does before it asks a kubelet, then as the kubelet does, and joined to the
 * pod's machine. Source: k8s.io/kubernetes/pkg/registry/core/pod (strategy.go, rest/), pkg/kubelet/server.
 */
import type { KubeObject } from '../../objects/object.ts';
import { sandboxOf } from '../../objects/sandbox.ts';
import { badRequest, StatusError } from '../../objects/status.ts';
import { authorize } from '../../resources/rbac/authorizer.ts';
import { admitConnection } from '../dynamic-admission/subresource-admission.ts';
import { readPolicy } from '../identity/policy.ts';
import type { Exchange } from '../pipeline.ts';
import {
  type ChannelProtocol,
  COMMAND_PROTOCOLS,
  chosenProtocol,
  offeredProtocols,
  PORT_PROTOCOLS,
} from '../streams/channel-protocol.ts';
import { joinCommand } from '../streams/command-stream.ts';
import type { Pods } from '../streams/pods.ts';
import { namedPorts } from '../streams/port-channels.ts';
import { joinPorts, SPDY_TUNNEL } from '../streams/port-stream.ts';
import type { PodTarget, SessionRequest, SessionSocket } from '../streams/session-wire.ts';
import { chooseContainer, isRunning } from './pod-container.ts';
import { podAndNode } from './pod-node.ts';
import { CONNECTIONS, commandOptions, connectionOptions } from './pod-options.ts';

/** A connection that may be: its subprotocol, '' for none, and what joins the client's socket to it. */
export interface Upgrade {
  protocol: string;
  join(client: SessionSocket): void;
}

/** What of pods is asked for by an upgrade of the connection. */
export const isPodConnection = ({ subresource }: Exchange): boolean => CONNECTIONS[subresource ?? ''] !== undefined;

/** The same without an upgrade that this server knows: it is refused, for what else is wrong first. @throws StatusError */
export async function podConnection(exchange: Exchange): Promise<Response> {
  const ready = await prepared(exchange);
  if (ready instanceof Response) return ready;
  const upgrade = exchange.request.headers.get('upgrade');
  throw badRequest(
    upgrade?.toUpperCase().startsWith('SPDY')
      ? 'SPDY cannot be carried here: use a client that speaks WebSocket, such as kubectl 1.31 or later'
      : 'Upgrade request required',
  );
}

/** The upgrade to a WebSocket, or why there is none. @throws StatusError */
export async function podUpgrade(exchange: Exchange): Promise<Upgrade | Response> {
  const ready = await prepared(exchange);
  if (ready instanceof Response) return ready;
  const { pods } = exchange;
  if (!pods) throw new StatusError(501, 'NotImplemented', 'no containers run in what the cluster was');
  return exchange.subresource === 'portforward'
    ? portUpgrade(exchange, ready, pods)
    : commandUpgrade(exchange, ready, pods);
}

interface Ready {
  pod: KubeObject;
  target: PodTarget;
  container: string;
}

async function prepared(exchange: Exchange): Promise<Ready | Response> {
  const { query, subresource, name } = exchange;
  await admitConnection(exchange, CONNECTIONS[subresource!]!, connectionOptions(exchange));
  await mayCreate(exchange);
  let container = '';
  const { pod } = await podAndNode(exchange, (found) => {
    if (subresource !== 'portforward') container = chooseContainer(found, query.get('container') ?? '', subresource!);
  });
  if (!pod.spec.nodeName) throw badRequest(`pod ${name} does not have a host assigned`);
  const { namespace = '', uid = '' } = pod.metadata;
  if (subresource === 'exec' && !isRunning(pod, container))
    return kubelet(`container not found (${JSON.stringify(container)})`);
  if (subresource === 'attach' && !isRunning(pod, container))
    return kubelet(`container ${container} not found in pod ${name}_${namespace}`);
  return { pod, target: { namespace, pod: name!, uid }, container };
}

/** What the kubelet says goes to the client as it is. */
const kubelet = (text: string, status = 500): Response =>
  new Response(text, { status, headers: { 'content-type': 'text/plain; charset=utf-8' } });

/** Whoever comes by GET, as WebSockets do, has to be allowed what others need for POST. Models pkg/registry/core/pod/rest/authorize.go. */
async function mayCreate({ verb, identity, kind, subresource, namespace, name, storage }: Exchange): Promise<void> {
  if (verb === 'create') return;
  const { group, version, resource } = kind;
  const { policy } = await readPolicy(storage);
  const attributes = {
    verb: 'create',
    group,
    version,
    resource,
    subresource: subresource!,
    namespace: namespace!,
    name: name!,
  };
  const { allowed, reason } = authorize(identity, attributes, policy);
  if (!allowed)
    throw new StatusError(403, 'Forbidden', `${resource} ${JSON.stringify(name)} is forbidden: ${reason}`, {
      name: name!,
      kind: resource,
    });
}

async function commandUpgrade(
  exchange: Exchange,
  { pod, target, container }: Ready,
  pods: Pods,
): Promise<Upgrade | Response> {
  const isExec = exchange.subresource === 'exec';
  const {
    stdin = false,
    stdout = false,
    stderr = false,
    tty = false,
    command = [],
  } = commandOptions(exchange.query, isExec);
  if (!stdin && !stdout && !stderr) return kubelet('you must specify at least 1 of stdin, stdout, stderr', 400);
  const protocol = chosenProtocol(offeredProtocols(exchange.request), COMMAND_PROTOCOLS);
  if (!protocol) return kubelet('', 403);
  const streams = { stdin, stdout, stderr: stderr && !tty, command };
  const request: SessionRequest = isExec
    ? { ...target, kind: 'exec', container, command, stdin, tty }
    : { ...target, kind: 'attach', container, stdin, tty: isTerminal(pod, container) };
  const session = await pods.connect(request);
  return { protocol: protocol.name, join: (client) => joinCommand(client, session, protocol, streams, of(exchange)) };
}

const isTerminal = (pod: KubeObject, container: string): boolean =>
  [...(pod.spec.containers ?? []), ...(pod.spec.initContainers ?? []), ...(pod.spec.ephemeralContainers ?? [])].some(
    ({ name, tty }: { name: string; tty?: boolean }) => name === container && tty === true,
  );

const of = ({ config, timers }: Exchange) => ({ cluster: config.id, timers });

async function portUpgrade(exchange: Exchange, { target }: Ready, pods: Pods): Promise<Upgrade | Response> {
  const offered = offeredProtocols(exchange.request);
  const how = offered.includes(SPDY_TUNNEL) ? SPDY_TUNNEL : channels(exchange.query, offered);
  if (how instanceof Response) return how;
  const session = await pods.connect({ ...target, kind: 'ports' });
  const why = (port: number): string => refusal(target, port);
  return {
    protocol: how === SPDY_TUNNEL ? SPDY_TUNNEL : how.protocol.name,
    join: (client) => joinPorts(client, session, how, { why }, of(exchange)),
  };
}

function channels(
  query: URLSearchParams,
  offered: readonly string[],
): { protocol: ChannelProtocol; ports: readonly number[] } | Response {
  const ports = namedPorts(query);
  if (typeof ports === 'string') return kubelet(ports, 400);
  const protocol = chosenProtocol(offered, PORT_PROTOCOLS);
  return protocol ? { protocol, ports } : kubelet('', 403);
}

/** What containerd says of a port at which nobody listens. */
function refusal({ uid }: PodTarget, port: number): string {
  const { id, netns } = sandboxOf(uid);
  const refused = (network: string, address: string): string =>
    `dial ${network} ${address}:${port}: connect: connection refused`;
  return (
    `error forwarding port ${port} to pod ${id}, uid : failed to execute portforward in network namespace "${netns}": ` +
    `failed to connect to localhost:${port} inside namespace "${id}", IPv4: ${refused('tcp4', '127.0.0.1')} IPv6 ${refused('tcp6', '[::1]')} `
  );
}
