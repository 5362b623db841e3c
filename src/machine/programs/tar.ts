/** tar. */
import { type Bytes, bytesOf } from '../bytes.ts';
import { Errno } from '../errno.ts';
import type { Process, Run } from '../program.ts';
import { namesOf } from './accounts.ts';
import { type Applet, attempt, complain, type Dialect, Failure, factsAt, UsageError } from './applet.ts';
import { formatDate } from './date-format.ts';
import { fileMatcher } from './glob.ts';
import { gunzip, gzip, isGzip } from './gzip-format.ts';
import { CHUNK, saveTo, writeAll } from './input.ts';
import { modeText } from './modes.ts';
import { type Options, parseOptions } from './options.ts';
import { joinPath } from './paths.ts';
import { readTar, TAR_END, type TarEntry, tarBytes } from './tar-format.ts';

interface Job {
  process: Process;
  dialect: Dialect;
  options: Options;
  status: number;
  isExcluded(path: string): boolean;
}

const LONG = {
  create: 'c',
  extract: 'x',
  get: 'x',
  list: 't',
  'file=': 'f',
  'directory=': 'C',
  gzip: 'z',
  verbose: 'v',
  touch: 'm',
  'to-stdout': 'O',
  'exclude=': 'exclude',
  'no-same-owner': 'o',
  'no-same-permissions': 'no-same-permissions',
  'same-permissions': 'p',
  'preserve-permissions': 'p',
  'numeric-owner': 'numeric',
  'absolute-names': 'P',
  'strip-components=': 'strip',
  'files-from=': 'T',
  overwrite: 'overwrite',
  'no-overwrite-dir': 'overwrite',
  dereference: 'h',
  warning: 'warning',
  'warning=': 'warning',
};

export const tar: Applet = function* (process, dialect) {
  const [name, first = '', ...rest] = process.args;
  // The first word may be letters without a dash.
  const args = /^[a-zA-Z]+$/.test(first) && /[cxt]/.test(first) ? [name!, `-${first}`, ...rest] : process.args;
  const options = parseOptions(args, { short: 'cxtf:C:zvmOopPhkjJaT:X:', long: LONG });
  const excluded = options.values('exclude').map((pattern) => fileMatcher(pattern));
  const job: Job = {
    process,
    dialect,
    options,
    status: 0,
    isExcluded: (path) => excluded.some((matches) => matches(path) || matches(path.replace(/^.*\//, ''))),
  };
  const modes = ['c', 'x', 't'].filter((letter) => options.has(letter));
  if (modes.length !== 1) {
    if (dialect === 'busybox') throw new UsageError('');
    throw new UsageError("You must specify one of the '-Acdtrux', '--delete' or '--test-label' options", 2);
  }
  if (options.has('j') || options.has('J')) throw new Failure("can't execute 'bzip2': No such file or directory");
  if (options.has('c')) yield* create(job);
  else yield* readArchive(job, options.has('t'));
  return job.status;
};

function* failLater({ process, dialect }: Job): Run<number> {
  yield* complain(
    process,
    dialect === 'gnu'
      ? 'Exiting with failure status due to previous errors'
      : 'error exit delayed from previous errors',
  );
  return dialect === 'gnu' ? 2 : 1;
}

function* create(job: Job): Run {
  const { process, options, dialect } = job;
  const output = options.value('f') ?? '-';
  const folder = options.value('C');
  const list = options.value('T');
  const paths = [
    ...options.operands,
    ...(list === undefined
      ? []
      : process.files
          .read(list)
          .split('\n')
          .filter((line) => line !== '')),
  ];
  if (paths.length === 0)
    throw new Failure(
      dialect === 'gnu' ? 'Cowardly refusing to create an empty archive' : 'empty archive',
      dialect === 'gnu' ? 2 : 1,
    );
  if (folder !== undefined) enter(process, folder);
  let archive: Bytes = '';
  let hasStripped = false;
  const streams = output === '-' && !options.has('z');
  for (const path of paths) {
    for (const found of walk(job, path)) {
      if (found instanceof Errno) {
        job.status = 1;
        yield* complain(
          process,
          dialect === 'gnu' ? `${path}: Cannot stat: ${found.message}` : `${path}: ${found.message}`,
        );
        continue;
      }
      const shown = options.has('P') ? found.path : found.path.replace(/^\/+/, '');
      if (shown !== found.path && !hasStripped) {
        hasStripped = true;
        yield* complain(
          process,
          dialect === 'gnu' ? "Removing leading `/' from member names" : "removing leading '/' from member names",
        );
      }
      if (options.has('v')) yield* process.write(output === '-' ? 2 : 1, bytesOf(`${shown}\n`));
      archive += tarBytes({ ...found, path: bytesOf(shown === '' ? './' : shown) });
      if (streams && archive.length > CHUNK) {
        yield* process.write(1, archive);
        archive = '';
      }
    }
  }
  archive += TAR_END;
  if (streams) yield* process.write(1, archive);
  else {
    const bytes = options.has('z') || /\.t?gz$/.test(output) ? gzip(archive) : archive;
    if (output === '-') yield* process.write(1, bytes);
    else yield* saveTo(process, output, bytes);
  }
  if (job.status !== 0) job.status = yield* failLater(job);
}

function enter(process: Process, folder: string): void {
  attempt(
    () => {
      if (process.files.stat(folder).kind !== 'directory') throw new Errno('ENOTDIR');
      process.cwd = process.files.real(folder);
    },
    (words) => {
      throw new Failure(`can't change directory to '${folder}': ${words}`);
    },
  );
}

function* walk(job: Job, path: string): Generator<TarEntry | Errno, void, void> {
  const { process, options } = job;
  process.work(1);
  const facts = attempt(
    () => (options.has('h') ? process.files.stat(path) : process.files.lstat(path)),
    (_, error) => error,
  );
  if (facts instanceof Errno) {
    yield facts;
    return;
  }
  if (job.isExcluded(path) || facts.kind === 'device' || facts.kind === 'fifo') return;
  const { mode, uid, gid, modifiedAt, target = '' } = facts;
  const body =
    facts.kind === 'file'
      ? attempt(
          () => process.files.read(path),
          (_, error) => error,
        )
      : '';
  if (body instanceof Errno) {
    yield body;
    return;
  }
  const isFolder = facts.kind === 'directory';
  yield {
    path: isFolder && !path.endsWith('/') ? `${path}/` : path,
    kind: facts.kind,
    mode,
    uid,
    gid,
    modifiedAt,
    target,
    body,
  };
  if (isFolder) for (const name of process.files.list(path).toSorted()) yield* walk(job, joinPath(path, name));
}

function* readArchive(job: Job, isList: boolean): Run {
  const { process, options, dialect } = job;
  const input = options.value('f') ?? '-';
  const packed =
    input === '-'
      ? yield* process.readAll(0)
      : attempt(
          () => process.files.read(input),
          (words) => {
            throw new Failure(
              dialect === 'gnu' ? `${input}: Cannot open: ${words}` : `can't open '${input}': ${words}`,
              dialect === 'gnu' ? 2 : 1,
            );
          },
        );
  const folder = options.value('C');
  if (folder !== undefined) enter(process, folder);
  const wanted = options.operands.map((path) => path.replace(/\/$/, ''));
  const entries = readTar(isGzip(packed) ? gunzip(packed) : packed);
  process.work(entries.length * 10);
  for (const entry of entries) {
    const path = entry.path.replace(/\/$/, '');
    if (wanted.length > 0 && !wanted.some((each) => path === each || path.startsWith(`${each}/`))) continue;
    if (job.isExcluded(path)) continue;
    if (isList) yield* process.write(1, options.has('v') ? longLine(job, entry) : `${entry.path}\n`);
    else yield* extract(job, entry);
  }
  if (job.status !== 0) job.status = yield* failLater(job);
}

function longLine({ process, dialect }: Job, entry: TarEntry): string {
  const names = namesOf(process);
  const kind = entry.kind === 'hard-link' ? 'file' : entry.kind;
  const owner = `${names.user(entry.uid)}/${names.group(entry.gid)}`;
  const size = String(entry.body.length).padStart(dialect === 'gnu' ? Math.max(1, 18 - owner.length) : 9);
  const target = entry.kind === 'link' ? ` -> ${entry.target}` : '';
  return `${modeText({ kind, mode: entry.mode })} ${owner} ${size} ${formatDate(entry.modifiedAt, dialect === 'gnu' ? '%Y-%m-%d %H:%M' : '%Y-%m-%d %H:%M:%S')} ${entry.path}${target}\n`;
}

function* extract(job: Job, entry: TarEntry): Run {
  const { process, options, dialect } = job;
  const strip = Number(options.value('strip') ?? 0);
  const parts = entry.path
    .replace(/^\/+/, '')
    .split('/')
    .filter((part) => part !== '' && part !== '.');
  const path = parts.slice(strip).join('/');
  if (path === '') return;
  if (parts.includes('..')) {
    yield* complain(
      process,
      dialect === 'gnu' ? `${entry.path}: Member name contains '..'` : `name with '..' in it: '${entry.path}'`,
    );
    job.status = 1;
    return;
  }
  if (options.has('v')) yield* process.write(options.has('O') ? 2 : 1, `${entry.path}\n`);
  if (options.has('O')) {
    yield* writeAll(process, entry.body);
    return;
  }
  try {
    place(process, path, entry);
    const isOwner = process.user.uid === 0 && !options.has('o');
    if (isOwner && entry.kind !== 'link') process.files.chown(path, entry.uid, entry.gid);
    if (!options.has('m') && entry.kind !== 'link') process.files.setTimes(path, entry.modifiedAt);
  } catch (error) {
    if (!(error instanceof Errno)) throw error;
    job.status = 1;
    const open =
      dialect === 'gnu' ? `${path}: Cannot open: ${error.message}` : `can't open '${path}': ${error.message}`;
    yield* complain(
      process,
      entry.kind === 'directory' && dialect === 'busybox' ? `can't make dir ${path}: ${error.message}` : open,
    );
  }
}

function place({ files }: Process, path: string, entry: TarEntry): void {
  const parents = path.split('/').slice(0, -1);
  for (let i = 1; i <= parents.length; i++) {
    const parent = parents.slice(0, i).join('/');
    if (!files.exists(parent)) files.makeDirectory(parent, 0o755);
  }
  if (entry.kind === 'directory') {
    if (!files.exists(path)) files.makeDirectory(path, entry.mode);
    return;
  }
  const there = factsAt(files, path, false);
  if (there !== undefined && there.kind !== 'directory') files.unlink(path);
  if (entry.kind === 'link') files.link(entry.target, path);
  else if (entry.kind === 'hard-link') files.hardLink(entry.target, path);
  else files.write(path, entry.body, { mode: entry.mode });
}
