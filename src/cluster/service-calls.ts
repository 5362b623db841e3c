/**
 * Calls to webhooks behind Services of the cluster: from the API server's node through the rules of the nodes into a pod's machine, where a
 * program answers. TLS is what a simulation has of it: what listens says which certificates it shows, and those are held to the bundle of
 * whoever calls, as a real handshake would; what is carried then is not encrypted, for nobody could read it on its way.
 */
import type { Timers } from '../apiserver/exchange.ts';
import { requestBytes } from '../apiserver/streams/http-message.ts';
import { NO_TLS, VisitError, visit } from '../apiserver/streams/http-visit.ts';
import type { PodTarget } from '../apiserver/streams/session-wire.ts';
import { parseKey } from '../controllers/owners.ts';
import type { PodMachine } from '../machine/pod-machine.ts';
import type { ConnectionResult } from '../network/packet/connection-result.ts';
import { UnknownEnd } from '../network/packet/ends.ts';
import type { View } from '../objects/object.ts';
import {
  type CalledService,
  DEADLINE_EXCEEDED,
  dialFault,
  notListening,
  type WebhookAnswer,
  type WebhookCall,
} from '../objects/webhook-call.ts';
import { serverProblem } from '../resources/certificates/x509/server-certificate.ts';
import { decodeBase64 } from '../simulation/base64.ts';
import type { Holding } from '../simulation/held-bytes.ts';
import { limitedWork, WorkExceeded } from '../simulation/work-budget.ts';
import type { SimulatedNetwork } from './cluster-network.ts';
import { memoryPair } from './memory-socket.ts';
import { MAX_CONNECTION_STEPS } from './pod-network.ts';
import type { PodSessions } from './pod-sessions.ts';
import { HEADERS, type MakeCall, readAnswer } from './webhook-ways.ts';

export interface ServiceCallPorts {
  network: Pick<SimulatedNetwork, 'connectServer'>;
  reader(): View;
  machine(target: PodTarget, now: number): PodMachine | undefined;
  /** Begins a session with a pod's machine, of connections. */
  sessions: Pick<PodSessions, 'accept'>;
  /** The cluster's time, milliseconds. */
  now(): number;
  /** In how many real milliseconds it will be so late; undefined: as long as the clock stands, never. */
  until(instant: number): number | undefined;
  timers: Timers;
}

/** A connection that leads to a program. */
interface Reached {
  target: PodTarget;
  port: number;
  from: { address: string; port: number };
}

/** What Go's client says where a server speaks no TLS. */
const PLAIN_HTTP = 'http: server gave HTTP response to HTTPS client';

export function serviceCalls(ports: ServiceCallPorts): MakeCall {
  let calls = 0;
  return async (call, held) => {
    const reached = connected(call.service!, String(calls++), ports);
    const problem =
      'error' in reached ? reached.error : 'dropped' in reached ? undefined : await trust(reached, call, ports);
    if (problem !== undefined) return { error: problem };
    // What is computed before takes no time.
    const late = lateness(call, ports);
    const answer = 'target' in reached ? await asked(reached, call, { ports, held, late }) : await late.whenOver;
    late.cancel();
    return answer;
  };
}

/** Until the webhook's timeout is over by the cluster's clock, or by that of whoever waits. */
interface Lateness {
  isOver: boolean;
  whenOver: Promise<{ error: string }>;
  cancel(): void;
}

function lateness({ timeoutSeconds }: WebhookCall, { now, until, timers }: ServiceCallPorts): Lateness {
  const own = timeoutSeconds * 1000;
  const late: Lateness = { isOver: false, whenOver: undefined!, cancel: () => {} };
  late.whenOver = new Promise((resolve) => {
    late.cancel = timers.after(Math.min(own, until(now() + own) ?? own), () => {
      late.isOver = true;
      resolve({ error: DEADLINE_EXCEEDED });
    });
  });
  return late;
}

function connected(
  service: CalledService,
  draw: string,
  { network, reader, now }: ServiceCallPorts,
): Reached | { error: string } | { dropped: true } {
  const target = { address: service.clusterIP, port: service.port, protocol: 'tcp' as const };
  let way: ConnectionResult | undefined;
  try {
    way = network.connectServer(target, now(), draw, limitedWork(MAX_CONNECTION_STEPS));
  } catch (error) {
    if (error instanceof WorkExceeded) return { dropped: true };
    if (!(error instanceof UnknownEnd)) throw error;
  }
  // Where there is no node nothing runs.
  if (!way || way.verdict === 'refused') return { error: notListening(service) };
  if (way.verdict === 'dropped') return { dropped: true };
  if (way.verdict === 'unreachable') return { error: dialFault(service, 'no route to host') };
  const { namespace, name } = parseKey(way.pod ?? '');
  const pod = way.pod === undefined ? undefined : reader().get('pods', namespace, name);
  if (!pod) return { error: notListening(service) };
  const { source, destination } = way;
  return {
    target: { namespace: namespace!, pod: name, uid: pod.metadata.uid! },
    port: destination.port,
    from: { address: source.address.text, port: source.port },
  };
}

/** Why the program that was reached is not to be spoken to; undefined: nothing. */
async function trust(
  { target, port }: Reached,
  { service, url, caBundle }: WebhookCall,
  { machine, now }: ServiceCallPorts,
): Promise<string | undefined> {
  const at = now();
  const running = machine(target, at);
  running?.advance(at);
  if (!running?.listens(port, 'TCP')) return notListening(service!);
  const shown = running.certificateAt(port);
  if (shown === undefined) return PLAIN_HTTP;
  const authorities = caBundle === undefined ? undefined : new TextDecoder().decode(decodeBase64(caBundle));
  return serverProblem(shown, { authorities, name: new URL(url).hostname, now: at });
}

function asked(
  { target, port, from }: Reached,
  call: WebhookCall,
  { ports: { sessions, timers }, held, late }: { ports: ServiceCallPorts; held: Holding; late: Lateness },
): Promise<WebhookAnswer> {
  const { pathname, search, hostname } = new URL(call.url);
  const to = { path: `${pathname}${search}`, host: `${hostname}:${call.service!.port}` };
  const head = { method: 'POST', headers: new Headers(HEADERS) };
  const bytes = requestBytes(head, to, new TextEncoder().encode(call.body));
  const [near, far] = memoryPair();
  sessions.accept(far, { ...target, kind: 'ports' });
  // Who waits no longer hangs up, on both sides.
  void late.whenOver.then(() => {
    far.close();
    near.close();
  });
  const answer = visit(near, timers, { port, secure: true, from }, bytes, false).then(
    (response) => readAnswer(response, call, held, () => late.isOver),
    (error: unknown) => {
      if (!(error instanceof VisitError)) throw error;
      return { error: wordsOf(error.message, call.service!) };
    },
  );
  return Promise.race([answer, late.whenOver]);
}

function wordsOf(message: string, service: CalledService): string {
  if (message === 'connection refused') return notListening(service);
  return message === NO_TLS ? PLAIN_HTTP : message;
}
