/**
 * What a probe or a hook does, under way in a pod's machine: a command in the container, a request to the pod's own listener, or a pause.
 * Models pkg/probe and pkg/kubelet/lifecycle/handlers.go.
 */

import { type Bytes, bytesOf, textOf } from '../../machine/bytes.ts';
import type { ErrnoName } from '../../machine/errno.ts';
import type { PodMachine, Session, Socket, Visitor } from '../../machine/pod-machine.ts';
import type { Container, LifecycleHandler, Probe } from '../../objects/generated/core-v1.gen.ts';
import { healthCheck } from './health-check.ts';
import { type Action, type Fault, failed } from './outcome.ts';

/** One of these. */
export type ActionSpec = Pick<Probe, 'grpc'> & LifecycleHandler;

/** What came of a hook: who answers at all has been told. */
export const hookFault = (fault: Fault | undefined): Fault | undefined => (fault?.isAnswered ? undefined : fault);

/** Where it is done. */
export interface Target {
  container: Container;
  podIP: string;
  machine: PodMachine;
  /** Nothing is known of what the container runs: what it is asked it answers well. */
  isOpaque: boolean;
  /** A connection from the node to what is not in the pod. */
  connect(to: { address: string; port: number }): Socket | ErrnoName;
  /** An id for the command, as the runtime gives one. */
  execId(): string;
}

/** What is kept of a command's output, as the kubelet does. */
export const MAX_OUTPUT = 10 * 1024;
/** Where visits of the node come from. */
const NODE_PORT_FROM = 40_000;
const WELL = { fault: undefined };

const over = (fault: Fault | undefined, deadline: number): Action => ({ outcome: () => ({ fault }), deadline });
const unknown = (words: string): Fault => ({
  message: `errored and resulted in unknown state: ${words}`,
  error: words,
  isUnknown: true,
});

/** Begins it. `timeout` in milliseconds. */
export function beginAction(spec: ActionSpec, target: Target, now: number, timeout: number): Action {
  const deadline = now + timeout;
  if (spec.sleep) return pause(now + spec.sleep.seconds * 1000, deadline);
  if (target.isOpaque && (spec.exec || typeof portOf(spec, target.container) === 'number')) return over(undefined, now);
  if (spec.exec) return command(spec.exec.command ?? [], target, deadline);
  const port = portOf(spec, target.container);
  if (typeof port === 'string') return over(unknown(`port ${JSON.stringify(port)} not found`), now);
  const elsewhere = spec.httpGet?.host ?? spec.tcpSocket?.host;
  const isElsewhere = elsewhere && elsewhere !== target.podIP && elsewhere !== 'localhost' && elsewhere !== '127.0.0.1';
  const secure = spec.httpGet?.scheme === 'HTTPS';
  const visitor = isElsewhere
    ? reached(target.connect({ address: elsewhere, port }))
    : target.machine.visit(port, { address: gatewayOf(target.podIP), port: NODE_PORT_FROM }, { secure });
  if (!visitor && !isElsewhere && secure && target.machine.listens(port, 'TCP'))
    return over(failed(`Get "${urlOf(spec, target, port)}": http: server gave HTTP response to HTTPS client`), now);
  if (!visitor) return over(failed(refusalOf(spec, target, port, timeout)), now);
  if (spec.grpc)
    return healthCheck(spec.grpc.service ?? '', visitor, { address: `${target.podIP}:${port}`, deadline, timeout });
  if (spec.httpGet) return request(spec.httpGet, visitor, urlOf(spec, target, port), deadline);
  visitor.close();
  return over(undefined, now);
}

type Reached = Pick<Visitor, 'take' | 'write' | 'close' | 'isClosed'>;

/** Bytes of an answer that are taken at once. */
const TAKE = 64 * 1024;

/** A connection to what is not in the pod, used as one that is. */
function reached(socket: Socket | ErrnoName): Reached | undefined {
  if (typeof socket === 'string') return undefined;
  return {
    take: () => socket.take(TAKE) ?? '',
    write: (bytes) => void socket.give(bytes),
    close: () => socket.close(),
    get isClosed() {
      return socket.isClosed;
    },
  };
}

/** What a readiness probe finds when the program is up but says that it is not ready. */
export function refused(spec: ActionSpec, target: Target, now: number, timeout: number): Action {
  if (spec.exec) return over(failed(''), now);
  if (spec.httpGet) return over(failed('HTTP probe failed with statuscode: 503'), now);
  const port = portOf(spec, target.container);
  const fault =
    typeof port === 'string'
      ? unknown(`port ${JSON.stringify(port)} not found`)
      : failed(refusalOf(spec, target, port, timeout));
  return over(fault, now);
}

const pause = (at: number, deadline: number): Action => ({
  outcome: (now) => (now >= at ? WELL : undefined),
  deadline: Math.min(at, deadline),
});

/** The node's end of the pods' bridge: the first address of its range. */
const gatewayOf = (podIP: string): string => podIP.replace(/\d+$/, '1');

function command(words: string[], { machine, container, execId }: Target, deadline: number): Action {
  const session = machine.exec(container.name, words, { stdin: false, tty: false });
  if ('reason' in session) {
    const text = `rpc error: code = Unknown desc = failed to exec in container: failed to start exec ${JSON.stringify(execId())}: ${session.message}`;
    return over(unknown(text), deadline);
  }
  return { deadline, outcome: (now) => commandOutcome(session, words, now >= deadline) };
}

function commandOutcome(
  session: Session,
  words: readonly string[],
  isLate: boolean,
): { fault: Fault | undefined } | undefined {
  const { exitCode } = session;
  if (exitCode === undefined) {
    if (!isLate) return undefined;
    session.signal('KILL');
    return { fault: failed('command timed out') };
  }
  if (exitCode === 0) return WELL;
  const said = session.take();
  const of = (stream?: 'stderr'): string => {
    const pieces = said.filter((piece) => stream === undefined || piece.stream === stream).map(({ bytes }) => bytes);
    return textOf(pieces.join('').slice(0, MAX_OUTPUT));
  };
  const error = `command '${words.join(' ')}' exited with ${exitCode}: ${of('stderr')}`;
  return { fault: failed(of(), { error, output: of() }) };
}

function request(
  { path = '/', httpHeaders = [] }: NonNullable<ActionSpec['httpGet']>,
  visitor: Reached,
  url: string,
  deadline: number,
): Action {
  const headers = new Map<string, string>([
    ['Host', new URL(url).host],
    ['User-Agent', 'kube-probe/1.37'],
    ['Accept', '*/*'],
    ['Connection', 'close'],
  ]);
  for (const { name, value } of httpHeaders) headers.set(name, value);
  const lines = [...headers].map(([name, value]) => `${name}: ${value}\r\n`).join('');
  visitor.write(bytesOf(`GET ${path.startsWith('/') ? path : `/${path}`} HTTP/1.1\r\n${lines}\r\n`));
  let answer: Bytes = '';
  return {
    deadline,
    outcome(now) {
      answer += visitor.take();
      const line = /^HTTP\/1\.[01] (\d{3})[^\n]*\n/.exec(answer);
      if (line) {
        visitor.close();
        const status = Number(line[1]);
        if (status >= 200 && status < 400) return WELL;
        return { fault: failed(`HTTP probe failed with statuscode: ${status}`, { isAnswered: true }) };
      }
      if (visitor.isClosed) return { fault: failed(`Get ${JSON.stringify(url)}: EOF`) };
      if (now < deadline) return undefined;
      visitor.close();
      const late = 'context deadline exceeded (Client.Timeout exceeded while awaiting headers)';
      return { fault: failed(`Get ${JSON.stringify(url)}: ${late}`) };
    },
  };
}

/** A port's number; the name, if no port has it. */
function portOf({ httpGet, tcpSocket, grpc }: ActionSpec, container: Container): number | string {
  const port = httpGet?.port ?? tcpSocket?.port ?? grpc?.port ?? 0;
  if (typeof port === 'number' || /^\d+$/.test(port)) return Number(port);
  return container.ports?.find(({ name }) => name === port)?.containerPort ?? port;
}

function urlOf({ httpGet }: ActionSpec, { podIP }: Target, port: number): string {
  const { scheme = 'HTTP', path = '/', host = podIP } = httpGet ?? {};
  return `${scheme.toLowerCase()}://${host}:${port}${path.startsWith('/') ? path : `/${path}`}`;
}

function refusalOf(spec: ActionSpec, target: Target, port: number, timeout: number): string {
  const address = `${spec.httpGet?.host ?? spec.tcpSocket?.host ?? target.podIP}:${port}`;
  if (spec.grpc) {
    const within = `${timeout / 1000}s`;
    return `timeout: failed to connect service "${address}" within ${within}: context deadline exceeded`;
  }
  const refused = `dial tcp ${address}: connect: connection refused`;
  return spec.httpGet ? `Get "${urlOf(spec, target, port)}": ${refused}` : refused;
}
