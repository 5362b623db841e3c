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

/** What a file holds, once it is there. @throws Errno */
function* contentOf(process: Process, path: string): Run<string> {
  const descriptor = process.open(path, 'r');
  const content = yield* process.readAll(descriptor);
  process.close(descriptor);
  return content;
}

type Look = (process: Process, path: string) => Run;

const NEW_CONTENT = 'mount-tester new file\n';

const newFile = (mode: number): Look =>
  function* (process, path) {
    process.files.write(path, NEW_CONTENT, { mode });
    yield* process.write(1, `content of file "${path}": ${yield* contentOf(process, path)}\n`);
  };

/** As statfs tells a type: only of the first is the name known, the others are their magic numbers. */
const FILE_SYSTEM_NAMES: Readonly<Record<string, string>> = {
  tmpfs: 'tmpfs',
  ext4: String(0xef53),
  overlay: String(0x794c7630),
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
      yield* process.write(1, `mount type of "${path}": ${FILE_SYSTEM_NAMES[type] ?? type}\n`);
    },
  ],
  ['new_file_0644', newFile(0o644)],
  ['new_file_0666', newFile(0o666)],
  ['new_file_0660', newFile(0o660)],
  ['new_file_0777', newFile(0o777)],
  [
    'file_mode',
    function* (process, path) {
      yield* process.write(1, `mode of file "${path}": ${goMode(process.files.stat(path))}\n`);
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
    'file_owner',
    function* (process, path) {
      const { uid, gid } = process.files.stat(path);
      yield* process.write(1, `owner UID of "${path}": ${uid}\nowner GID of "${path}": ${gid}\n`);
    },
  ],
  [
    'file_content',
    function* (process, path) {
      yield* process.write(1, `content of file "${path}": ${yield* contentOf(process, path)}\n`);
    },
  ],
];

/** Between two looks at a file in a loop, milliseconds. */
const LOOP_MS = 2000;

/** Tells what a file holds again and again until the time is over, or until it is what a new file of this program holds. */
function* contentInLoop(process: Process, path: string, seconds: number, breaks: boolean): Run {
  const end = process.now() + seconds * 1000;
  while (process.now() < end) {
    try {
      const content = yield* contentOf(process, path);
      yield* process.write(1, `content of file "${path}": ${content}\n`);
      if (breaks && content === NEW_CONTENT) return;
      if (breaks) yield* process.write(1, `Unexpected content. Expected: ${NEW_CONTENT}. Retrying\n`);
    } catch (error) {
      if (!(error instanceof Errno)) throw error;
      yield* process.write(1, bytesOf(`Error reading file ${path}: ${goError('open', path, error)}, retrying\n`));
    }
    yield* process.sleep(LOOP_MS);
  }
}

export const mounttest: Program = function* (process) {
  const args = process.args.slice(2);
  process.umask = 0;
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
    yield* contentInLoop(
      process,
      looped,
      Number(flag(args, 'retry_time') ?? 180),
      flag(args, 'break_on_expected_content') !== 'false',
    );
  }
  return hasFailed ? 1 : 0;
};
