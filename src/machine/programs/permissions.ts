/** chmod, chown and chgrp. */
import type { Process } from '../program.ts';
import { accountsOf, groupsOf } from './accounts.ts';
import { type Applet, Failure, UsageError } from './applet.ts';
import { changedMode, modeText } from './modes.ts';
import { eachOperand, needOperand } from './operands.ts';
import { parseOptions } from './options.ts';
import { joinPath } from './paths.ts';

/** A path and, if asked for, all below it; links are not followed. */
function walk(process: Process, path: string, isRecursive: boolean, take: (path: string) => void): void {
  take(path);
  if (!isRecursive || process.files.lstat(path).kind !== 'directory') return;
  for (const name of process.files.list(path)) {
    process.work(1);
    if (process.files.lstat(joinPath(path, name)).kind !== 'link') walk(process, joinPath(path, name), true, take);
  }
}

export const chmod: Applet = function* (process, dialect) {
  // `-x` and `-w` are modes, not options.
  const args = process.args.map((arg) => (/^-[rwxXstugo]+$/.test(arg) && !/^-R/.test(arg) ? `a${arg}` : arg));
  const options = parseOptions(args, { short: 'Rvcf', long: { recursive: 'R', verbose: 'v' } });
  needOperand(options.operands, dialect, 2);
  const [change, ...paths] = options.operands;
  if (changedMode(0, change!, false) === undefined) {
    throw dialect === 'gnu' ? new UsageError(`invalid mode: '${change}'`) : new Failure(`invalid mode '${change}'`);
  }
  let said = '';
  const status = yield* eachOperand(
    process,
    paths,
    (path) =>
      walk(process, path, options.has('R'), (each) => {
        const { mode, kind } = process.files.stat(each);
        const next = changedMode(mode, change!, kind === 'directory')!;
        process.files.chmod(each, next);
        if (options.has('v'))
          said += `mode of '${each}' changed to ${next.toString(8).padStart(4, '0')} (${modeText({ kind, mode: next }).slice(1)})\n`;
      }),
    (path, why) =>
      dialect === 'gnu' && why.startsWith('No such')
        ? `cannot access '${path}': ${why}`
        : dialect === 'gnu'
          ? `changing permissions of '${path}': ${why}`
          : `${path}: ${why}`,
  );
  if (said !== '') yield* process.write(1, said);
  return status;
};

/** chown and chgrp. */
const ownership = (isGroupOnly: boolean): Applet =>
  function* (process, dialect) {
    const options = parseOptions(process.args, {
      short: 'RhLHPvcf',
      long: { recursive: 'R', 'no-dereference': 'h', 'reference=': 'reference' },
    });
    needOperand(options.operands, dialect, 2);
    const [owner, ...paths] = options.operands;
    const [user = '', group = ''] = isGroupOnly ? ['', owner!] : owner!.split(/[:.]/, 2);
    const idOf = (text: string, known: number | undefined, what: string): number | undefined => {
      if (text === '') return undefined;
      const id = known ?? (/^\d+$/.test(text) ? Number(text) : undefined);
      if (id === undefined)
        throw new Failure(dialect === 'gnu' ? `invalid ${what}: '${owner}'` : `unknown ${what} ${text}`);
      return id;
    };
    const uid = idOf(user, accountsOf(process).find(({ name }) => name === user)?.uid, 'user');
    const gid = idOf(group, groupsOf(process).find(({ name }) => name === group)?.gid, 'group');
    return yield* eachOperand(
      process,
      paths,
      (path) =>
        walk(process, path, options.has('R'), (each) => {
          const facts = process.files.stat(each);
          process.files.chown(each, uid ?? facts.uid, gid ?? facts.gid);
        }),
      (path, why) =>
        dialect === 'gnu'
          ? why.startsWith('No such')
            ? `cannot access '${path}': ${why}`
            : `changing ownership of '${path}': ${why}`
          : `${path}: ${why}`,
    );
  };

export const chown = ownership(false);
export const chgrp = ownership(true);
