/**
 * Logs of pods' containers. One that is followed is a hibernatable WebSocket: all that is known of it is its attachment, and nothing runs for
 * it here. Whoever holds its other end asks, and is told when there may be more; what comes in from outside is told at once.
 */
import { type LogCursor, logPart } from '../apiserver/streams/log-text.ts';
import { LOOK, type LogRequest, type LogTelling } from '../apiserver/streams/log-wire.ts';
import type { PodTarget } from '../apiserver/streams/session-wire.ts';
import type { HubSocket } from '../etcd/watch-hub.ts';
import type { LogLine, PodMachine } from '../machine/pod-machine.ts';
import type { SessionPorts } from './pod-sessions.ts';

/** At one time, of one cluster. */
export const MAX_FOLLOWED_LOGS = 64;
/** The tag of their sockets. */
export const LOG_TAG = 'pod-log';

interface Followed {
  request: LogRequest;
  cursor?: LogCursor;
}

export interface LogPorts extends SessionPorts {
  /** How often a container of the pod was started again, as its status says. */
  attempt(target: PodTarget, container: string): number | undefined;
  sockets(): HubSocket[];
}

const followedOf = (socket: HubSocket): Followed | undefined =>
  (socket.deserializeAttachment() as { log?: Followed } | null)?.log;

export class PodLogs {
  readonly #ports: LogPorts;

  constructor(ports: LogPorts) {
    this.#ports = ports;
  }

  get size(): number {
    return this.#ports.sockets().length;
  }

  /** All that there is; undefined where the pod's machine is gone. */
  read(request: LogRequest): string | undefined {
    const found = this.#look(request);
    return found && logPart(found.lines, request.options).text;
  }

  /** A socket that the object has just accepted. */
  accept(socket: HubSocket, request: LogRequest): void {
    socket.serializeAttachment({ log: { request } satisfies Followed });
  }

  /** What the Worker asks; false if the socket is none of a log. */
  message(socket: HubSocket, message: string): boolean {
    const followed = followedOf(socket);
    if (!followed) return false;
    if (message === LOOK) this.#answer(socket, followed);
    return true;
  }

  closed(socket: HubSocket): void {
    if (followedOf(socket)) socket.close(1000, 'closed');
  }

  /** Something came into machines, or the clock has changed. `isAbout`: of which pods; all unless said. */
  changed(isAbout: (request: LogRequest) => boolean = () => true): void {
    for (const socket of this.#ports.sockets()) {
      const followed = followedOf(socket);
      if (followed && isAbout(followed.request)) tell(socket, { more: true });
    }
  }

  #answer(socket: HubSocket, { request, cursor }: Followed): void {
    const found = this.#look(request);
    if (!found) {
      tell(socket, { text: '', over: true });
      return;
    }
    const { lines, machine } = found;
    const { text, cursor: next, isFull } = logPart(lines, request.options, cursor);
    socket.serializeAttachment({ log: { request, cursor: next } satisfies Followed });
    if (isFull || !this.#goesOn(request, machine)) {
      tell(socket, { text, over: true });
      return;
    }
    const restMs = this.#ports.worked(text.length);
    const until = machine.next === undefined ? undefined : this.#ports.until(machine.next);
    tell(socket, { text, due: until === undefined ? null : Math.max(0, until, restMs) });
  }

  /** Whether the container still runs, and is the one that was asked for. */
  #goesOn(request: LogRequest, machine: PodMachine): boolean {
    const { container, attempt } = request;
    return machine.end(container) === undefined && this.#ports.attempt(request, container) === attempt;
  }

  #look(request: LogRequest): { lines: readonly LogLine[]; machine: PodMachine } | undefined {
    const now = this.#ports.now();
    const machine = this.#ports.machines.machine(request, now);
    if (!machine) return undefined;
    machine.advance(now);
    return { lines: machine.log(request.container, request.attempt), machine };
  }
}

const tell = (socket: HubSocket, telling: LogTelling): void => socket.send(JSON.stringify(telling));
