/** The smallest commands: sleep, true, false, which, usleep, and lookups of programs. */
import { bytesOf } from '../bytes.ts';
import { DEFAULT_PATH } from '../image.ts';
import { type Applet, Failure, factsAt, UsageError } from './applet.ts';
import { parseOptions } from './options.ts';
import { joinPath } from './paths.ts';
import { parseDuration } from './wrappers.ts';

export const sleep: Applet = function* (process, dialect) {
  const operands = process.args.slice(1).filter((arg) => arg !== '--');
  if (operands.length === 0) throw new UsageError(dialect === 'gnu' ? 'missing operand' : '');
  let total = 0;
  for (const operand of operands) {
    const duration = parseDuration(operand);
    if (duration === undefined) {
      throw dialect === 'gnu'
        ? new UsageError(`invalid time interval '${operand}'`)
        : new Failure(`invalid number '${operand}'`);
    }
    total += duration;
  }
  if (Number.isFinite(total)) yield* process.sleep(total);
  else for (;;) yield* process.sleep(FOREVER);
  return 0;
};

/** One of the naps of who sleeps without end, milliseconds. */
const FOREVER = 10 * 365 * 86_400_000;

export const usleep: Applet = function* (process) {
  yield* process.sleep(Number(process.args[1] ?? 0) / 1000);
  return 0;
};

export const which: Applet = function* (process) {
  const options = parseOptions(process.args, { short: 'a' });
  let status = 0;
  for (const name of options.operands) {
    const folders = name.includes('/') ? [''] : (process.env.get('PATH') ?? DEFAULT_PATH).split(':');
    const found = folders
      .map((folder) => (folder === '' ? name : joinPath(folder, name)))
      .filter((path) => factsAt(process.files, path)?.kind === 'file' && process.files.access(path, 1));
    if (found.length === 0) status = 1;
    for (const path of options.has('a') ? found : found.slice(0, 1)) yield* process.write(1, bytesOf(`${path}\n`));
  }
  return options.operands.length === 0 ? 1 : status;
};
