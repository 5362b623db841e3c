/** What a connection's query says. Source: k8s.io/api/core/v1 (PodExecOptions, PodAttachOptions, PodPortForwardOptions). */
import type { Exchange } from '../pipeline.ts';

/** What each subresource's options are called. */
export const CONNECTIONS: Record<string, string> = {
  attach: 'PodAttachOptions',
  exec: 'PodExecOptions',
  portforward: 'PodPortForwardOptions',
};

export interface CommandOptions {
  stdin?: true;
  stdout?: true;
  stderr?: true;
  tty?: true;
  container?: string;
  command?: string[];
}

export const isSet = (value: string | null): boolean =>
  value !== null && !['', '0', 'f', 'false'].includes(value.toLowerCase());

/** As admission sees them. */
export function connectionOptions({ query, subresource }: Exchange): CommandOptions | { ports?: number[] } {
  if (subresource === 'portforward') {
    const ports = query.getAll('ports').map(Number);
    return ports.length > 0 ? { ports } : {};
  }
  return commandOptions(query, subresource === 'exec');
}

export function commandOptions(query: URLSearchParams, isExec: boolean): CommandOptions {
  const container = query.get('container');
  const command = query.getAll('command');
  const flags = (['stdin', 'stdout', 'stderr', 'tty'] as const).filter((flag) =>
    query.has(flag) ? isSet(query.get(flag)) : flag === 'stdout' || flag === 'stderr',
  );
  return {
    ...Object.fromEntries(flags.map((flag) => [flag, true])),
    ...(container ? { container } : {}),
    ...(command.length > 0 && isExec ? { command } : {}),
  };
}
