/** What comes into a pod's machine, as data: applied in order, each at its instant, to a new run, it does the same again. */
import type {
  Caller,
  ContainerStart,
  Limits,
  OutsideNetwork,
  PodMachineOptions,
  Socket,
  StartFault,
  Volume,
} from './pod-machine.ts';
import type { Signal } from './program.ts';
import { RunningPod } from './running-pod.ts';
import { RunningSession, type SessionInput } from './session.ts';

export type Input = { at: number } & (
  | { kind: 'start'; container: ContainerStart }
  | { kind: 'volume'; name: string; volume: Volume }
  | { kind: 'limit'; container: string; limits: Limits }
  | { kind: 'signal'; container: string; signal: Signal }
  | { kind: 'exec'; container: string; args: readonly string[]; options: { stdin: boolean; tty: boolean } }
  | { kind: 'attach'; container: string }
  | { kind: 'session'; session: number; input: SessionInput }
  | {
      kind: 'visit';
      port: number;
      from: Caller;
      protocol: 'TCP' | 'UDP';
      secure: boolean;
      /** Absent: the pod's own. */
      to: string | undefined;
    }
  | { kind: 'visitor'; visitor: number; input: { what: 'write'; bytes: string } | { what: 'end' } | { what: 'close' } }
);

/** A run with what has come in so far, sessions and visitors by the order in which they came. */
export class Replay {
  readonly pod: RunningPod;
  readonly sessions: (RunningSession | StartFault)[] = [];
  readonly visitors: (Socket | undefined)[] = [];
  /** Inputs that it has been given. */
  applied = 0;

  constructor(options: PodMachineOptions, network: (now: () => number) => OutsideNetwork) {
    this.pod = new RunningPod(options, network);
  }

  /** @returns the fault of a container that could not be started. */
  apply(input: Input): StartFault | undefined {
    this.applied++;
    const { pod } = this;
    switch (input.kind) {
      case 'start':
        return pod.start(input.container);
      case 'volume':
        pod.setVolume(input.name, input.volume);
        return undefined;
      case 'limit':
        pod.limit(input.container, input.limits);
        return undefined;
      case 'signal':
        pod.signal(input.container, input.signal);
        return undefined;
      case 'exec':
        this.sessions.push(pod.exec(input.container, input.args, input.options));
        return undefined;
      case 'attach':
        this.sessions.push(pod.attach(input.container));
        return undefined;
      case 'session': {
        const session = this.sessions[input.session];
        if (session instanceof RunningSession) session.accept(input.input);
        return undefined;
      }
      case 'visit':
        this.visitors.push(pod.visit(input.port, input.from, input));
        return undefined;
      case 'visitor':
        this.#visitor(this.visitors[input.visitor], input.input);
        return undefined;
      default:
        return input satisfies never;
    }
  }

  #visitor(socket: Socket | undefined, input: Extract<Input, { kind: 'visitor' }>['input']): void {
    if (!socket) return;
    if (input.what === 'close') socket.close();
    else if (input.what === 'write') {
      if (!socket.isClosed) socket.give(input.bytes);
    } else socket.end();
  }
}

/** What an input weighs in memory, bytes, about. */
export function inputSize(input: Input): number {
  if (input.kind === 'session' && input.input.what === 'write') return 100 + input.input.bytes.length;
  if (input.kind === 'visitor' && input.input.what === 'write') return 100 + input.input.bytes.length;
  if (input.kind === 'volume' && input.volume.kind === 'files') {
    return Object.entries(input.volume.files).reduce(
      (sum, [path, file]) => sum + path.length + ('bytes' in file ? file.bytes.length : 0),
      200,
    );
  }
  return 500;
}
