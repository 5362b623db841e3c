/** A shell at a terminal: prompts, job notices, and lines that fail without ending it. */

import { jobLine } from '../builtins/job-lines.ts';
import { bytesOf } from '../bytes.ts';
import { Errno } from '../errno.ts';
import type { Run } from '../program.ts';
import { ownAccount } from '../programs/accounts.ts';
import { parseText } from '../syntax/parser.ts';
import { type Command, SyntaxFault } from '../syntax/syntax.ts';
import { updateJobs } from './children.ts';
import { expandText } from './expand.ts';
import { saidFaults } from './faults.ts';
import { complainOfSyntax } from './messages.ts';
import { type Shell, ShellFault } from './shell.ts';
import { LineScript } from './stdin-script.ts';
import { prepareInteractive } from './traps.ts';
import { parameterValue } from './variables.ts';

/** The escapes of a prompt; dash has none. */
function resolved(shell: Shell, prompt: string): string {
  if (shell.state.dialect === 'dash') return prompt;
  const { process } = shell;
  const home = parameterValue(shell, 'HOME');
  const place = parameterValue(shell, 'PWD') ?? process.cwd;
  const isHome = home !== undefined && home !== '/' && (place === home || place.startsWith(`${home}/`));
  const short = isHome ? `~${place.slice(home.length)}` : place;
  const values: Record<string, string> = {
    w: short,
    W: place === '/' ? '/' : isHome && place === home ? '~' : place.replace(/^.*\//, ''),
    $: process.user.uid === 0 ? '#' : '$',
    u: bytesOf(ownAccount(process)?.name ?? 'I have no name!'),
    h: process.hostname().split('.')[0]!,
    H: process.hostname(),
    n: '\n',
    s: shell.state.name.replace(/^.*\//, ''),
    '\\': '\\',
    '[': '',
    ']': '',
    e: '\x1b',
  };
  return prompt.replace(/\\(.)/gs, (all, letter: string) => values[letter] ?? all);
}

function* prompt(shell: Shell, isMore: boolean): Run {
  const text = parameterValue(shell, isMore ? 'PS2' : 'PS1') ?? '';
  const expanded = yield* expandText(shell, parseText(resolved(shell, text), shell.state.dialect));
  yield* shell.process.write(2, expanded);
}

/** Tells of jobs that have ended since the last prompt. */
function* tellOfJobs(shell: Shell): Run {
  updateJobs(shell);
  for (const job of shell.state.jobs) if (job.status !== undefined) yield* shell.tell(jobLine(shell, job));
  shell.state.jobs = shell.state.jobs.filter(({ status }) => status === undefined);
}

export function* runInteractive(shell: Shell): Run<number> {
  const { state, process } = shell;
  state.isInteractive = true;
  state.options.add('i');
  if (process.isTerminal(0)) state.options.add('m');
  prepareInteractive(shell);
  const script = new LineScript(shell);
  for (;;) {
    try {
      const commands: Command[] | undefined = yield* script.next(function* (isMore) {
        if (!isMore) yield* tellOfJobs(shell);
        yield* prompt(shell, isMore);
      });
      if (!commands) break;
      for (const command of commands) {
        yield* saidFaults(shell, shell.run(command));
        shell.flow = undefined;
      }
    } catch (error) {
      yield* recover(shell, error);
    }
  }
  if (state.dialect === 'bash') yield* shell.tell('exit');
  return state.status;
}

function* recover(shell: Shell, error: unknown): Run {
  shell.depth = 0;
  shell.texts = 0;
  shell.state.loops = 0;
  shell.state.tested = 0;
  if (error instanceof SyntaxFault) {
    yield* complainOfSyntax(shell, error, error.token);
    shell.state.status = 2;
  } else if (error instanceof ShellFault) shell.state.status = error.status;
  else if (error instanceof Errno && error.code === 'EINTR') {
    shell.arrived.length = 0;
    shell.state.status = 130;
    yield* shell.tell('');
  } else throw error;
}
