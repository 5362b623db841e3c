/** agnhost mounttest: tells what a volume is like. */
import { bytesOf } from '../../bytes.ts';
import { Errno } from '../../errno.ts';
import type { FileFacts } from '../../file-view.ts';
import type { Process, Program, Run } from '../../program.ts';
import { modeText } from '../../programs/modes.ts';
import { flag } from '../served.ts';

/** A mode as Go prints it: `dtrwxrwxrwx` with the sticky bit in front. */
function goMode({ kind, mode }: FileFacts): string {
  const type = { file: '', directory: 'd', link: 'L', device: 'Dc', fifo: 'p' }[kind];
  const special = `${mode & 0o4000 ? 'u' : ''}${mode & 0o2000 ? 'g' : ''}${mode & 0o1000 ? 't' : ''}`;
  return `${type + special || '-'}${modeText({ kind: 'file', mode: mode & 0o777 }).slice(1)}`;
}

const goError = (call: string, path: string, error: Errno): string => `${call} ${path}: ${error.message.toLowerCase()}`;

type Look = (process: Process, path: string) => Run;

const newFile = (mode: number): Look =>
  function* (process, path) {
    process.umask = 0;
    const content = 'mount-tester new file\n';
    process.files.write(path, content, { mode });
    process.files.chmod(path, mode);
    yield* process.write(1, `content of file "${path}": ${process.files.read(path)}\n`);
  };

/** What is told for each flag, in this order. */
const LOOKS: readonly [string, Look][] = [
  [
    'fs_type',
    function* (process, path) {
      const mounts = process.files
        .mounts()
        .filter((mount) => path === mount.path || path.startsWith(`${mount.path}/`) || mount.path === '/');
      const { type } = mounts.toSorted((left, right) => right.path.length - left.path.length)[0]!;
      const shown: Readonly<Record<string, string>> = { tmpfs: 'tmpfs', ext4: 'ext2/3', overlay: 'overlayfs' };
      yield* process.write(1, `mount type of "${path}": ${shown[type] ?? type}\n`);
    },
  ],
  ['new_file_0644', newFile(0o644)],
  ['new_file_0666', newFile(0o666)],
  ['new_file_0660', newFile(0o660)],
  ['new_file_0777', newFile(0o777)],
  [
    'file_mode',
    function* (process, path) {
      yield* process.write(1, `mode of file "${path}": ${goMode(process.files.lstat(path))}\n`);
    },
  ],
  [
    'file_perm',
    function* (process, path) {
      const { mode } = process.files.stat(path);
      yield* process.write(1, `perms of file "${path}": ${modeText({ kind: 'file', mode: mode & 0o777 })}\n`);
    },
  ],
  [
    'file_content',
    function* (process, path) {
      yield* process.write(1, `content of file "${path}": ${process.files.read(path)}\n`);
    },
  ],
  [
    'file_owner',
    function* (process, path) {
      const { uid, gid } = process.files.stat(path);
      yield* process.write(1, `owner UID of "${path}": ${uid}\nowner GID of "${path}": ${gid}\n`);
    },
  ],
];

/** Tells what a file holds again and again, each second, until the time is over. */
function* contentInLoop(process: Process, path: string, seconds: number): Run {
  const end = process.now() + seconds * 1000;
  for (;;) {
    try {
      const content = process.files.read(path);
      yield* process.write(1, `content of file "${path}": ${content}\n`);
    } catch (error) {
      if (!(error instanceof Errno)) throw error;
      yield* process.write(
        1,
        bytesOf(`error reading file content for "${path}": ${goError('open', path, error)}, retrying\n`),
      );
    }
    if (process.now() >= end) return;
    yield* process.sleep(1000);
  }
}

export const mounttest: Program = function* (process) {
  const args = process.args.slice(2);
  let hasFailed = false;
  for (const [name, look] of LOOKS) {
    const paths = flag(args, name);
    for (const path of (paths ?? '').split(',').filter((each) => each !== '')) {
      try {
        yield* look(process, path);
      } catch (error) {
        if (!(error instanceof Errno)) throw error;
        hasFailed = true;
        yield* process.write(1, bytesOf(`error reading file content for "${path}": ${goError('open', path, error)}\n`));
      }
    }
  }
  const looped = flag(args, 'file_content_in_loop');
  if (looped !== undefined) {
    yield* contentInLoop(process, looped, Number(flag(args, 'retry_time') ?? 180));
  }
  return hasFailed ? 1 : 0;
};
