/** Whom a signal goes to. */
import { Errno } from '../errno.ts';
import type { Signal } from '../program.ts';
import type { Kernel } from './kernel.ts';
import type { Task } from './task.ts';

/** As kill(2): a process, the group of a negative number, the sender's own group for 0, or all for -1. @throws Errno ESRCH, EPERM */
export function signalTo(kernel: Kernel, sender: Task, pid: number, signal: Signal | 0): void {
  const all = [...sender.container.namespace.tasks.values()];
  const targets =
    pid > 0
      ? all.filter((task) => task.pid === pid)
      : pid === -1
        ? all.filter((task) => task.pid !== 1 && task !== sender)
        : all.filter((task) => task.group === (pid === 0 ? sender.group : -pid));
  if (targets.length === 0) throw new Errno('ESRCH');
  const allowed = targets.filter((task) => sender.user.uid === 0 || sender.user.uid === task.user.uid);
  if (allowed.length === 0) throw new Errno('EPERM');
  // The sender last: it may end by it.
  const ordered = [...allowed.filter((task) => task !== sender), ...allowed.filter((task) => task === sender)];
  if (signal !== 0) for (const task of ordered) kernel.post(task, signal);
}
