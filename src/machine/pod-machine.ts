/**
 * The machine of one pod: its containers' processes, files and sockets, over the cluster's time. It is a function of how its containers
 * were started and of what has come in since (`Input`), so it can be forgotten and made again, and the same inputs give the same logs.
 */
import type { Bytes } from './bytes.ts';
import type { ErrnoName } from './errno.ts';
import type { SharedTrees } from './files/shared-trees.ts';
import type { Image } from './image.ts';
import type { Resolution } from './network.ts';
import type { Signal } from './program.ts';

/** How one container of the pod is started. */
export interface ContainerStart {
  name: string;
  /** How many times it was started before. */
  attempt: number;
  /** As the pod's spec has it. */
  image: string;
  /** The spec's, with references to variables replaced; undefined: the image's. */
  command: readonly string[] | undefined;
  args: readonly string[] | undefined;
  env: readonly { name: string; value: string }[];
  workingDir: string | undefined;
  user: { uid: number; gid: number; groups: readonly number[] };
  mounts: readonly ContainerMount[];
  tty: boolean;
  stdin: boolean;
  readOnlyRoot: boolean;
  /** What its processes that are root's may do; undefined: what a container may that says nothing. */
  capabilities?: readonly string[];
  /** Programs whose bits make another of who starts them do not. */
  noNewPrivileges?: boolean;
  /** Bytes; undefined: none. */
  memoryLimit: number | undefined;
  /** What it asks of the processors, and may take of them at most: thousandths of one. */
  cpu?: CpuShare;
  /** What counts when the node lacks memory: -1000 to 1000. */
  oomScoreAdjustment?: number;
  /** The container whose processes it sees. */
  target?: string;
  /** Where it leaves its last words; undefined: `/dev/termination-log`. */
  terminationLog?: string;
}

export interface Limits {
  memoryLimit: number | undefined;
  cpu: CpuShare;
}

export interface CpuShare {
  request?: number;
  limit?: number;
}

export interface ContainerMount {
  path: string;
  /** Which volume of the pod, or what file of the kubelet. */
  volume: string;
  subPath?: string;
  readOnly: boolean;
}

/**
 * A file of a volume: its bytes, or what makes them at the instant at which it is read, as a token that is renewed; undefined: nothing yet,
 * whoever reads waits.
 */
export type VolumeFile = { mode: number; uid?: number } & ({ bytes: Bytes } | { made(at: number): Bytes | undefined });

/** What a volume holds. `files` may change as ConfigMaps do; `scratch` is the pod's to write. `group`: to whom its files are given, if anybody. */
export type Volume =
  | {
      kind: 'files';
      files: Readonly<Record<string, VolumeFile>>;
      defaultMode: number;
      isAtomic: boolean;
      group?: number;
    }
  | { kind: 'scratch'; medium: 'disk' | 'memory'; sizeLimit?: number; mode: number; group?: number }
  /** The files of an image. */
  | { kind: 'image'; reference: string; group?: number }
  /** A path of a tree that other pods have too: of their node, or of what is behind a claim. */
  | { kind: 'shared'; tree: string; path: string; isFile?: boolean; group?: number };

/** Why it could not be started, as the runtime says it. */
export interface StartFault {
  /** `RunContainerError`, `CreateContainerError`. */
  reason: string;
  message: string;
  exitCode: number;
}

export interface ContainerEnd {
  at: number;
  /** 128 + the signal's number where one ended it. */
  exitCode: number;
  signal?: number;
  isOutOfMemory?: boolean;
  /** What it left in its termination log. */
  terminationMessage: Bytes;
}

export interface LogLine {
  at: number;
  stream: 'stdout' | 'stderr';
  /** Without its `\n`. */
  text: Bytes;
  /** It has no `\n`: more of it may follow. */
  isPartial: boolean;
}

/** A command that runs in a container beside its own: an exec session, an exec probe, a hook. */
export interface Session {
  /** What it has written since the last call, in order. */
  take(): { stream: 'stdout' | 'stderr'; bytes: Bytes }[];
  write(bytes: Bytes): void;
  endInput(): void;
  resize(rows: number, columns: number): void;
  signal(signal: Signal): void;
  /** Its exit code; undefined while it runs. */
  readonly exitCode: number | undefined;
}

/** Whoever opens a connection into the pod: a probe, the port-forward, another pod, after the network has let it through. */
export interface Visitor {
  /** What the server has sent since the last call. */
  take(): Bytes;
  write(bytes: Bytes): void;
  end(): void;
  close(): void;
  readonly isClosed: boolean;
}

/** Whom the program that is reached sees. */
export interface Caller {
  address: string;
  port: number;
}

/** What a machine is made of, beside its containers. */
export interface PodMachineOptions {
  /** The instant at which the pod's sandbox was made, milliseconds since 1970. */
  startedAt: number;
  /** The same seed gives the same chance. */
  seed: string;
  hostname: string;
  /** Volumes by their name, also files of the kubelet such as /etc/hosts. */
  volumes: Readonly<Record<string, Volume>>;
  sharesProcesses: boolean;
  /** Settings of the kernel that the pod has made, by their dotted names. */
  sysctls?: Readonly<Record<string, string>>;
  /** Where trees are that pods share; without it each has its own. */
  shared?: SharedTrees;
  node: NodeFacts;
  imageFor(reference: string): Image;
  network: OutsideNetwork;
  /** A program that is wrong ends like one that crashes, and nobody is told; else what it throws is thrown on. */
  ignoresDefects?: boolean;
}

/** What /proc tells of the node. */
export interface NodeFacts {
  cpus: number;
  /** Bytes. */
  memory: number;
  /** `6.18.0`. */
  kernelRelease: string;
  bootedAt: number;
}

/** The network outside the pod, as its processes reach it. It is asked at an instant and answers at once. */
export interface OutsideNetwork {
  /** The pod's own address. */
  address(): string;
  /** Whether the pod is in the network of its node: what is there for its loopback and its own address is not its own alone. */
  readonly isNodes?: boolean;
  /** A socket to who is there, or why there is none: ETIMEDOUT where nothing answers. */
  connect(to: OutsideTarget, at: number): Socket | ErrnoName;
  /** Asks a DNS server for a full name. Undefined: it does not answer. */
  ask(server: string, name: string, type: string, at: number): Omit<Resolution, 'server'> | undefined;
}

export interface OutsideTarget {
  address: string;
  port: number;
  protocol: 'TCP' | 'UDP';
  /** The one of its own addresses that the program has bound itself to. */
  source?: string;
}

/** One end of a connection, for who does not wait. */
export interface Socket {
  /** What has come in, a datagram at a time for UDP; undefined: nothing yet; '' after the end. */
  take(max: number): Bytes | undefined;
  canTake(): boolean;
  /** How many bytes were taken; 0: no room. @throws Errno EPIPE, ECONNRESET */
  give(bytes: Bytes): number;
  canGive(): boolean;
  end(): void;
  close(): void;
  /** The other end is gone. */
  readonly isClosed: boolean;
}

export interface PodMachine {
  /** Starts a container at the machine's instant. */
  start(container: ContainerStart): StartFault | undefined;
  /** Lets time go on, to this instant or as far as the budget of steps allows. @returns whether it got there. */
  advance(to: number): boolean;
  /** How a container's first process has ended by now. */
  end(container: string): ContainerEnd | undefined;
  /**
   * When it has to be looked at again because something may be over that a status tells of; undefined: not before something comes in.
   * Worked out by running ahead on a copy, so a program that only prints is never due.
   */
  due(container: string): number | undefined;
  /**
   * The next instant at which something in it goes on by itself (a sleeper wakes, a wait runs out), whatever comes of it; undefined: nothing
   * does until something comes in. Whoever holds one of its streams looks again then, so a followed log needs no timer here.
   */
  readonly next: number | undefined;
  signal(container: string, signal: Signal): void;
  exec(container: string, args: readonly string[], options: { stdin: boolean; tty: boolean }): Session | StartFault;
  /** The input, output and errors of its first process, from now on. */
  attach(container: string): Session;
  /**
   * `at`: the address that is visited, the pod's own by default. Undefined: nothing listens there, or nobody who speaks TLS where the visitor
   * does (`secure`).
   */
  visit(
    port: number,
    from: Caller,
    how?: { protocol?: 'TCP' | 'UDP'; secure?: boolean; at?: string },
  ): Visitor | undefined;
  /** The certificates that whoever listens at a TCP port shows, PEM, its own first; undefined: it speaks no TLS. */
  certificateAt(port: number): string | undefined;
  /** Whether a program listens at an address, the pod's own by default. */
  listens(port: number, protocol: 'TCP' | 'UDP', at?: string): boolean;
  /** Of its last attempt unless said; the attempt before is kept too. */
  log(container: string, attempt?: number): readonly LogLine[];
  setVolume(name: string, volume: Volume): void;
  /** Gives a running container other limits. */
  limit(container: string, limits: Limits): void;
  /** Bytes of it that live in memory, about. */
  readonly size: number;
}
