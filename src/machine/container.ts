/** How a container of a pod is put together: its files, its descriptors, its first process, its log. */
import type { Bytes } from './bytes.ts';
import { Errno } from './errno.ts';
import { cgroupFolder } from './files/cgroup.ts';
import { deviceFolder } from './files/dev.ts';
import { FileNode, FileSystem, FolderNode, type Inode, PlainFolderNode } from './files/inode.ts';
import { containerRoot } from './files/layers.ts';
import { MountTable, namesOf } from './files/mounts.ts';
import { procFolder } from './files/proc.ts';
import { type MountedVolume, partOf } from './files/volumes.ts';
import { DEFAULT_PATH, type Image } from './image.ts';
import { DEFAULT_CAPABILITIES } from './kernel/capabilities.ts';
import { ContainerLog, LogStream } from './kernel/container-log.ts';
import type { Kernel } from './kernel/kernel.ts';
import type { OpenFile } from './kernel/open-file.ts';
import type { ContainerContext, PidNamespace, Task } from './kernel/task.ts';
import { Terminal } from './kernel/terminal.ts';
import type { ContainerEnd, ContainerStart, NodeFacts } from './pod-machine.ts';
import type { Signal } from './program.ts';
import type { OutputWatcher } from './session.ts';
import { plainStreams, type Streams, terminalStreams } from './streams.ts';

/** A container that was started. */
export interface RunningContainer {
  start: ContainerStart;
  context: ContainerContext;
  env: Map<string, string>;
  cwd: string;
  log: ContainerLog;
  streams: LogStream[];
  terminal: Terminal | undefined;
  /** Where what is attached writes to. */
  input: OpenFile | undefined;
  /** Who is attached. */
  watchers: Set<OutputWatcher>;
  terminationLog: FileNode;
  end: ContainerEnd | undefined;
}

const DEFAULT_TERMINATION_LOG = '/dev/termination-log';

const plainOwner = (at: number, mode: number) => ({ mode, uid: 0, gid: 0, modifiedAt: at });

/** Makes the folders above a mount, and what it is put on. */
function makeMountPoint(root: Inode, path: string, isFolder: boolean, at: number): void {
  let folder = root;
  const names = namesOf(path);
  for (const [i, name] of names.entries()) {
    if (!(folder instanceof FolderNode)) return;
    let next: Inode | undefined = folder.get(name, { pid: 0 });
    if (!next) {
      const isLast = i === names.length - 1;
      next =
        isLast && !isFolder
          ? new FileNode(folder.system, plainOwner(at, 0o755))
          : new PlainFolderNode(folder.system, plainOwner(at, 0o755));
      folder.set(name, next);
    }
    folder = next;
  }
}

export interface ContainerPorts {
  kernel: Kernel;
  hostname: string;
  volumes: ReadonlyMap<string, MountedVolume>;
  node: NodeFacts;
  random: () => number;
}

/** The mounts of a container, in the order in which /proc/mounts tells them. */
function mountAll(
  ports: ContainerPorts,
  start: ContainerStart,
  image: Image,
  terminationLog: FileNode,
  context: () => ContainerContext,
): MountTable {
  const at = ports.kernel.now;
  const table = new MountTable();
  const root = containerRoot(image);
  const options = (readOnly: boolean): string => `${readOnly ? 'ro' : 'rw'},relatime`;
  table.add({
    path: '/',
    root,
    type: 'overlay',
    device: 'overlay',
    options: options(start.readOnlyRoot),
    readOnly: start.readOnlyRoot,
  });
  for (const path of ['/proc', '/dev', '/sys', '/etc', '/tmp']) makeMountPoint(root, path, true, at);
  const add = (path: string, node: Inode, type: string, readOnly: boolean, device = type): void =>
    table.add({ path, root: node, type, device, options: options(readOnly), readOnly });
  const devices = deviceFolder(at, {
    terminalOf: (viewer) => context().namespace.tasks.get(viewer.pid)?.terminal,
    random: ports.random,
  });
  add('/dev', devices, 'tmpfs', false);
  const sys = new PlainFolderNode(new FileSystem('sysfs', 'sysfs', 0), plainOwner(at, 0o555));
  makeMountPoint(sys, '/fs/cgroup', true, at);
  add('/sys', sys, 'sysfs', true);
  add('/sys/fs/cgroup', cgroupFolder(ports.kernel, context), 'cgroup2', true, 'cgroup');
  const shm = new FileSystem('tmpfs', 'shm', 64 * 1024 * 1024);
  add('/dev/shm', new PlainFolderNode(shm, plainOwner(at, 0o1777)), 'tmpfs', false, 'shm');
  const mounts = start.mounts.toSorted((a, b) => a.path.split('/').length - b.path.split('/').length);
  for (const mount of mounts) {
    const volume = ports.volumes.get(mount.volume);
    if (!volume) continue;
    const path = `/${namesOf(mount.path).join('/')}`;
    const node = partOf(volume, mount.subPath, at);
    makeMountPoint(root, path, node instanceof FolderNode, at);
    add(path, node, volume.system.type, mount.readOnly, volume.system.device);
  }
  const lastWords = start.terminationLog ?? DEFAULT_TERMINATION_LOG;
  makeMountPoint(lastWords.startsWith('/dev/') ? devices : root, lastWords.replace(/^\/dev\//, ''), false, at);
  add(lastWords, terminationLog, 'ext4', false, '/dev/vda1');
  return table;
}

/** The environment as the runtime puts it together. */
function environmentOf(start: ContainerStart, image: Image, hostname: string): Map<string, string> {
  const env = new Map<string, string>();
  if (start.tty) env.set('TERM', 'xterm');
  for (const pair of image.config.env ?? []) {
    const at = pair.indexOf('=');
    env.set(pair.slice(0, at), pair.slice(at + 1));
  }
  if (!env.has('PATH')) env.set('PATH', DEFAULT_PATH);
  env.set('HOSTNAME', hostname);
  for (const { name, value } of start.env) env.set(name, value);
  return env;
}

/** What of /etc/passwd says where a user is at home. */
function homeOf(context: ContainerContext, uid: number): string {
  const etc = context.mounts.at('/')!.root;
  const folder = etc instanceof FolderNode ? etc.get('etc', { pid: 0 }) : undefined;
  const file = folder instanceof FolderNode ? folder.get('passwd', { pid: 0 }) : undefined;
  const lines = file instanceof FileNode ? file.content.split('\n') : [];
  const entry = lines.map((line) => line.split(':')).find((fields) => fields[2] === String(uid));
  return entry?.[5] ?? (uid === 0 ? '/root' : '/');
}

/** Makes a container; its first process is not there yet. */
export function prepareContainer(
  ports: ContainerPorts,
  start: ContainerStart,
  image: Image,
  namespace: PidNamespace,
): RunningContainer {
  const { kernel } = ports;
  const at = kernel.now;
  const terminationLog = new FileNode(new FileSystem('ext4', '/dev/vda1', 1024 * 1024), plainOwner(at, 0o666));
  let context: ContainerContext | undefined;
  const mounts = mountAll(ports, start, image, terminationLog, () => context!);
  context = {
    name: start.name,
    attempt: start.attempt,
    mounts,
    namespace,
    memoryLimit: start.memoryLimit,
    cpu: start.cpu ?? {},
    oomScoreAdjustment: start.oomScoreAdjustment ?? 0,
    capabilities: new Set(start.capabilities ?? DEFAULT_CAPABILITIES),
    noNewPrivileges: start.noNewPrivileges ?? false,
    first: undefined,
    isOutOfMemory: false,
  };
  const proc = procFolder(kernel, context, ports.node);
  mounts.add({
    path: '/proc',
    root: proc,
    type: 'proc',
    device: 'proc',
    options: 'rw,nosuid,nodev,noexec,relatime',
    readOnly: false,
  });
  const env = environmentOf(start, image, ports.hostname);
  if (!env.has('HOME')) env.set('HOME', homeOf(context, start.user.uid));
  const log = new ContainerLog();
  const watchers = new Set<OutputWatcher>();
  return {
    start,
    context,
    env,
    cwd: start.workingDir ?? (image.config.workingDir || '/'),
    log,
    streams: [],
    terminal: undefined,
    input: undefined,
    watchers,
    terminationLog,
    end: undefined,
  };
}

/** The descriptors and the terminal of a container's first process. */
export function openStreams(
  container: RunningContainer,
  now: () => number,
  signal: (group: number, signal: Signal) => void,
): Streams {
  const { log, watchers, start } = container;
  const stream = (name: 'stdout' | 'stderr'): LogStream => {
    const made = new LogStream(log, name, now, (bytes: Bytes) => {
      for (const watcher of watchers) watcher.output(name, bytes);
    });
    container.streams.push(made);
    return made;
  };
  const output = stream('stdout');
  const streams = start.tty
    ? terminalStreams(
        new Terminal('/dev/pts/0', { show: (bytes) => void output.write(bytes), hasRoom: () => true }, signal),
      )
    : plainStreams(start.stdin, output, stream('stderr'));
  container.terminal = streams.terminal;
  container.input = streams.input;
  return streams;
}

/** Notes how the first process of a container has ended. */
export function endContainer(container: RunningContainer, task: Task, at: number): void {
  for (const stream of container.streams) stream.flush();
  const { status, signal } = task.end!;
  container.end = {
    at,
    exitCode: status,
    ...(signal ? { signal: status - 128 } : {}),
    ...(container.context.isOutOfMemory ? { isOutOfMemory: true } : {}),
    terminationMessage: container.terminationLog.content.slice(0, 4096),
  };
  container.input?.letGo();
  container.input = undefined;
}

/** What runs: the pod's command or the image's entrypoint, with the arguments of the one or the other. */
export function commandOf(start: ContainerStart, image: Image): readonly string[] {
  const own = start.command && start.command.length > 0 ? start.command : undefined;
  const args = start.args && start.args.length > 0 ? start.args : own ? [] : (image.config.cmd ?? []);
  const command = [...(own ?? image.config.entrypoint ?? []), ...args];
  if (command.length === 0) throw new Errno('EINVAL');
  return command;
}
