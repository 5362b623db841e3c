/** Images whose program is a server of its own. */
import { bytesOf } from '../bytes.ts';
import { Errno } from '../errno.ts';
import type { Process, Program, Run, Signal } from '../program.ts';
import { Exit } from '../program.ts';
import { formatDate } from '../programs/date-format.ts';
import { type HttpService, serveHttp } from '../programs/http-server.ts';
import { become } from '../programs/running.ts';

/**
 * What ends a server: an exit code after TERM and INT, and words before it. A program of Go that handles no signal ends with 2 as the
 * first process of a container; one of C, Python or Node that handles none does not hear it at all.
 */
export type Ending = { status: number; words?: (process: Process, signal: Signal) => Run } | 'deaf';

export const GO_ENDING: Ending = { status: 2 };
export const GRACEFUL: Ending = { status: 0 };

/** A service that runs until a signal ends it. */
export function* serveUntilAsked(process: Process, service: HttpService, ending: Ending): Run<number> {
  let asked: Signal | undefined;
  if (ending !== 'deaf') {
    for (const signal of ['TERM', 'INT'] as const) {
      process.handle(signal, () => {
        asked = signal;
      });
    }
  }
  const watch = function* (): Run {
    yield { for: 'condition', ready: () => asked !== undefined };
    if (ending === 'deaf') return;
    if (ending.words !== undefined) yield* ending.words(process, asked!);
    throw new Exit(ending.status);
  };
  try {
    return yield* serveHttp(process, { ...service, beside: [...(service.beside ?? []), watch()] });
  } catch (error) {
    if (error instanceof Exit) return error.status;
    throw error;
  }
}

export interface ServerOptions {
  ending?: Ending;
  /** What is said where a port is taken. */
  cannotListen?: (port: number, words: string) => string;
}

export const serverProgram = (
  serviceOf: (process: Process) => HttpService,
  { ending = GRACEFUL, cannotListen }: ServerOptions = {},
): Program =>
  function* (process) {
    const service = serviceOf(process);
    try {
      return yield* serveUntilAsked(process, service, ending);
    } catch (error) {
      if (!(error instanceof Errno)) throw error;
      const words = error.message.toLowerCase();
      yield* process.write(
        2,
        bytesOf(`${cannotListen?.(service.ports[0]!, words) ?? `listen tcp :${service.ports[0]}: bind: ${words}`}\n`),
      );
      return 1;
    }
  };

/** An entrypoint: options, and what else the server takes, mean the server; anything else is a command. */
export const serverOrCommand = (server: string, itsOwn?: RegExp): Program =>
  function* (process) {
    const args = process.args.slice(1);
    const [first] = args;
    const isServer = first === undefined || first.startsWith('-') || itsOwn?.test(first);
    return yield* become(process, isServer ? [server, ...args] : args);
  };

/** The time as Go's log package has it: `2024/11/05 08:15:00`. */
export const goTime = (process: Process): string => formatDate(process.now(), '%Y/%m/%d %H:%M:%S');

/** The time as klog has it, with the line's source: `I1105 08:15:00.000000       1 main.go:1]`. */
export const klogHead = (process: Process, source: string): string =>
  `I${formatDate(process.now(), '%m%d %H:%M:%S')}.${formatDate(process.now(), '%N').slice(0, 6)} ${String(process.pid).padStart(7)} ${source}]`;

/** The flag's value among arguments: `-port=80`, `--port 80`. */
export function flag(args: readonly string[], name: string): string | undefined {
  for (const [i, arg] of args.entries()) {
    const [, key, value] = /^--?([\w-]+)(?:=(.*))?$/s.exec(arg) ?? [];
    if (key?.replaceAll('_', '-') !== name.replaceAll('_', '-')) continue;
    return value ?? (args[i + 1]?.startsWith('-') ? '' : (args[i + 1] ?? ''));
  }
  return undefined;
}
