/** sysctl: settings of the kernel, as /proc/sys has them. */
import { Errno } from '../errno.ts';
import type { Process, Run } from '../program.ts';
import { type Applet, complain } from './applet.ts';
import { parseOptions } from './options.ts';

const ROOT = '/proc/sys';

/** `net.ipv4` and `net/ipv4` are the same. */
const pathOf = (name: string): string => `${ROOT}/${name.includes('/') ? name : name.replaceAll('.', '/')}`;

const nameOf = (path: string): string => path.slice(ROOT.length + 1).replaceAll('/', '.');

function* show(process: Process, path: string, hasNames: boolean): Run {
  if (process.files.stat(path).kind === 'directory') {
    for (const name of process.files.list(path).toSorted()) yield* show(process, `${path}/${name}`, hasNames);
    return;
  }
  const value = process.files.read(path).replace(/\n$/, '');
  yield* process.write(1, `${hasNames ? `${nameOf(path)} = ` : ''}${value}\n`);
}

export const sysctl: Applet = function* (process) {
  const options = parseOptions(process.args, { short: 'neqaAwp' });
  const names = options.has('a') || options.has('A') ? [''] : options.operands;
  let status = 0;
  for (const operand of names) {
    const [name = '', value] = operand.split('=');
    try {
      // Nobody but who makes the pod sets them.
      if (value !== undefined) throw new Errno('EROFS');
      yield* show(process, pathOf(name).replace(/\/$/, ''), !options.has('n'));
    } catch (error) {
      if (!(error instanceof Errno)) throw error;
      status = 1;
      if (error.code === 'ENOENT' && options.has('e')) continue;
      yield* complain(
        process,
        error.code === 'ENOENT'
          ? `error: '${name}' is an unknown key`
          : `error setting key '${name}': ${error.message}`,
      );
    }
  }
  return status;
};
