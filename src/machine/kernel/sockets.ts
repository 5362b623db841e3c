/** The sockets of a pod: its containers share one network namespace. What leaves the pod is asked of whoever is the network. */
import { Errno } from '../errno.ts';
import type { ProcessFiles } from '../files/view.ts';
import type { Connection, Listener, Resolution } from '../network.ts';
import type { OutsideNetwork, Socket } from '../pod-machine.ts';
import type { Process, Run } from '../program.ts';
import { connectionPair, socketConnection } from './connections.ts';
import type { Kernel } from './kernel.ts';
import { resolveByHosts } from './resolver.ts';
import type { Task } from './task.ts';

type Protocol = 'TCP' | 'UDP';

interface Listening {
  port: number;
  protocol: Protocol;
  address: string;
  /** What it shows whoever comes by TLS; undefined: it does not speak that. */
  certificate: string | undefined;
  waiting: Connection[];
  isClosed: boolean;
}

const CONNECT_TIMEOUT_MS = 127_000;
export const MAX_BACKLOG = 128;
const FIRST_PORT = 32_768;
const LAST_PORT = 60_999;
const LOCAL_ONLY = /^(?:127\.|::1$)/;
const LOCAL = /^(?:127\.|::1$|0\.0\.0\.0$|::$)/;

export class PodSockets {
  readonly #outside: OutsideNetwork;
  #listening: Listening[] = [];
  #nextPort = FIRST_PORT;

  constructor(outside: OutsideNetwork) {
    this.#outside = outside;
  }

  /** Whether whoever comes from outside finds somebody. */
  isOpen(port: number, protocol: Protocol): boolean {
    return this.#listening.some(
      (one) => one.port === port && one.protocol === protocol && !LOCAL_ONLY.test(one.address),
    );
  }

  /** What who listens to others at a TCP port shows them by TLS. */
  certificateAt(port: number): string | undefined {
    return this.#listening.find((one) => one.port === port && one.protocol === 'TCP' && !LOCAL_ONLY.test(one.address))
      ?.certificate;
  }

  listen(task: Task, port: number, options: { protocol?: Protocol; address?: string; certificate?: string }): Listener {
    task.steps++;
    const protocol = options.protocol ?? 'TCP';
    const own = port === 0 ? this.#freePort() : port;
    if (this.#listening.some((other) => other.port === own && other.protocol === protocol))
      throw new Errno('EADDRINUSE');
    const listening: Listening = {
      port: own,
      protocol,
      address: options.address ?? '0.0.0.0',
      certificate: options.certificate,
      waiting: [],
      isClosed: false,
    };
    this.#listening.push(listening);
    const close = (): void => {
      listening.isClosed = true;
      this.#listening = this.#listening.filter((other) => other !== listening);
      task.sockets.delete(listener);
    };
    const listener: Listener = {
      port: own,
      *accept(): Run<Connection> {
        task.steps++;
        while (listening.waiting.length === 0) {
          if (listening.isClosed) throw new Errno('EINVAL');
          yield { for: 'condition', ready: () => listening.waiting.length > 0 || listening.isClosed };
        }
        const connection = listening.waiting.shift()!;
        task.sockets.add(connection);
        return connection;
      },
      close,
    };
    task.sockets.add(listener);
    return listener;
  }

  /** A connection that comes in, by TLS if it is secure. @returns its other end; undefined where nobody listens who speaks that. */
  arrive(
    kernel: Kernel,
    to: { address: string; port: number },
    from: { address: string; port: number },
    protocol: Protocol,
    isSecure = false,
  ): Socket | undefined {
    const isFit = (listening: Listening): boolean =>
      listening.port === to.port &&
      listening.protocol === protocol &&
      (['0.0.0.0', '::', '*', to.address].includes(listening.address) ||
        (LOCAL.test(listening.address) && LOCAL.test(to.address)));
    const listening = this.#listening.find(isFit);
    if (!listening || listening.waiting.length >= MAX_BACKLOG) return undefined;
    if (isSecure && listening.certificate === undefined) return undefined;
    const [near, far] = connectionPair(protocol === 'UDP');
    listening.waiting.push(socketConnection(kernel, near, { local: to, remote: from, isSecure }));
    return far;
  }

  *connect(
    kernel: Kernel,
    task: Task,
    to: { host: string; port: number; protocol?: Protocol; timeout?: number },
  ): Run<Connection> {
    task.steps += 10;
    const protocol = to.protocol ?? 'TCP';
    const own = this.#outside.address();
    const isLocal = LOCAL.test(to.host) || to.host === own;
    const local = { address: isLocal && to.host !== own ? '127.0.0.1' : own, port: this.#freePort() };
    const remote = { address: to.host, port: to.port };
    const socket = isLocal
      ? (this.arrive(kernel, { address: to.host, port: to.port }, local, protocol) ?? 'ECONNREFUSED')
      : this.#outside.connect({ address: to.host, port: to.port, protocol }, kernel.now);
    if (typeof socket === 'string') {
      if (socket === 'ETIMEDOUT') yield { for: 'instant', at: kernel.now + (to.timeout ?? CONNECT_TIMEOUT_MS) };
      throw new Errno(socket);
    }
    const connection = socketConnection(kernel, socket, { local, remote, isSecure: false });
    task.sockets.add(connection);
    return connection;
  }

  *resolve(
    kernel: Kernel,
    task: Task,
    files: ProcessFiles,
    name: string,
    type: NonNullable<Parameters<Process['resolve']>[1]>,
  ): Run<Resolution> {
    task.steps += 10;
    const asked = resolveByHosts(files, name, type, (server, full, kind) =>
      this.#outside.ask(server, full, kind, kernel.now),
    );
    if (asked.waits > 0) yield { for: 'instant', at: kernel.now + asked.waits };
    return asked.resolution;
  }

  #freePort(): number {
    if (this.#nextPort > LAST_PORT) this.#nextPort = FIRST_PORT;
    return this.#nextPort++;
  }
}
