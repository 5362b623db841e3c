/** Signals with their numbers on Linux, and what they do to who says nothing else. */
import type { Signal } from '../program.ts';

export const SIGNAL_NUMBERS: Readonly<Record<Signal, number>> = {
  HUP: 1,
  INT: 2,
  QUIT: 3,
  ILL: 4,
  TRAP: 5,
  ABRT: 6,
  BUS: 7,
  FPE: 8,
  KILL: 9,
  USR1: 10,
  SEGV: 11,
  USR2: 12,
  PIPE: 13,
  ALRM: 14,
  TERM: 15,
  STKFLT: 16,
  CHLD: 17,
  CONT: 18,
  STOP: 19,
  TSTP: 20,
  TTIN: 21,
  TTOU: 22,
  URG: 23,
  XCPU: 24,
  XFSZ: 25,
  VTALRM: 26,
  PROF: 27,
  WINCH: 28,
  IO: 29,
  PWR: 30,
  SYS: 31,
};

const NAMES = new Map(Object.entries(SIGNAL_NUMBERS).map(([name, number]) => [number, name as Signal]));

/** Those that do nothing unless there is a handler. */
const IGNORED = new Set<Signal>(['CHLD', 'CONT', 'URG', 'WINCH']);
const STOPPING = new Set<Signal>(['STOP', 'TSTP', 'TTIN', 'TTOU']);

/** What a signal does to a process that has not said anything else. */
export const defaultAction = (signal: Signal): 'end' | 'nothing' | 'stop' =>
  IGNORED.has(signal) ? 'nothing' : STOPPING.has(signal) ? 'stop' : 'end';

export const signalOf = (number: number): Signal | undefined => NAMES.get(number);

/** `TERM`, `SIGTERM`, `term` or `15`. @returns undefined for what is no signal; 0 is none and is asked for apart. */
export function signalNamed(text: string): Signal | undefined {
  if (/^\d+$/.test(text)) return signalOf(Number(text));
  const name = text.toUpperCase().replace(/^SIG/, '');
  const other: Record<string, Signal> = { IOT: 'ABRT', CLD: 'CHLD', POLL: 'IO' };
  return Object.hasOwn(SIGNAL_NUMBERS, name) ? (name as Signal) : Object.hasOwn(other, name) ? other[name] : undefined;
}

/** What a shell says of who was ended by it. */
export const SIGNAL_WORDS: Readonly<Partial<Record<Signal, string>>> = {
  HUP: 'Hangup',
  INT: 'Interrupt',
  QUIT: 'Quit',
  ILL: 'Illegal instruction',
  TRAP: 'Trace/breakpoint trap',
  ABRT: 'Aborted',
  BUS: 'Bus error',
  FPE: 'Arithmetic exception',
  KILL: 'Killed',
  USR1: 'User defined signal 1',
  SEGV: 'Segmentation fault',
  USR2: 'User defined signal 2',
  PIPE: 'Broken pipe',
  ALRM: 'Alarm clock',
  TERM: 'Terminated',
};
