/**
 * What the network outside has answered a pod, in order, so that another run of the pod is told the same. Looking ahead nobody outside is
 * asked: a run that needs an answer that was not given yet says so.
 */
import { Errno, type ErrnoName } from './errno.ts';
import type { NamespaceTexts } from './namespace-texts.ts';
import type { Resolution } from './network.ts';
import type { OutsideNetwork, Socket } from './pod-machine.ts';

type Answer =
  | { of: 'namespace'; at: number; texts: NamespaceTexts }
  | { of: 'ask'; at: number; answer: Omit<Resolution, 'server'> | undefined }
  | { of: 'connect'; at: number; fault: ErrnoName }
  | { of: 'connect'; at: number; fault: undefined; socket: Recorded };

interface Recorded {
  /** What has come in, with the instant at which it was seen first; '' is the end. */
  taken: { at: number; bytes: string }[];
}

/** A run ahead needs somebody outside. */
export class NeedsOutside extends Error {
  constructor() {
    super('an answer from outside is needed');
  }
}

export class OutsideJournal {
  readonly #answers: Answer[] = [];
  readonly #network: OutsideNetwork;
  #open = 0;

  constructor(network: OutsideNetwork) {
    this.#network = network;
  }

  /** Whether the run that goes on has connections: something may come through them without its being told. */
  get isConnected(): boolean {
    return this.#open > 0;
  }

  /** What does not change. */
  #place(): Pick<OutsideNetwork, 'address' | 'isNodes'> {
    return { address: () => this.#network.address(), isNodes: this.#network.isNodes ?? false };
  }

  /** The network of the run that goes on: what it is answered is noted. */
  live(now: () => number): OutsideNetwork {
    return {
      ...this.#place(),
      namespace: (at) => {
        const texts = this.#network.namespace(at);
        this.#answers.push({ of: 'namespace', at, texts });
        return texts;
      },
      ask: (server, name, type, at) => {
        const answer = this.#network.ask(server, name, type, at);
        this.#answers.push({ of: 'ask', at, answer });
        return answer;
      },
      connect: (to, at) => {
        const socket = this.#network.connect(to, at);
        if (typeof socket === 'string') {
          this.#answers.push({ of: 'connect', at, fault: socket });
          return socket;
        }
        const recorded: Recorded = { taken: [] };
        this.#answers.push({ of: 'connect', at, fault: undefined, socket: recorded });
        this.#open++;
        return noting(socket, recorded, now, () => this.#open--);
      },
    };
  }

  /** The network of a run ahead. @throws NeedsOutside */
  ahead(now: () => number): OutsideNetwork {
    let next = 0;
    const answer = <Of extends Answer['of']>(of: Of): Extract<Answer, { of: Of }> => {
      const found = this.#answers[next++];
      if (found?.of !== of) throw new NeedsOutside();
      return found as Extract<Answer, { of: Of }>;
    };
    return {
      ...this.#place(),
      namespace: () => answer('namespace').texts,
      ask: () => answer('ask').answer,
      connect: () => {
        const found = answer('connect');
        return found.fault === undefined ? replayed(found.socket, now) : found.fault;
      },
    };
  }
}

function noting(socket: Socket, { taken }: Recorded, now: () => number, closed: () => void): Socket {
  let isOpen = true;
  return {
    take(max) {
      const bytes = socket.take(max);
      if (bytes !== undefined) taken.push({ at: now(), bytes });
      return bytes;
    },
    canTake: () => socket.canTake(),
    give: (bytes) => socket.give(bytes),
    canGive: () => socket.canGive(),
    end: () => socket.end(),
    close() {
      if (isOpen) closed();
      isOpen = false;
      socket.close();
    },
    get isClosed() {
      return socket.isClosed;
    },
  };
}

function replayed({ taken }: Recorded, now: () => number): Socket {
  let next = 0;
  let isClosed = false;
  const piece = () => {
    const found = taken[next];
    if (!found) throw new NeedsOutside();
    return found.at <= now() ? found.bytes : undefined;
  };
  return {
    take() {
      const bytes = piece();
      if (bytes !== undefined) next++;
      return bytes;
    },
    canTake: () => piece() !== undefined,
    give(bytes) {
      if (isClosed) throw new Errno('EPIPE');
      return bytes.length;
    },
    canGive: () => true,
    end: () => undefined,
    close() {
      isClosed = true;
    },
    get isClosed() {
      return isClosed;
    },
  };
}
