/**
 * Sessions with pods' machines: commands, attached clients and connections that others forward. A session lives in memory beside its machine,
 * and its socket keeps the object there; it ends with the machine. No timer runs here: who holds the other end is told when there may be
 * something, and asks then. Every message is answered by what there is at that instant.
 */
import {
  type Asking,
  begin,
  channelBytes,
  type PodTarget,
  readChannelBytes,
  SESSION_WINDOW,
  type SessionRequest,
  type SessionSocket,
  type Telling,
} from '../apiserver/streams/session-wire.ts';
import { digestOf } from '../kubelet/runtime/images.ts';
import { arrayOf, bytesFrom } from '../machine/bytes.ts';
import type { PodMachine, Session, Visitor } from '../machine/pod-machine.ts';

/** How the machines of the cluster's pods are reached. */
export interface PodMachines {
  /** The machine of a pod at an instant of the cluster's time, as far as its node runs it; undefined: it does not, or is another by now. */
  machine(target: PodTarget, now: number): PodMachine | undefined;
  /** Something came into it from outside: what its node knows of it may be over. */
  touched(target: PodTarget, now: number): void;
}

export interface SessionPorts {
  machines: PodMachines;
  /** The cluster's time. */
  now(): number;
  /** In how many real milliseconds it will be so late; undefined: as long as the clock stands, never. */
  until(instant: number): number | undefined;
  /** Told of bytes that went through a session. @returns for how many milliseconds it is to be let alone */
  worked(bytes: number): number;
}

/** At one time, of one cluster. */
export const MAX_SESSIONS = 64;
/** Connections at one time in one of them. */
export const MAX_CONNECTIONS = 64;
/** Bytes of one message to a Worker. */
export const MAX_MESSAGE = 64 * 1024;

/** As the client of a forwarded port is seen in the pod. */
const FORWARDER = { address: '127.0.0.1' };
const FIRST_FORWARDED_PORT = 32768;
const FORWARDED_PORTS = 28232;

const STDIN = 0;
const STDOUT = 1;
const STDERR = 2;

interface Running {
  socket: SessionSocket;
  request: SessionRequest;
  /** The command; none for connections. */
  command?: Session;
  connections: Map<number, Visitor>;
  /** What was taken of the machine and waits until the Worker has taken more. */
  waiting: { channel: number; bytes: Uint8Array<ArrayBuffer> }[];
  untaken: number;
  told: number | null | undefined;
  opened: number;
}

export class PodSessions {
  readonly #ports: SessionPorts;
  readonly #sessions = new Set<Running>();
  /** Commands that could not be started. */
  #faults = 0;

  constructor(ports: SessionPorts) {
    this.#ports = ports;
  }

  get size(): number {
    return this.#sessions.size;
  }

  /** Begins a session on a socket that was just made. */
  accept(socket: SessionSocket, request: SessionRequest): void {
    const session: Running = {
      socket,
      request,
      connections: new Map(),
      waiting: [],
      untaken: 0,
      told: undefined,
      opened: 0,
    };
    this.#sessions.add(session);
    socket.addEventListener('message', ({ data }) => this.#message(session, data));
    socket.addEventListener('close', () => this.#close(session));
    socket.addEventListener('error', () => this.#close(session));
    begin(socket);
    if (request.kind !== 'ports') this.#begin(session, request);
    this.#look(session);
  }

  /** The clock has changed, or something has come into pods. `isAbout`: into which; all unless said. */
  look(isAbout: (target: PodTarget) => boolean = () => true): void {
    for (const session of [...this.#sessions]) if (isAbout(session.request)) this.#look(session);
  }

  endAll(): void {
    for (const session of [...this.#sessions]) this.#end(session);
  }

  #begin(session: Running, request: Extract<SessionRequest, { container: string }>): void {
    const machine = this.#machine(request);
    const { container } = request;
    if (!machine) this.#end(session);
    else if (request.kind === 'attach') session.command = machine.attach(container);
    else {
      const { command, stdin, tty } = request;
      const started = machine.exec(container, command, { stdin, tty });
      if ('reason' in started) this.#end(session, { fault: this.#fault(request, started.message) });
      else session.command = started;
    }
  }

  /** In the container runtime's words. */
  #fault({ uid }: PodTarget, message: string): string {
    if (!message.startsWith('OCI runtime'))
      return `error executing command in container: failed to exec in container: ${message}`;
    const id = digestOf(`${uid} exec ${this.#faults++}`);
    return `error executing command in container: failed to exec in container: failed to start exec "${id}": ${message}`;
  }

  #machine(target: PodTarget): PodMachine | undefined {
    return this.#ports.machines.machine(target, this.#ports.now());
  }

  #message(session: Running, data: string | ArrayBuffer): void {
    if (!this.#sessions.has(session)) return;
    if (typeof data === 'string') this.#asked(session, JSON.parse(data) as Asking);
    else {
      const { channel, bytes } = readChannelBytes(data);
      const to = session.command ? (channel === STDIN ? session.command : undefined) : session.connections.get(channel);
      to?.write(bytesFrom(bytes));
      this.#ports.worked(bytes.length);
    }
    this.#look(session);
  }

  #asked(session: Running, asking: Asking): void {
    const { command, connections } = session;
    if ('took' in asking) session.untaken -= asking.took;
    else if ('resize' in asking) command?.resize(asking.resize.rows, asking.resize.columns);
    else if ('end' in asking) {
      if (command) command.endInput();
      else connections.get(asking.end)?.end();
    } else if ('open' in asking) this.#open(session, asking);
    else if ('close' in asking) {
      connections.get(asking.close)?.close();
      connections.delete(asking.close);
    }
  }

  #open(session: Running, { open: channel, port, secure = false, from }: Extract<Asking, { open: number }>): void {
    const machine = this.#machine(session.request);
    if (!machine) {
      this.#end(session);
      return;
    }
    const client = from ?? { ...FORWARDER, port: FIRST_FORWARDED_PORT + (session.opened++ % FORWARDED_PORTS) };
    const isFull = session.connections.size >= MAX_CONNECTIONS;
    const visitor = isFull ? undefined : machine.visit(port, client, { secure });
    if (visitor) session.connections.set(channel, visitor);
    else tell(session, secure && machine.listens(port, 'TCP') ? { plain: channel } : { refused: channel });
  }

  /** Lets the machine come to this instant, and passes on what there is. */
  #look(session: Running): void {
    if (!this.#sessions.has(session)) return;
    const machine = this.#machine(session.request);
    if (!machine) {
      this.#end(session);
      return;
    }
    // Who does not take what there is gets no more of it.
    if (session.waiting.length === 0) machine.advance(this.#ports.now());
    const bytes = this.#take(session);
    const restMs = this.#ports.worked(bytes);
    this.#send(session);
    this.#ports.machines.touched(session.request, this.#ports.now());
    if (session.waiting.length > 0) return;
    const { command } = session;
    if (command?.exitCode !== undefined) this.#end(session, { exit: command.exitCode });
    else {
      this.#forgetClosed(session);
      this.#tellDue(session, machine, restMs);
    }
  }

  #take({ command, connections, waiting }: Running): number {
    let bytes = 0;
    const add = (channel: number, text: string): void => {
      bytes += text.length;
      for (let at = 0; at < text.length; at += MAX_MESSAGE)
        waiting.push({ channel, bytes: arrayOf(text.slice(at, at + MAX_MESSAGE)) });
    };
    for (const part of command?.take() ?? []) add(part.stream === 'stdout' ? STDOUT : STDERR, part.bytes);
    for (const [channel, visitor] of connections) add(channel, visitor.take());
    return bytes;
  }

  #send(session: Running): void {
    while (session.waiting.length > 0 && session.untaken < SESSION_WINDOW) {
      const { channel, bytes } = session.waiting.shift()!;
      session.untaken += bytes.length;
      session.socket.send(channelBytes(channel, bytes));
    }
  }

  #forgetClosed(session: Running): void {
    for (const [channel, visitor] of session.connections)
      if (visitor.isClosed) {
        session.connections.delete(channel);
        tell(session, { ended: channel });
      }
  }

  #tellDue(session: Running, machine: PodMachine, restMs: number): void {
    const next = session.command || session.connections.size > 0 ? machine.next : undefined;
    const until = next === undefined ? undefined : this.#ports.until(next);
    const due = until === undefined ? null : Math.max(0, until, restMs);
    if (due === null && session.told === null) return;
    session.told = due;
    tell(session, { due });
  }

  #end(session: Running, telling?: Telling): void {
    if (telling) tell(session, telling);
    this.#close(session);
    session.socket.close(1000, telling ? 'over' : 'the container is gone');
  }

  /** A command whose client is gone is left to itself, as by the container runtime; its input has ended. */
  #close(session: Running): void {
    if (!this.#sessions.delete(session)) return;
    const { command, request, connections } = session;
    if (command?.exitCode === undefined && request.kind === 'exec') command?.endInput();
    for (const visitor of connections.values()) visitor.close();
  }
}

const tell = ({ socket }: Running, telling: Telling): void => socket.send(JSON.stringify(telling));
