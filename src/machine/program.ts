/**
 * What a program sees of its machine. A program is a generator: what may have to wait is a call with `yield*`, everything else a plain
 * call. It keeps nothing outside its own frames, reads no clock but its process's, and draws chance from its process, so that the same
 * container, started at the same instant with the same inputs, does the same to the last byte.
 */
import type { Bytes } from './bytes.ts';
import { Untraced } from './errno.ts';
import type { FileView } from './file-view.ts';
import type { Connection, ConnectTo, Listener, Resolution } from './network.ts';
import type { Run } from './run.ts';

export type { Run, Wait } from './run.ts';

/** Returns its exit code. May end earlier by throwing `Exit`. An `Errno` that nobody catches ends it with code 1 and its words. */
export type Program = (process: Process) => Run<number>;

export class Exit extends Untraced {
  readonly status: number;

  constructor(status: number) {
    super(`exit ${status}`);
    this.status = status;
  }
}

export type Signal =
  | 'HUP'
  | 'INT'
  | 'QUIT'
  | 'ILL'
  | 'TRAP'
  | 'ABRT'
  | 'BUS'
  | 'FPE'
  | 'KILL'
  | 'USR1'
  | 'SEGV'
  | 'USR2'
  | 'PIPE'
  | 'ALRM'
  | 'TERM'
  | 'STKFLT'
  | 'CHLD'
  | 'CONT'
  | 'STOP'
  | 'TSTP'
  | 'TTIN'
  | 'TTOU'
  | 'URG'
  | 'XCPU'
  | 'XFSZ'
  | 'VTALRM'
  | 'PROF'
  | 'WINCH'
  | 'IO'
  | 'PWR'
  | 'SYS';

/** How a child is started: everything that is not said it has of its parent. */
export interface Spawn {
  env?: ReadonlyMap<string, string>;
  cwd?: string;
  /** Descriptors of the child by number, each one of the parent's; all of the parent's unless said. */
  descriptors?: ReadonlyMap<number, number>;
  /** Its process group: a new one of its own, or that of another process; its parent's unless said. */
  group?: 'new' | number;
  /** Signals that it does not hear, beside those that its parent ignores. */
  ignore?: readonly Signal[];
}

/** A child that has ended. */
export interface Ended {
  pid: number;
  /** Its exit code; 128 + the signal's number where one ended it. */
  status: number;
  signal?: Signal;
}

export interface Process {
  readonly pid: number;
  readonly parent: number;
  /** As it was called: the first is its own name. */
  readonly args: readonly string[];
  /** Its environment; a shell changes it, children get a copy. */
  readonly env: Map<string, string>;
  cwd: string;
  readonly user: { uid: number; gid: number; groups: readonly number[] };
  /** Whether it has a capability: `NET_ADMIN`. */
  may(capability: string): boolean;
  /** Files as this process sees them: its mounts, its working directory, its permissions. */
  readonly files: FileView;

  /** The cluster's time, milliseconds since 1970. */
  now(): number;
  /** A number in [0, 1), the same in every run of the same container. */
  random(): number;
  /** Counts work that is not a call, such as a turn of a loop; ends the process where it does too much without a call. */
  work(steps: number): void;
  /** Lets others have their turn if this one has worked long: every loop without another call has it. */
  pause(): Run;
  /** Says how many bytes of memory it holds from now on; a container beyond its limit loses its largest process. */
  hold(bytes: number): void;
  /** Says that it will never end by itself, so that nobody looks ahead for it; `false` takes it back. */
  endless(is: boolean): void;
  /** Permission bits that new files do not get. */
  umask: number;
  readonly group: number;

  // Descriptors. 0, 1 and 2 are input, output and errors.
  /** Up to `max` bytes, '' at the end. Waits for at least one. */
  read(descriptor: number, max?: number): Run<Bytes>;
  /** A line with its `\n` (the last may have none), '' at the end. */
  readLine(descriptor: number): Run<Bytes>;
  /** Everything up to the end. @throws Errno ENOMEM beyond the bound of what a process may hold. */
  readAll(descriptor: number): Run<Bytes>;
  /** All of it. A reader that is gone ends the process by SIGPIPE unless that is ignored, then @throws Errno EPIPE. */
  write(descriptor: number, bytes: Bytes): Run;
  /** `how` as fopen's mode; `rw` makes the file where it is not there and keeps what it has. @returns the descriptor. @throws Errno */
  open(path: string, how: 'r' | 'r+' | 'rw' | 'w' | 'a' | 'wx'): number;
  close(descriptor: number): void;
  /** A copy of a descriptor, at a number if given. */
  duplicate(descriptor: number, to?: number): number;
  /** The end to read and the end to write. */
  pipe(): [number, number];
  isTerminal(descriptor: number): boolean;
  /** Its open descriptors, ascending. */
  descriptors(): number[];
  /** Where the next byte is read or written; from the start, from there or from the end. @throws Errno ESPIPE */
  seek(descriptor: number, to: number, from?: 'start' | 'here' | 'end'): number;
  /** Makes a process group the one that its terminal speaks to. */
  foreground(group: number): void;
  /** Rows and columns of its terminal. */
  terminalSize(): { rows: number; columns: number } | undefined;

  // Time and other processes.
  sleep(ms: number): Run;
  /** Looks a program up in PATH as execvp does and starts it. @throws Errno ENOENT, EACCES, ENOEXEC, EAGAIN */
  spawn(args: readonly string[], how?: Spawn): number;
  /** A copy of this process that runs `body` instead: a subshell. */
  fork(body: Program, how?: Spawn): number;
  /** Becomes another program; never returns. @throws Errno as spawn does */
  exec(args: readonly string[], env?: ReadonlyMap<string, string>): Run<never>;
  /** Waits until a child, or any, has ended. @returns undefined where there is none. */
  wait(pid?: number): Run<Ended | undefined>;
  /** A child that has ended, without waiting. */
  reap(pid?: number): Ended | undefined;
  /** To a process, or with a negative number to a group; -1: all that it can see but itself and the first. @throws Errno ESRCH, EPERM */
  kill(pid: number, signal: Signal | 0): void;
  /** What a signal does from now on: a handler is run between two steps, and what was waited for is given up with EINTR. */
  handle(signal: Signal, what: 'default' | 'ignore' | (() => void)): void;
  /** Those that it can see, for ps. */
  processes(): readonly ProcessFacts[];

  // Network.
  hostname(): string;
  /**
   * @throws Errno ECONNREFUSED, ETIMEDOUT after `timeout` milliseconds, EHOSTUNREACH, ENETUNREACH; EADDRNOTAVAIL and ENODEV for a source
   * that is not the namespace's own
   */
  connect(to: ConnectTo): Run<Connection>;
  /**
   * `certificate`: it speaks TLS, and shows these (PEM). @throws Errno EADDRINUSE, EACCES below 1024 for others than root where that is so
   */
  listen(port: number, options?: { protocol?: 'TCP' | 'UDP'; address?: string; certificate?: string }): Listener;
  /** Asks the DNS server of /etc/resolv.conf, search list and all, after /etc/hosts. */
  resolve(
    name: string,
    type?: 'A' | 'AAAA' | 'CNAME' | 'SRV' | 'PTR' | 'TXT' | 'NS' | 'MX' | 'SOA' | 'ANY',
  ): Run<Resolution>;
}

export interface ProcessFacts {
  pid: number;
  parent: number;
  uid: number;
  args: readonly string[];
  startedAt: number;
  /** R, S (waits) or Z (ended and not waited for). */
  state: 'R' | 'S' | 'Z';
  tty?: string;
}
