/**
 * The machine of a pod: a run of it, and the record of all that came in, from which another run does the same again. Nothing runs before
 * somebody looks.
 */
import type { Bytes } from './bytes.ts';
import type {
  ContainerEnd,
  ContainerStart,
  LogLine,
  PodMachine,
  PodMachineOptions,
  Session,
  StartFault,
  Visitor,
  Volume,
} from './pod-machine.ts';
import type { Signal } from './program.ts';
import { type Input, inputSize, Replay } from './replay.ts';
import { type SessionEnds, sessionOf } from './session.ts';

const TAKE = 1024 * 1024;

type NewInput = Input extends infer Each ? (Each extends Input ? Omit<Each, 'at'> : never) : never;

class RecordedMachine implements PodMachine {
  readonly #options: PodMachineOptions;
  readonly #inputs: Input[] = [];
  #recorded = 0;
  readonly #run: Replay;
  #now: number;

  constructor(options: PodMachineOptions) {
    this.#options = options;
    this.#now = options.startedAt;
    this.#run = new Replay(options);
  }

  start(container: ContainerStart): StartFault | undefined {
    return this.#accept({ kind: 'start', container });
  }

  advance(to: number): boolean {
    this.#now = Math.max(this.#now, to);
    return this.#run.pod.kernel.advance(this.#now);
  }

  end(container: string): ContainerEnd | undefined {
    return this.#run.pod.container(container)?.end;
  }

  due(container: string): number | undefined {
    if (this.end(container)) return undefined;
    const ahead = new Replay(this.#options);
    for (const input of this.#inputs) {
      ahead.pod.kernel.advance(input.at);
      ahead.apply(input);
    }
    const { kernel } = ahead.pod;
    for (let calls = 0; calls < MAX_CALLS_AHEAD; calls++) {
      const next = kernel.nextInstant();
      const end = ahead.pod.container(container)?.end;
      if (end) return end.at;
      if (next === undefined) return undefined;
      kernel.advance(next);
    }
    return ahead.pod.container(container)?.end?.at ?? kernel.now;
  }

  signal(container: string, signal: Signal): void {
    this.#accept({ kind: 'signal', container, signal });
  }

  exec(container: string, args: readonly string[], options: { stdin: boolean; tty: boolean }): Session | StartFault {
    this.#accept({ kind: 'exec', container, args, options });
    const session = this.#run.sessions.at(-1)!;
    return 'reason' in session ? session : this.#session();
  }

  attach(container: string): Session {
    this.#accept({ kind: 'attach', container });
    return this.#session();
  }

  visit(port: number, from: { address: string; port: number }, protocol: 'TCP' | 'UDP' = 'TCP'): Visitor | undefined {
    this.#accept({ kind: 'visit', port, from, protocol });
    if (!this.#run.visitors.at(-1)) return undefined;
    const visitor = this.#run.visitors.length - 1;
    const socket = () => this.#run.visitors[visitor]!;
    const send = (input: Extract<Input, { kind: 'visitor' }>['input']): void => {
      this.#accept({ kind: 'visitor', visitor, input });
    };
    let isEnded = false;
    return {
      take(): Bytes {
        const bytes = socket().take(TAKE);
        isEnded ||= bytes === '';
        return bytes ?? '';
      },
      write: (bytes) => send({ what: 'write', bytes }),
      end: () => send({ what: 'end' }),
      close: () => send({ what: 'close' }),
      get isClosed() {
        return isEnded || socket().isClosed;
      },
    };
  }

  log(container: string, attempt?: number): readonly LogLine[] {
    return this.#run.pod.container(container, attempt)?.log.lines ?? [];
  }

  setVolume(name: string, volume: Volume): void {
    this.#accept({ kind: 'volume', name, volume });
  }

  get next(): number | undefined {
    return this.#run.pod.kernel.nextInstant();
  }

  get size(): number {
    return this.#recorded + this.#run.pod.size;
  }

  /** Notes what comes in, and lets it in at the machine's instant. */
  #accept(input: NewInput): StartFault | undefined {
    const { kernel } = this.#run.pod;
    const noted = { ...input, at: kernel.now } as Input;
    this.#inputs.push(noted);
    this.#recorded += inputSize(noted);
    const fault = this.#run.apply(noted);
    kernel.advance(kernel.now);
    return fault;
  }

  #session(): Session {
    const session = this.#run.sessions.length - 1;
    const ends = (): SessionEnds => {
      const running = this.#run.sessions[session]!;
      if ('reason' in running) throw new Error('a session that was refused');
      return running.ends;
    };
    return sessionOf(ends, (input) => void this.#accept({ kind: 'session', session, input }));
  }
}

/** Events that are looked at ahead before saying that nothing is known beyond. */
const MAX_CALLS_AHEAD = 10_000;

export const createPodMachine = (options: PodMachineOptions): PodMachine => new RecordedMachine(options);
