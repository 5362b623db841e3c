/** What the kubelet says of a hook that has failed. Models pkg/kubelet/lifecycle/handlers.go. */
import type { Container, LifecycleHandler } from '../../objects/generated/core-v1.gen.ts';
import type { Fault } from '../probes/outcome.ts';

/** `pod`: as messages print it. */
export function hookText(
  { exec, httpGet }: LifecycleHandler,
  { error, output = '' }: Fault,
  { name }: Container,
  pod: string,
): string {
  const where = `for Container ${JSON.stringify(name)} in Pod ${JSON.stringify(pod)} failed - error: ${error}`;
  if (exec)
    return `Exec lifecycle hook ([${(exec.command ?? []).join(' ')}]) ${where}, message: ${JSON.stringify(output)}`;
  return `HTTP lifecycle hook (${httpGet?.path ?? ''}) ${where}`;
}
