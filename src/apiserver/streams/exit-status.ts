/** What the error channel says of a command's end. Source: k8s.io/cri-streaming/pkg/streaming/remotecommand, k8s.io/apiserver/pkg/util/proxy. */
import type { ChannelProtocol } from './channel-protocol.ts';

export type CommandEnd = { exit: number } | { fault: string };

/** A command's exit, as the protocol tells it; '' where it says nothing. `command`: what was run, for those who show it. */
export function endText(
  { canClose, tellsStatus }: ChannelProtocol,
  end: CommandEnd,
  command: readonly string[],
): string {
  if ('exit' in end && end.exit === 0) return tellsStatus ? JSON.stringify({ metadata: {}, status: 'Success' }) : '';
  const status = canClose ? translated(end) : direct(end, command);
  return tellsStatus ? JSON.stringify({ metadata: {}, status: 'Failure', ...status }) : status.message;
}

const internal = (text: string): string => `Internal error occurred: ${text}`;

/** As the container runtime's server tells it. */
function direct(end: CommandEnd, command: readonly string[]): { message: string } {
  if ('exit' in end) return nonZero(end.exit, `error executing command [${command.join(' ')}], exit code ${end.exit}`);
  return { message: internal(end.fault), ...INTERNAL };
}

/** As who has read that tells it once more. */
function translated(end: CommandEnd): { message: string } {
  if ('exit' in end) return nonZero(end.exit, `command terminated with exit code ${end.exit}`);
  return {
    message: internal(internal(end.fault)),
    ...INTERNAL,
    ...{ details: { causes: [{ message: internal(end.fault) }] } },
  };
}

const INTERNAL = { reason: 'InternalError', code: 500 };

const nonZero = (exit: number, words: string): { message: string } & Record<string, unknown> => ({
  message: `command terminated with non-zero exit code: ${words}`,
  reason: 'NonZeroExitCode',
  details: { causes: [{ reason: 'ExitCode', message: String(exit) }] },
});
