/** Traps: what a shell does when a signal comes, or when it ends. */
import type { Run, Signal } from '../program.ts';
import { type Shell, ShellExit, ShellFault } from './shell.ts';

/** Says what a signal does from now on; undefined: what it does by itself. */
export function setTrap(shell: Shell, name: string, action: string | undefined): void {
  const { traps } = shell.state;
  if (action === undefined) traps.delete(name);
  else traps.set(name, action);
  if (name === 'EXIT' || name === 'ERR' || name === 'DEBUG' || name === 'KILL' || name === 'STOP') return;
  const signal = name as Signal;
  if (action === undefined) defaultHandler(shell, signal);
  else if (action === '') shell.process.handle(signal, 'ignore');
  else shell.process.handle(signal, () => void shell.arrived.push(signal));
}

/** An interactive shell is not ended by what is typed. */
function defaultHandler(shell: Shell, signal: Signal): void {
  const { isInteractive } = shell.state;
  if (!isInteractive) shell.process.handle(signal, 'default');
  else if (signal === 'INT') shell.process.handle(signal, () => void shell.arrived.push(signal));
  else shell.process.handle(signal, signal === 'TERM' || signal === 'QUIT' || signal === 'TSTP' ? 'ignore' : 'default');
}

export function prepareInteractive(shell: Shell): void {
  for (const signal of ['INT', 'TERM', 'QUIT', 'TSTP'] as const) defaultHandler(shell, signal);
}

/** Runs the traps of the signals that have come. `$?` stays as it was. */
export function* answerSignals(shell: Shell): Run {
  while (shell.arrived.length > 0) {
    const signal = shell.arrived.shift()!;
    const action = shell.state.traps.get(signal);
    if (action === undefined) {
      if (signal === 'INT' && shell.state.isInteractive) throw new ShellFault(130);
      continue;
    }
    const { status } = shell.state;
    const { flow } = shell;
    shell.flow = undefined;
    yield* shell.interpreter.runText(shell, action);
    shell.state.status = status;
    shell.flow ??= flow;
  }
}

/** Ends a shell: its EXIT trap is run first. @returns the status that it ends with */
export function* endShell(shell: Shell, status: number): Run<number> {
  const action = shell.state.traps.get('EXIT');
  if (action === undefined || action === '') return status;
  shell.state.traps.delete('EXIT');
  shell.state.status = status;
  shell.flow = undefined;
  try {
    yield* shell.interpreter.runText(shell, action);
    return status;
  } catch (error) {
    if (error instanceof ShellExit) return error.status;
    if (error instanceof ShellFault) return error.status;
    throw error;
  }
}
