/** The sockets of a pod: its containers share one network namespace. What leaves the pod is asked of whoever is the network. */
import { Errno } from '../errno.ts';
import type { ProcessFiles } from '../files/view.ts';
import type { NamespaceTexts, SocketFacts, SocketFile } from '../namespace-texts.ts';
import type { Connection, ConnectTo, Listener, Resolution } from '../network.ts';
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
  owner: Task;
  inode: number;
  /** What it shows whoever comes by TLS; undefined: it does not speak that. */
  certificate: string | undefined;
  waiting: Connection[];
  isClosed: boolean;
}

/** A connection of a process. */
interface Connected extends Connection {
  readonly protocol: Protocol;
  readonly inode: number;
}

/** The kernel numbers sockets with its files. */
const FIRST_INODE = 20_000;

const CONNECT_TIMEOUT_MS = 127_000;
export const MAX_BACKLOG = 128;
const FIRST_PORT = 32_768;
const LAST_PORT = 60_999;
const LOOPBACK = /^(?:127\.|::1$)/;
/** An address that leads back to who calls it. */
const LOCAL = /^(?:127\.|::1$|0\.0\.0\.0$|::$)/;

const isConnected = (socket: { close(): void }): socket is Connected => 'remote' in socket;
const isFit = (listening: Listening, to: { address: string; port: number }, protocol: Protocol): boolean =>
  listening.port === to.port &&
  listening.protocol === protocol &&
  (['0.0.0.0', '::', '*', to.address].includes(listening.address) ||
    (LOCAL.test(listening.address) && LOCAL.test(to.address)));

export class PodSockets {
  readonly #outside: OutsideNetwork;
  #listening: Listening[] = [];
  #nextPort = FIRST_PORT;
  #nextInode = FIRST_INODE;

  constructor(outside: OutsideNetwork) {
    this.#outside = outside;
  }

  /** What the namespace that the pod's containers share looks like. */
  namespace(kernel: Kernel): NamespaceTexts {
    return this.#outside.namespace(kernel.now);
  }

  /** A file of /proc/net that tells of sockets: those that listen, and connections of processes. */
  file(kernel: Kernel, name: SocketFile): string {
    const protocol = name.startsWith('tcp') ? 'TCP' : 'UDP';
    const listening = this.#listening
      .filter((one) => one.protocol === protocol)
      .map(({ address, port, owner, inode }): SocketFacts => {
        const isIPv6 = address.includes(':');
        const remote = { address: isIPv6 ? '::' : '0.0.0.0', port: 0 };
        const state = protocol === 'TCP' ? 'LISTEN' : 'CLOSE';
        return { local: { address, port }, remote, state, uid: owner.user.uid, inode };
      });
    const connected = kernel.tasks.flatMap((task) =>
      [...task.sockets].flatMap((socket): SocketFacts[] =>
        isConnected(socket) && socket.protocol === protocol
          ? [
              {
                local: socket.local,
                remote: socket.remote,
                state: 'ESTABLISHED',
                uid: task.user.uid,
                inode: socket.inode,
              },
            ]
          : [],
      ),
    );
    return this.namespace(kernel).socketFile(name, [...listening, ...connected]);
  }

  /** Whether who comes to an address finds somebody. */
  isOpen(port: number, protocol: Protocol, address = this.#outside.address()): boolean {
    return this.#listening.some((one) => isFit(one, { address, port }, protocol));
  }

  /** What who listens to others at a TCP port shows them by TLS. */
  certificateAt(port: number): string | undefined {
    const to = { address: this.#outside.address(), port };
    return this.#listening.find((one) => isFit(one, to, 'TCP'))?.certificate;
  }

  listen(task: Task, port: number, options: { protocol?: Protocol; address?: string; certificate?: string }): Listener {
    task.steps++;
    const protocol = options.protocol ?? 'TCP';
    const number = port === 0 ? this.#freePort() : port;
    if (this.#listening.some((other) => other.port === number && other.protocol === protocol))
      throw new Errno('EADDRINUSE');
    const listening: Listening = {
      port: number,
      protocol,
      address: options.address ?? '0.0.0.0',
      owner: task,
      inode: this.#nextInode++,
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
    const own = (connection: Connection) => this.#own(task, connection, protocol);
    const listener: Listener = {
      port: number,
      *accept(): Run<Connection> {
        task.steps++;
        while (listening.waiting.length === 0) {
          if (listening.isClosed) throw new Errno('EINVAL');
          yield { for: 'condition', ready: () => listening.waiting.length > 0 || listening.isClosed };
        }
        return own(listening.waiting.shift()!);
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
    const listening = this.#listening.find((one) => isFit(one, to, protocol));
    if (!listening || listening.waiting.length >= MAX_BACKLOG) return undefined;
    if (isSecure && listening.certificate === undefined) return undefined;
    const [near, far] = connectionPair(protocol === 'UDP');
    listening.waiting.push(socketConnection(kernel, near, { local: to, remote: from, isSecure }));
    return far;
  }

  *connect(kernel: Kernel, task: Task, to: ConnectTo): Run<Connection> {
    task.steps += 10;
    const protocol = to.protocol ?? 'TCP';
    const own = this.#outside.address();
    const source = this.#sourceOf(to.source);
    const local = { address: source ?? (LOCAL.test(to.host) ? '127.0.0.1' : own), port: this.#freePort() };
    const remote = { address: to.host, port: to.port };
    const isOwn = (LOCAL.test(to.host) || to.host === own) && !this.#outside.isNodes;
    const socket = isOwn
      ? (this.arrive(kernel, { address: to.host, port: to.port }, local, protocol) ?? 'ECONNREFUSED')
      : this.#outside.connect(
          { address: to.host, port: to.port, protocol, ...(source === undefined ? {} : { source }) },
          kernel.now,
        );
    if (typeof socket === 'string') {
      if (socket === 'ETIMEDOUT') yield { for: 'instant', at: kernel.now + (to.timeout ?? CONNECT_TIMEOUT_MS) };
      throw new Errno(socket);
    }
    return this.#own(task, socketConnection(kernel, socket, { local, remote, isSecure: false }), protocol);
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

  /** A process has it until one of them closes it. */
  #own(task: Task, connection: Connection, protocol: Protocol): Connection {
    const owned: Connected = {
      ...connection,
      protocol,
      inode: this.#nextInode++,
      close() {
        task.sockets.delete(owned);
        connection.close();
      },
    };
    task.sockets.add(owned);
    return owned;
  }

  /** @throws Errno ENODEV, EADDRNOTAVAIL */
  #sourceOf(source: ConnectTo['source']): string | undefined {
    if (!source) return undefined;
    const own = this.#outside.address();
    if ('device' in source) {
      if (source.device === 'lo') return '127.0.0.1';
      if (source.device !== 'eth0') throw new Errno('ENODEV');
      return own;
    }
    if (source.address !== own && !LOOPBACK.test(source.address)) throw new Errno('EADDRNOTAVAIL');
    return source.address;
  }

  #freePort(): number {
    if (this.#nextPort > LAST_PORT) this.#nextPort = FIRST_PORT;
    return this.#nextPort++;
  }
}
