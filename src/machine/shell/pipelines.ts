/** Pipelines, subshells, commands in the background, and the output of commands. */

import { Errno } from '../errno.ts';
import { MAX_HELD_BYTES } from '../kernel/limits.ts';
import type { Ended, Run } from '../program.ts';
import type { Command, CommandOf, Part } from '../syntax/syntax.ts';
import { addJob, forkShell, groupOf, inForeground, running, tellOfSignal, waitFor } from './children.ts';
import { textOfCommand } from './command-text.ts';
import type { Shell } from './shell.ts';

/** Starts the parts of a pipeline, each with the output of the one before. */
function startAll(shell: Shell, parts: readonly Command[]): number[] {
  const { process } = shell;
  const pids: number[] = [];
  let group = groupOf(shell);
  let input: number | undefined;
  for (const [i, part] of parts.entries()) {
    const ends = i < parts.length - 1 ? process.pipe() : undefined;
    const descriptors = shell.descriptors;
    for (const own of [input, ...(ends ?? [])]) if (own !== undefined) descriptors.delete(own);
    if (input !== undefined) descriptors.set(0, input);
    if (ends) descriptors.set(1, ends[1]);
    const pid = forkShell(shell, running(part), { descriptors, ...(group === undefined ? {} : { group }) });
    if (group === 'new') group = pid;
    pids.push(pid);
    if (input !== undefined) process.close(input);
    if (ends) process.close(ends[1]);
    input = ends?.[0];
  }
  return pids;
}

export function* runPipeline(shell: Shell, command: CommandOf<'pipeline'>): Run<number> {
  const { state, process } = shell;
  const { parts, isNot, isTimed } = command;
  const since = process.now();
  let status: number;
  if (isNot) state.tested++;
  if (parts.length === 1) status = yield* shell.run(parts[0]!);
  else {
    const ended = yield* inForeground(shell, startAll(shell, parts));
    status = yield* pipelineStatus(shell, ended, parts);
  }
  if (isNot) {
    state.tested--;
    status = shell.flow ? status : Number(status === 0);
  }
  if (isTimed) yield* shell.tell(timesText(process.now() - since));
  return status;
}

function* pipelineStatus(shell: Shell, ended: readonly Ended[], parts: readonly Command[]): Run<number> {
  shell.state.pipeStatus = ended.map(({ status }) => status);
  const last = ended.at(-1)!;
  yield* tellOfSignal(shell, last, textOfCommand(parts.at(-1)!));
  if (shell.has('pipefail')) return ended.findLast(({ status }) => status !== 0)?.status ?? 0;
  return last.status;
}

function timesText(ms: number): string {
  const minutes = Math.floor(ms / 60_000);
  return `\nreal\t${minutes}m${((ms % 60_000) / 1000).toFixed(3)}s\nuser\t0m0.000s\nsys\t0m0.000s`;
}

export function* runSubshell(shell: Shell, body: Command): Run<number> {
  const group = groupOf(shell);
  const pid = forkShell(shell, running(body), group === undefined ? {} : { group });
  const [ended] = yield* inForeground(shell, [pid]);
  yield* tellOfSignal(shell, ended!, '');
  return ended!.status;
}

export function* runAsync(shell: Shell, body: Command): Run<number> {
  const { process } = shell;
  const descriptors = shell.descriptors;
  const hasControl = shell.has('m');
  let empty: number | undefined;
  if (!hasControl) {
    try {
      empty = process.open('/dev/null', 'r');
      descriptors.set(0, empty);
    } catch (error) {
      if (!(error instanceof Errno)) throw error;
    }
  }
  const pids =
    body.command === 'pipeline' && body.parts.length > 1 && !body.isNot
      ? startAll(shell, body.parts)
      : [
          forkShell(shell, running(body), {
            descriptors,
            ...(hasControl ? { group: 'new' as const } : { ignore: ['INT', 'QUIT'] as const }),
          }),
        ];
  if (empty !== undefined) process.close(empty);
  const job = addJob(shell, pids, textOfCommand(body));
  if (shell.state.isInteractive) {
    const number = shell.state.dialect === 'bash' ? `[${job.number}] ${shell.state.lastAsync}` : '';
    if (number !== '') yield* shell.tell(number);
  }
  return 0;
}

/** `$(…)`: the output without the ends of line behind it; `<(…)`: a path that leads to it. */
export function* capture(shell: Shell, part: Part): Run<string> {
  const { process } = shell;
  if (part.part === 'process') return openProcess(shell, part);
  if (part.part !== 'command') return '';
  const [from, to] = process.pipe();
  const descriptors = shell.descriptors;
  descriptors.delete(from);
  descriptors.delete(to);
  descriptors.set(1, to);
  const pid = forkShell(shell, bodyOf(part.body), { descriptors });
  process.close(to);
  let output = '';
  for (;;) {
    let bytes: string;
    try {
      bytes = yield* process.read(from);
    } catch (error) {
      if (error instanceof Errno && error.code === 'EINTR') continue;
      throw error;
    }
    if (bytes === '') break;
    output += bytes;
    if (output.length > MAX_HELD_BYTES) throw new Errno('ENOMEM');
    if (output.length > 65_536) process.hold(output.length);
  }
  process.close(from);
  const ended = yield* waitFor(shell, pid);
  shell.captured = ended?.status ?? 0;
  const text = output.includes('\0') ? output.replaceAll('\0', '') : output;
  return text.replace(/\n+$/, '');
}

/** bash reads a file for `$(< file)`. */
function bodyOf(body: Command): (copy: Shell) => Run<number> {
  const isFile =
    body.command === 'simple' &&
    body.words.length + body.assignments.length === 0 &&
    body.redirects?.length === 1 &&
    body.redirects[0]!.operator === '<';
  if (!isFile) return running(body);
  return function* (copy) {
    if (copy.state.dialect !== 'bash') return yield* copy.run(body);
    return yield* copy.run({ ...body, words: [{ parts: [], plain: 'cat' }] });
  };
}

function openProcess(shell: Shell, { way, body }: Extract<Part, { part: 'process' }>): string {
  const { process } = shell;
  const [from, to] = process.pipe();
  const [own, other] = way === '<' ? [from, to] : [to, from];
  const descriptors = shell.descriptors;
  descriptors.delete(from);
  descriptors.delete(to);
  descriptors.set(way === '<' ? 1 : 0, other);
  forkShell(shell, running(body), { descriptors });
  process.close(other);
  shell.temporary.push(own);
  return `/dev/fd/${own}`;
}
