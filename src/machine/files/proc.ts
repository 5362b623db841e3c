/** /proc of a container: made when somebody looks. */
import type { Bytes } from '../bytes.ts';
import { maskOf } from '../kernel/capabilities.ts';
import type { Kernel } from '../kernel/kernel.ts';
import type { ContainerContext, Task } from '../kernel/task.ts';
import type { NodeFacts } from '../pod-machine.ts';
import {
  DeviceNode,
  FileSystem,
  type Inode,
  MadeFileNode,
  MadeFolderNode,
  MadeLinkNode,
  type Owner,
  type Viewer,
} from './inode.ts';

const pad = (name: string, kilobytes: number): string => `${name.padEnd(16)}${String(kilobytes).padStart(8)} kB\n`;

function memoryInfo({ memory }: NodeFacts): string {
  const total = Math.floor(memory / 1024);
  const rows: [string, number][] = [
    ['MemTotal:', total],
    ['MemFree:', Math.floor(total * 0.6)],
    ['MemAvailable:', Math.floor(total * 0.8)],
    ['Buffers:', Math.floor(total * 0.02)],
    ['Cached:', Math.floor(total * 0.2)],
    ['SwapCached:', 0],
    ['SwapTotal:', 0],
    ['SwapFree:', 0],
    ['Shmem:', 1024],
  ];
  return rows.map(([name, size]) => pad(name, size)).join('');
}

const cpuInfo = ({ cpus }: NodeFacts): string =>
  Array.from(
    { length: cpus },
    (_, i) =>
      `processor\t: ${i}\nvendor_id\t: GenuineIntel\ncpu family\t: 6\nmodel\t\t: 85\nmodel name\t: Intel(R) Xeon(R) Processor\ncpu MHz\t\t: 2000.000\ncpu cores\t: ${cpus}\n\n`,
  ).join('');

const nameOf = (task: Task): string => (task.args[0] ?? '').replace(/^.*\//, '').slice(0, 15);

function statusOf(task: Task, { cpus }: NodeFacts): string {
  const { uid, gid, groups } = task.user;
  const state = task.end ? 'Z (zombie)' : task.wait ? 'S (sleeping)' : 'R (running)';
  const ids = (id: number): string => `${id}\t${id}\t${id}\t${id}`;
  const bound = maskOf(task.container.capabilities);
  const capabilities = uid === 0 ? bound : maskOf([]);
  return [
    `Name:\t${nameOf(task)}`,
    `Umask:\t${task.umask.toString(8).padStart(4, '0')}`,
    `State:\t${state}`,
    `Tgid:\t${task.pid}`,
    `Pid:\t${task.pid}`,
    `PPid:\t${task.parent?.pid ?? 0}`,
    `Uid:\t${ids(uid)}`,
    `Gid:\t${ids(gid)}`,
    `FDSize:\t64`,
    `Groups:\t${groups.join(' ')} `,
    `VmSize:\t    4500 kB`,
    `VmRSS:\t${String(Math.max(1024, Math.ceil(task.held / 1024))).padStart(8)} kB`,
    'Threads:\t1',
    'CapInh:\t0000000000000000',
    `CapPrm:\t${capabilities}`,
    `CapEff:\t${capabilities}`,
    `CapBnd:\t${bound}`,
    'CapAmb:\t0000000000000000',
    `NoNewPrivs:\t${task.container.noNewPrivileges ? 1 : 0}`,
    'Seccomp:\t0',
    'Seccomp_filters:\t0',
    `Cpus_allowed_list:\t${cpus > 1 ? `0-${cpus - 1}` : '0'}`,
    '',
  ].join('\n');
}

const statOf = (task: Task, boot: number): string =>
  `${task.pid} (${nameOf(task)}) ${task.end ? 'Z' : 'S'} ${task.parent?.pid ?? 0} ${task.group} 1 0 -1 4194304 100 0 0 0 0 0 0 0 20 0 1 0 ${Math.floor((task.startedAt - boot) / 10)} 4608000 256 0 0\n`;

/** Makes what /proc is made of, in a file system of its own: the numbers of its files tell of nobody else's. */
class ProcNodes {
  readonly #system = new FileSystem('proc', 'proc', 0);

  #owner(mode: number): Owner {
    return { mode, uid: 0, gid: 0, modifiedAt: 0 };
  }

  file(made: (viewer: Viewer) => Bytes, mode = 0o444): Inode {
    return new MadeFileNode(this.#system, this.#owner(mode), made);
  }

  link(made: (viewer: Viewer) => string): Inode {
    return new MadeLinkNode(this.#system, this.#owner(0o777), made);
  }

  made(get: (name: string) => Inode | undefined, names: () => string[]): MadeFolderNode {
    return new MadeFolderNode(this.#system, this.#owner(0o555), get, names);
  }

  folder(entries: Record<string, Inode>): MadeFolderNode {
    return this.made(
      (name) => (Object.hasOwn(entries, name) ? entries[name] : undefined),
      () => Object.keys(entries),
    );
  }

  /** Opening one of these is what is open already, not what its name leads to. */
  descriptors({ descriptors }: Task): MadeFolderNode {
    return this.made(
      (name) => {
        const open = descriptors.get(Number(name));
        return open && new DeviceNode(this.#system, this.#owner(0o700), () => open);
      },
      () => [...descriptors.keys()].map(String),
    );
  }
}

const mountLines = ({ mounts }: ContainerContext): string =>
  mounts
    .all()
    .map((mount) => `${mount.device} ${mount.path} ${mount.type} ${mount.options} 0 0\n`)
    .join('');

const processFolder = (nodes: ProcNodes, task: Task, facts: NodeFacts): MadeFolderNode =>
  nodes.folder({
    cmdline: nodes.file(() => task.args.map((arg) => `${arg}\0`).join('')),
    comm: nodes.file(() => `${nameOf(task)}\n`, 0o644),
    environ: nodes.file(() => [...task.env].map(([name, value]) => `${name}=${value}\0`).join(''), 0o400),
    status: nodes.file(() => statusOf(task, facts)),
    stat: nodes.file(() => statOf(task, facts.bootedAt)),
    mounts: nodes.file(() => mountLines(task.container)),
    cgroup: nodes.file(() => '0::/\n'),
    oom_score_adj: nodes.file(() => `${task.container.oomScoreAdjustment}\n`, 0o644),
    uid_map: nodes.file(() => '         0          0 4294967295\n'),
    gid_map: nodes.file(() => '         0          0 4294967295\n'),
    cwd: nodes.link(() => task.cwd),
    root: nodes.link(() => '/'),
    exe: nodes.link(() => task.args[0] ?? ''),
    fd: nodes.descriptors(task),
  });

/** What of /proc/sys is told, by dotted names: what the node has, under what the pod has set. */
const settingsOf = (kernel: Kernel, facts: NodeFacts): Record<string, string> => ({
  'kernel.hostname': kernel.ports.hostname,
  'kernel.ostype': 'Linux',
  'kernel.osrelease': facts.kernelRelease,
  'kernel.pid_max': '4194304',
  'kernel.shm_rmid_forced': '0',
  'net.core.somaxconn': '4096',
  'net.ipv4.ip_local_port_range': '32768\t60999',
  'net.ipv4.ip_unprivileged_port_start': '0',
  'net.ipv4.ping_group_range': '0\t2147483647',
  'net.ipv4.tcp_fin_timeout': '60',
  'net.ipv4.tcp_keepalive_intvl': '75',
  'net.ipv4.tcp_keepalive_probes': '9',
  'net.ipv4.tcp_keepalive_time': '7200',
  'net.ipv4.tcp_syncookies': '1',
  ...kernel.ports.sysctls,
});

function settings(nodes: ProcNodes, kernel: Kernel, facts: NodeFacts): MadeFolderNode {
  const all = Object.entries(settingsOf(kernel, facts)).map(([name, value]) => ({ names: name.split('.'), value }));
  const below = (path: readonly string[]): MadeFolderNode => {
    const here = all.filter(({ names }) => path.every((name, i) => names[i] === name));
    const entries = [...new Set(here.map(({ names }) => names[path.length]!))];
    return nodes.made(
      (name) => {
        if (!entries.includes(name)) return undefined;
        const leaf = here.find(({ names }) => names.length === path.length + 1 && names.at(-1) === name);
        return leaf ? nodes.file(() => `${leaf.value}\n`, 0o644) : below([...path, name]);
      },
      () => entries,
    );
  };
  return below([]);
}

export function procFolder(kernel: Kernel, container: ContainerContext, facts: NodeFacts): MadeFolderNode {
  const nodes = new ProcNodes();
  const seconds = (ms: number): string => (ms / 1000).toFixed(2);
  const uptime = (): number => kernel.now - facts.bootedAt;
  const fixed: Record<string, Inode> = {
    self: nodes.link((viewer) => String(viewer.pid)),
    mounts: nodes.link(() => 'self/mounts'),
    uptime: nodes.file(() => `${seconds(uptime())} ${seconds(uptime() * facts.cpus)}\n`),
    loadavg: nodes.file(() => `0.08 0.03 0.01 1/${kernel.tasks.length + 100} ${container.namespace.next - 1}\n`),
    meminfo: nodes.file(() => memoryInfo(facts)),
    cpuinfo: nodes.file(() => cpuInfo(facts)),
    version: nodes.file(() => `Linux version ${facts.kernelRelease} (build@host) (gcc) #1 SMP\n`),
    filesystems: nodes.file(() => 'nodev\tproc\nnodev\ttmpfs\nnodev\tsysfs\nnodev\toverlay\n\text4\n'),
    stat: nodes.file(() => `cpu  0 0 0 0 0 0 0 0 0 0\nbtime ${Math.floor(facts.bootedAt / 1000)}\n`),
    sys: settings(nodes, kernel, facts),
  };
  const { tasks } = container.namespace;
  return nodes.made(
    (name) => {
      const task = /^[1-9]\d*$/.test(name) ? tasks.get(Number(name)) : undefined;
      return task ? processFolder(nodes, task, facts) : Object.hasOwn(fixed, name) ? fixed[name] : undefined;
    },
    () => [...tasks.keys()].map(String).concat(Object.keys(fixed)),
  );
}
