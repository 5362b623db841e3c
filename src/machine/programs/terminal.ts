/** Terminals: tty, stty, clear, and the editors that are not there. */
import { type Applet, Failure, nameOf } from './applet.ts';

export const tty: Applet = function* (process) {
  const isTerminal = process.isTerminal(0);
  if (!process.args.includes('-s')) {
    const name = process.processes().find(({ pid }) => pid === process.pid)?.tty;
    yield* process.write(1, isTerminal ? `/dev/${name ?? 'pts/0'}\n` : 'not a tty\n');
  }
  return isTerminal ? 0 : 1;
};

export const stty: Applet = function* (process) {
  if (!process.isTerminal(0)) throw new Failure('standard input: Not a tty');
  const size = process.terminalSize() ?? { rows: 24, columns: 80 };
  if (process.args[1] === 'size' && size.rows === 0) throw new Failure('standard input: No child processes');
  if (process.args[1] === 'size') yield* process.write(1, `${size.rows} ${size.columns}\n`);
  else if (process.args.length === 1 || process.args[1] === '-a')
    yield* process.write(
      1,
      `speed 38400 baud; rows ${size.rows}; columns ${size.columns}; line = 0;\n-brkint -imaxbel\n`,
    );
  return 0;
};

export const clear: Applet = function* (process) {
  yield* process.write(1, '\x1b[H\x1b[J');
  return 0;
};

/** vi, nano and the like draw on a screen that is not there; files can be written by `cat > FILE`. */
export const noEditor: Applet = function* (process) {
  yield* process.write(
    2,
    `${nameOf(process)}: no editor works here; write a file with cat > FILE and a here-document\n`,
  );
  return 1;
};
