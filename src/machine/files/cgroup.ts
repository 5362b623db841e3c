/** /sys/fs/cgroup of a container: its control group (version 2), made when somebody looks. Source: the kernel's cgroup-v2.rst. */
import type { Kernel } from '../kernel/kernel.ts';
import type { ContainerContext } from '../kernel/task.ts';
import { FileSystem, MadeFileNode, MadeFolderNode } from './inode.ts';

/** Microseconds in which a limit of the processors is counted. */
const PERIOD = 100_000;
/** The least that may be taken of one period. */
const LEAST_QUOTA = 1_000;

/** Shares as the first version has them, of thousandths of a processor. */
const sharesOf = (request: number): number => Math.max(2, Math.floor((request * 1024) / 1000));

/** The weight that runc makes of shares: 1,024 of them are 100. */
function weightOf(shares: number): number {
  const log = Math.log2(shares);
  return Math.ceil(10 ** ((log * log + 125 * log) / 612 - 7 / 34));
}

const quotaOf = (limit: number | undefined): string =>
  limit ? String(Math.max(LEAST_QUOTA, (limit * PERIOD) / 1000)) : 'max';

/** What its files say, by their names. */
const FILES: Readonly<Record<string, (container: ContainerContext, kernel: Kernel) => string>> = {
  'cgroup.controllers': () => 'cpuset cpu io memory pids',
  'cgroup.procs': ({ namespace }) => [...namespace.tasks.keys()].join('\n'),
  'cpu.max': ({ cpu }) => `${quotaOf(cpu.limit)} ${PERIOD}`,
  'cpu.weight': ({ cpu }) => String(weightOf(sharesOf(cpu.request ?? 0))),
  'memory.current': (container, { tasks }) =>
    String(tasks.reduce((sum, task) => sum + (task.container === container ? task.held : 0), 0)),
  'memory.max': ({ memoryLimit }) => String(memoryLimit || 'max'),
  'memory.swap.max': () => '0',
  'pids.current': ({ namespace }) => String(namespace.tasks.size),
  'pids.max': () => 'max',
};

/** `container`: it is known once somebody looks. */
export function cgroupFolder(kernel: Kernel, container: () => ContainerContext): MadeFolderNode {
  const system = new FileSystem('cgroup2', 'cgroup', 0);
  const owner = (mode: number) => ({ mode, uid: 0, gid: 0, modifiedAt: 0 });
  return new MadeFolderNode(
    system,
    owner(0o555),
    (name) => {
      const text = Object.hasOwn(FILES, name) ? FILES[name] : undefined;
      return text && new MadeFileNode(system, owner(0o644), () => `${text(container(), kernel)}\n`);
    },
    () => Object.keys(FILES),
  );
}
