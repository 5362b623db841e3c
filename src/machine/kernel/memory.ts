import type { Kernel } from './kernel.ts';
import type { Task } from './task.ts';

/** Says how much memory a process holds; where a container holds too much, its largest process is killed. */
export function holdMemory(kernel: Kernel, task: Task, bytes: number): void {
  task.held = bytes;
  const { container } = task;
  if (container.memoryLimit === undefined) return;
  const others = kernel.tasks.filter((other) => other.container === container && !other.end);
  if (others.reduce((sum, other) => sum + other.held, 0) <= container.memoryLimit) return;
  container.isOutOfMemory = true;
  const largest = others.reduce((most, other) => (other.held > most.held ? other : most));
  kernel.end(largest, 137, 'KILL');
}
