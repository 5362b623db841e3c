/** What an API server asks of the machines of pods in its own process: as through the cluster's object, over pairs of sockets in memory. */
import type { Pods } from '../apiserver/streams/pods.ts';
import type { SessionSocket } from '../apiserver/streams/session-wire.ts';
import type { HubSocket } from '../etcd/watch-hub.ts';
import { arrayOf } from '../machine/bytes.ts';
import { PodLogs } from './pod-logs.ts';
import { PodSessions } from './pod-sessions.ts';
import { attemptIn } from './pod-streams.ts';
import type { SimulatedCluster } from './simulated-cluster.ts';

type Message = string | ArrayBuffer;

/** One end of a pair. */
class MemorySocket implements SessionSocket, HubSocket {
  binaryType: 'arraybuffer' | 'blob' = 'arraybuffer';
  other: MemorySocket | undefined;
  #attachment: unknown;
  readonly #messages: ((event: { data: Message }) => void)[] = [];
  readonly #ends: (() => void)[] = [];

  /** What comes is told in a later turn, when all listen. */
  accept(): void {}

  send(message: string | ArrayBuffer | Uint8Array<ArrayBuffer>): void {
    const data = message instanceof Uint8Array ? message.slice().buffer : message;
    const { other } = this;
    queueMicrotask(() => {
      other?.receive(data);
    });
  }

  close(): void {
    const { other } = this;
    this.other = undefined;
    queueMicrotask(() => {
      other?.ended();
    });
  }

  addEventListener(
    type: 'message' | 'close' | 'error',
    listener: ((event: { data: Message }) => void) | (() => void),
  ): void {
    if (type === 'message') this.#messages.push(listener as (event: { data: Message }) => void);
    else if (type === 'close') this.#ends.push(listener as () => void);
  }

  receive(data: Message): void {
    for (const listener of this.#messages) listener({ data });
  }

  ended(): void {
    for (const listener of this.#ends) listener();
  }

  serializeAttachment(attachment: unknown): void {
    this.#attachment = attachment;
  }

  deserializeAttachment(): unknown {
    return this.#attachment;
  }
}

function pair(): [MemorySocket, MemorySocket] {
  const ends: [MemorySocket, MemorySocket] = [new MemorySocket(), new MemorySocket()];
  [ends[0].other, ends[1].other] = [ends[1], ends[0]];
  return ends;
}

/** `now`: the cluster's time; that goes on only when it is told to, so nobody says in how many real milliseconds. */
export function localPods(cluster: SimulatedCluster, now: () => number): Pods {
  const followed = new Set<MemorySocket>();
  const ports = { machines: cluster.machines, now, until: (at: number) => Math.max(0, at - now()), worked: () => 0 };
  const logs = new PodLogs({ ...ports, attempt: attemptIn(cluster), sockets: () => [...followed] });
  const sessions = new PodSessions(ports);
  return {
    async log(request) {
      const text = logs.read(request);
      return text === undefined ? null : new Blob([arrayOf(text)]).stream();
    },
    async followLog(request) {
      const [here, there] = pair();
      followed.add(here);
      logs.accept(here, request);
      here.addEventListener('message', ({ data }) => void logs.message(here, String(data)));
      here.addEventListener('close', () => void followed.delete(here));
      return there;
    },
    async connect(request) {
      const [here, there] = pair();
      sessions.accept(here, request);
      return there;
    },
  };
}
