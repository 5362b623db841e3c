/** What a process has that is started from outside: its descriptors 0, 1 and 2, and what reaches them. */
import { openNull } from './files/dev.ts';
import type { OpenFile } from './kernel/open-file.ts';
import { OpenTerminal } from './kernel/open-terminal.ts';
import { createPipe } from './kernel/pipe.ts';
import type { Terminal } from './kernel/terminal.ts';

export interface Streams {
  descriptors: ReadonlyMap<number, OpenFile>;
  terminal: Terminal | undefined;
  /** What is written to it is read from 0; undefined: nothing is, or it comes by the terminal. */
  input: OpenFile | undefined;
}

export function terminalStreams(terminal: Terminal): Streams {
  const open = new OpenTerminal(terminal);
  return { descriptors: new Map([0, 1, 2].map((descriptor) => [descriptor, open])), terminal, input: undefined };
}

export function plainStreams(hasInput: boolean, output: OpenFile, errors: OpenFile): Streams {
  const [from, to] = hasInput ? createPipe() : [openNull()];
  return { descriptors: new Map([from, output, errors].entries()), terminal: undefined, input: to?.hold() };
}
