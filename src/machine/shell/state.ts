/** The state of a shell, all of it plain data. */
import type { Signal } from '../program.ts';
import type { Command, Dialect } from '../syntax/syntax.ts';

/** What a variable holds; a change makes another one, so copies of a shell share them. */
export interface Variable {
  value: string | undefined;
  isExported: boolean;
  isReadOnly: boolean;
  isInteger?: boolean;
  /** Of an array: by index, or by name. */
  elements?: ReadonlyMap<string, string>;
  isAssociative?: boolean;
  /** Until when its elements are nobody else's: as long as the shell has not been copied. */
  epoch?: number;
}

export interface ShellFunction {
  body: Command;
  source: string;
}

export interface Job {
  number: number;
  /** The process group, which is its first process where it has one of its own. */
  group: number;
  pids: number[];
  /** How the last of them has ended. */
  status: number | undefined;
  signal?: Signal;
  /** As its notices show it. */
  text: string;
}

/** What the commands around are to do. */
export type Flow = { flow: 'break' | 'continue'; levels: number } | { flow: 'return' };

export interface ShellState {
  dialect: Dialect;
  /** Children get what the shell was given under names that no variable of it can have. */
  readonly handsOnAnyName: boolean;
  /** `$0`. */
  name: string;
  /** It runs a script of a file, whose lines are told. */
  isScript: boolean;
  isInteractive: boolean;
  variables: Map<string, Variable>;
  functions: Map<string, ShellFunction>;
  aliases: Map<string, string>;
  /** By their letters, and `pipefail`. */
  options: Set<string>;
  positional: string[];
  status: number;
  /** `$$`: that of the first shell. */
  pid: number;
  lastAsync: number | undefined;
  /** By signal; EXIT, ERR and DEBUG too. */
  traps: Map<string, string>;
  jobs: Job[];
  line: number;
  startedAt: number;
  loops: number;
  /** Functions within one another, the innermost last. */
  calls: string[];
  /** Scripts that are read by `.` within one another. */
  sourced: number;
  /** Who must not end the shell by failing: conditions around this command. */
  tested: number;
  /** For each function what its local variables hide. */
  locals: Map<string, Variable | undefined>[];
  optionPlace: number;
  pipeStatus: number[];
  /** What `pushd` has left. */
  folders: string[];
}

export const newState = (dialect: Dialect, name: string, pid: number, now: number): ShellState => ({
  handsOnAnyName: dialect === 'bash',
  dialect,
  name,
  isScript: false,
  isInteractive: false,
  variables: new Map(),
  functions: new Map(),
  aliases: new Map(),
  options: new Set(),
  positional: [],
  status: 0,
  pid,
  lastAsync: undefined,
  traps: new Map(),
  jobs: [],
  line: 0,
  startedAt: now,
  loops: 0,
  calls: [],
  sourced: 0,
  tested: 0,
  locals: [],
  optionPlace: 1,
  pipeStatus: [0],
  folders: [],
});

/** What a subshell begins with. */
export function subshellState(state: ShellState): ShellState {
  // What is ignored stays so.
  const ignored = [...state.traps].filter(([name, action]) => action === '' && name !== 'EXIT');
  return {
    ...state,
    isInteractive: false,
    variables: new Map(state.variables),
    functions: new Map(state.functions),
    aliases: new Map(state.aliases),
    // Job control is the first shell's.
    options: new Set([...state.options].filter((option) => option !== 'm' && option !== 'i')),
    positional: [...state.positional],
    traps: new Map(ignored),
    jobs: [],
    calls: [...state.calls],
    locals: state.locals.map((hidden) => new Map(hidden)),
    loops: 0,
  };
}
