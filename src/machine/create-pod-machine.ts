/**
 * The machine of a pod: a run of it, and the record of all that came in, from which another run does the same again. Nothing runs before
 * somebody looks.
 */
import type { Bytes } from './bytes.ts';
import { MAX_INPUTS, STEPS_A_START, STEPS_TO_REPLAY } from './kernel/limits.ts';
import { LookAhead, RELIST_MS } from './look-ahead.ts';
import { OutsideJournal } from './outside-journal.ts';
import type {
  Caller,
  ContainerEnd,
  ContainerStart,
  Limits,
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

/** A machine whose next event is so far off, milliseconds, is looked at then; what is nearer is looked at ahead. */
const FAR_MS = 10_000;

/** As often `advance` may be needed for one log. */
const CALLS_A_LOG = 4;

class RecordedMachine implements PodMachine {
  readonly #options: PodMachineOptions;
  readonly #inputs: Input[] = [];
  readonly #journal: OutsideJournal;
  readonly #run: Replay;
  #recorded = 0;
  #isAdvancing = false;
  /** Containers and commands that were started. */
  #starts = 0;
  #now: number;
  /** What has come in is remembered to the end. */
  #isWhole: boolean;
  #ahead: LookAhead | undefined;
  /** All have done what they do by themselves at this instant, and nothing can have come in since. */
  #rest: { next: number | undefined; isStill: boolean } | undefined;
  /** What was found out ahead: it holds as long as nothing comes in. */
  readonly #dues = new Map<string, { inputs: number; at: number | undefined }>();

  constructor(options: PodMachineOptions) {
    this.#options = options;
    this.#now = options.startedAt;
    this.#journal = new OutsideJournal(options.network);
    // What others change too is not done again by another run.
    this.#isWhole = !Object.values(options.volumes).some(({ kind }) => kind === 'shared');
    this.#run = new Replay(options, (now) => this.#journal.live(now));
  }

  start(container: ContainerStart): StartFault | undefined {
    return this.#accept({ kind: 'start', container });
  }

  advance(to: number): boolean {
    this.#now = Math.max(this.#now, to);
    return this.#catchUp();
  }

  /** Nothing has run before somebody looks. */
  #catchUp(): boolean {
    const { kernel } = this.#run.pod;
    // One of its own programs has reached it: it goes on where that one stands.
    if (this.#isAdvancing) return true;
    if (kernel.now === this.#now && this.#rest) return true;
    this.#rest = undefined;
    if (!this.#advance()) return false;
    const { next, isStill } = kernel;
    if (!this.#journal.isConnected) this.#rest = { next, isStill };
    return true;
  }

  #advance(): boolean {
    this.#isAdvancing = true;
    try {
      return this.#run.pod.kernel.advance(this.#now);
    } finally {
      this.#isAdvancing = false;
    }
  }

  end(container: string): ContainerEnd | undefined {
    this.#catchUp();
    return this.#run.pod.container(container)?.end;
  }

  due(container: string): number | undefined {
    const isThere = this.#catchUp();
    const { pod } = this.#run;
    const { kernel } = pod;
    const running = pod.container(container);
    if (!running || running.end) return undefined;
    const { next, isStill } = this.#rest ?? kernel;
    if (isStill) return undefined;
    if (!isThere) return this.#now;
    if (next === undefined || next - this.#now >= FAR_MS) return next;
    const known = this.#dues.get(container);
    if (known?.inputs === this.#inputs.length && (known.at === undefined || known.at > this.#now)) return known.at;
    const inputs = this.#inputs.length;
    if (!this.#ahead?.isOf(inputs, this.#now)) {
      const isCheap = kernel.steps + this.#starts * STEPS_A_START <= STEPS_TO_REPLAY;
      if (!this.#isWhole || !isCheap) return Math.max(next, this.#now + RELIST_MS);
      this.#ahead = new LookAhead(this.#copy());
    }
    const at = this.#ahead.due(container, this.#now);
    this.#dues.set(container, { inputs, at });
    return at;
  }

  /** Another run, as far as this one is. */
  #copy(): Replay {
    const copy = new Replay(this.#options, (now) => this.#journal.ahead(now));
    for (const input of this.#inputs) {
      while (!copy.pod.kernel.advance(input.at));
      copy.apply(input);
    }
    while (!copy.pod.kernel.advance(this.#run.pod.kernel.now));
    return copy;
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

  visit(
    port: number,
    from: Caller,
    { protocol = 'TCP', secure = false, at }: { protocol?: 'TCP' | 'UDP'; secure?: boolean; at?: string } = {},
  ): Visitor | undefined {
    this.#accept({ kind: 'visit', port, from, protocol, secure, to: at });
    if (!this.#run.visitors.at(-1)) return undefined;
    const visitor = this.#run.visitors.length - 1;
    const socket = () => {
      this.#catchUp();
      this.#rest = undefined;
      return this.#run.visitors[visitor]!;
    };
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

  certificateAt(port: number): string | undefined {
    return this.#run.pod.sockets.certificateAt(port);
  }

  listens(port: number, protocol: 'TCP' | 'UDP', at?: string): boolean {
    return this.#run.pod.sockets.isOpen(port, protocol, at);
  }

  log(container: string, attempt?: number): readonly LogLine[] {
    // Who asks for a log wants it whole: some ten thousand lines of a script.
    for (let calls = 0; calls < CALLS_A_LOG; calls++) if (this.#catchUp()) break;
    return this.#run.pod.container(container, attempt)?.log.lines ?? [];
  }

  setVolume(name: string, volume: Volume): void {
    this.#accept({ kind: 'volume', name, volume });
  }

  limit(container: string, limits: Limits): void {
    this.#accept({ kind: 'limit', container, limits });
  }

  get next(): number | undefined {
    return (this.#rest ?? this.#run.pod.kernel).next;
  }

  get size(): number {
    return this.#recorded + this.#run.pod.size;
  }

  /** Lets something in, at the machine's instant, and notes it. */
  #accept(input: NewInput): StartFault | undefined {
    this.#catchUp();
    this.#rest = undefined;
    const noted = { ...input, at: this.#run.pod.kernel.now } as Input;
    if (this.#inputs.length >= MAX_INPUTS) this.#isWhole = false;
    else {
      this.#inputs.push(noted);
      this.#recorded += inputSize(noted);
      if (noted.kind === 'start' || noted.kind === 'exec') this.#starts++;
    }
    return this.#run.apply(noted);
  }

  #session(): Session {
    const session = this.#run.sessions.length - 1;
    const ends = (): SessionEnds => {
      this.#catchUp();
      this.#rest = undefined;
      const running = this.#run.sessions[session]!;
      if ('reason' in running) throw new Error('a session that was refused');
      return running.ends;
    };
    return sessionOf(ends, (input) => void this.#accept({ kind: 'session', session, input }));
  }
}

export const createPodMachine = (options: PodMachineOptions): PodMachine => new RecordedMachine(options);
