/** The last words of a container: its termination log, or the end of its log where that was asked for. Models pkg/kubelet/kuberuntime (getTerminationMessage). */
import type { Bytes } from '../../machine/bytes.ts';
import type { ContainerEnd, LogLine } from '../../machine/pod-machine.ts';
import type { Container } from '../../objects/generated/core-v1.gen.ts';

/** Source: pkg/kubelet/container/runtime.go. */
export const MESSAGE_MAX = 4096;
export const LOG_MESSAGE_MAX = 2048;
const LOG_MESSAGE_LINES = 80;

export function terminationMessage(
  { terminationMessagePolicy }: Container,
  { exitCode, terminationMessage: left }: Pick<ContainerEnd, 'exitCode' | 'terminationMessage'>,
  log: () => readonly LogLine[],
): Bytes {
  if (left !== '') return left.slice(0, MESSAGE_MAX);
  if (exitCode === 0 || terminationMessagePolicy !== 'FallbackToLogsOnError') return '';
  const lines = log().slice(-LOG_MESSAGE_LINES);
  return lines
    .map(({ text, isPartial }) => (isPartial ? text : `${text}\n`))
    .join('')
    .slice(-LOG_MESSAGE_MAX);
}
