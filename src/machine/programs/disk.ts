/** df, du and dd. */
import { Errno } from '../errno.ts';
import type { Process, Run } from '../program.ts';
import { type Applet, attempt, complain, Failure, UsageError } from './applet.ts';
import { CHUNK } from './input.ts';
import { blocksOf, humanSize } from './modes.ts';
import { parseOptions, parseSize } from './options.ts';
import { joinPath } from './paths.ts';

export const df: Applet = function* (process, dialect) {
  const options = parseOptions(process.args, {
    short: 'khmPTiat:B:',
    long: { 'human-readable': 'h', portability: 'P', 'print-type': 'T', inodes: 'i', all: 'a' },
  });
  const mounts = process.files.mounts();
  const holder = (path: string) => {
    const real = process.files.real(path);
    const fits = mounts.filter(
      (mount) => mount.path === '/' || real === mount.path || real.startsWith(`${mount.path}/`),
    );
    return fits.toSorted((left, right) => right.path.length - left.path.length)[0];
  };
  let status = 0;
  const shown = [];
  for (const path of options.operands) {
    const mount = attempt(
      () => holder(path),
      () => undefined,
    );
    if (mount !== undefined) shown.push(mount);
    else {
      status = 1;
      yield* complain(
        process,
        dialect === 'gnu' ? `${path}: No such file or directory` : `${path}: can't find mount point`,
      );
    }
  }
  const chosen =
    options.operands.length > 0
      ? shown
      : mounts.filter(
          ({ type }) => options.has('a') || !['proc', 'sysfs', 'devpts', 'mqueue', 'cgroup', 'cgroup2'].includes(type),
        );
  const unit = options.has('m') ? 1024 ** 2 : 1024;
  const size = (bytes: number): string =>
    options.has('h') ? humanSize(bytes, dialect) : String(Math.ceil(bytes / unit));
  const label = options.has('h')
    ? 'Size'
    : options.has('m')
      ? '1M-blocks'
      : options.has('P')
        ? '1024-blocks'
        : '1K-blocks';
  const width = options.has('h') ? 9 : 10;
  const type = options.has('T') ? ` ${'Type'.padEnd(10)}` : '';
  let out = `${'Filesystem'.padEnd(20)}${type} ${label.padStart(9)} ${'Used'.padStart(width - 1)} ${'Available'.padStart(9)} ${options.has('P') ? 'Capacity' : 'Use%'} Mounted on\n`;
  for (const mount of chosen) {
    const { total, used } = process.files.usage(mount.path);
    const percent = total === 0 ? 0 : Math.ceil((100 * used) / total);
    const kind = options.has('T') ? ` ${mount.type.padEnd(10)}` : '';
    out += `${mount.device.padEnd(20)}${kind} ${size(total).padStart(9)} ${size(used).padStart(width - 1)} ${size(total - used).padStart(9)} ${`${percent}%`.padStart(options.has('P') ? 8 : 4)} ${mount.path}\n`;
  }
  yield* process.write(1, out);
  return status;
};

export const du: Applet = function* (process, dialect) {
  const options = parseOptions(process.args, {
    short: 'ahkmscd:xLHb',
    long: {
      all: 'a',
      'human-readable': 'h',
      summarize: 's',
      total: 'c',
      'max-depth=': 'd',
      'apparent-size': 'apparent',
      bytes: 'b',
    },
  });
  const most = options.has('s') ? 0 : Number(options.value('d') ?? Number.POSITIVE_INFINITY);
  const isApparent = options.has('b') || options.has('apparent');
  const unit = options.has('b') ? 1 : options.has('m') ? 1024 ** 2 : 1024;
  const show = (bytes: number): string =>
    options.has('h') ? humanSize(bytes, dialect) : String(Math.ceil(bytes / unit));
  let out = '';
  const walk = (path: string, depth: number): number => {
    process.work(1);
    const facts = process.files.lstat(path);
    let sum = isApparent ? facts.size : blocksOf(facts) * 1024;
    if (facts.kind === 'directory')
      for (const name of attempt(
        () => process.files.list(path),
        () => [],
      ))
        sum += walk(joinPath(path, name), depth + 1);
    if (depth <= most && (facts.kind === 'directory' || options.has('a') || depth === 0))
      out += `${show(sum)}\t${path}\n`;
    return sum;
  };
  let status = 0;
  let total = 0;
  for (const path of options.operands.length > 0 ? options.operands : ['.']) {
    try {
      total += walk(path, 0);
    } catch (error) {
      if (!(error instanceof Errno)) throw error;
      status = 1;
      yield* complain(
        process,
        dialect === 'gnu' ? `cannot access '${path}': ${error.message}` : `${path}: ${error.message}`,
      );
    }
  }
  if (options.has('c')) out += `${show(total)}\ttotal\n`;
  if (out !== '') yield* process.write(1, out);
  return status;
};

interface CopySettings {
  blockSize: number;
  count: number;
  skip: number;
  seek: number;
}

export const dd: Applet = function* (process, dialect) {
  const operands = new Map<string, string>();
  for (const operand of process.args.slice(1)) {
    const equals = operand.indexOf('=');
    const name = operand.slice(0, Math.max(0, equals));
    if (!['if', 'of', 'bs', 'ibs', 'obs', 'count', 'skip', 'seek', 'conv', 'status', 'iflag', 'oflag'].includes(name)) {
      throw dialect === 'gnu' ? new UsageError(`unrecognized operand '${operand}'`) : new UsageError('');
    }
    operands.set(name, operand.slice(equals + 1));
  }
  const number = (name: string, otherwise: number): number => {
    const text = operands.get(name);
    if (text === undefined) return otherwise;
    const value = parseSize(text);
    if (value === undefined)
      throw new Failure(dialect === 'gnu' ? `invalid number: '${text}'` : `invalid number '${text}'`);
    return value;
  };
  const settings: CopySettings = {
    blockSize: number('bs', number('ibs', 512)),
    count: number('count', Number.POSITIVE_INFINITY),
    skip: number('skip', 0),
    seek: number('seek', 0),
  };
  const [from, to] = [operands.get('if'), operands.get('of')];
  const isCut = !(operands.get('conv') ?? '').includes('notrunc');
  const opened = (path: string, how: 'r' | 'w' | 'rw'): number =>
    attempt(
      () => process.open(path, how),
      (words) => {
        throw new Failure(dialect === 'gnu' ? `failed to open '${path}': ${words}` : `can't open '${path}': ${words}`);
      },
    );
  const input = from === undefined ? 0 : opened(from, 'r');
  const output = to === undefined ? 1 : opened(to, isCut && settings.seek === 0 ? 'w' : 'rw');
  if (settings.seek > 0) process.seek(output, settings.seek * settings.blockSize);
  const counts = { full: 0, part: 0, fullOut: 0, partOut: 0, bytes: 0 };
  const start = process.now();
  let failure: Errno | undefined;
  try {
    yield* copyBlocks(process, input, output, settings, counts);
  } catch (error) {
    if (!(error instanceof Errno)) throw error;
    failure = error;
  }
  if (failure !== undefined)
    yield* complain(
      process,
      `${dialect === 'gnu' ? 'error ' : ''}writing '${to ?? 'standard output'}': ${failure.message}`,
    );
  if (operands.get('status') !== 'none')
    yield* report(process, counts, process.now() - start, operands.get('status') === 'noxfer');
  return failure === undefined ? 0 : 1;
};

function* copyBlocks(
  process: Process,
  input: number,
  output: number,
  settings: CopySettings,
  counts: { full: number; part: number; fullOut: number; partOut: number; bytes: number },
): Run {
  const { blockSize } = settings;
  const block = function* (): Run<string> {
    let bytes = '';
    while (bytes.length < blockSize) {
      const more = yield* process.read(input, Math.min(blockSize - bytes.length, CHUNK * 16));
      bytes += more;
      // A pipe gives what it has; a block is what one read gives.
      if (more === '' || blockSize <= CHUNK) break;
    }
    return bytes;
  };
  for (let i = 0; i < settings.skip; i++) if ((yield* block()) === '') break;
  for (let i = 0; i < settings.count; i++) {
    const bytes = yield* block();
    if (bytes === '') return;
    if (bytes.length === blockSize) counts.full++;
    else counts.part++;
    yield* process.write(output, bytes);
    if (bytes.length === blockSize) counts.fullOut++;
    else counts.partOut++;
    counts.bytes += bytes.length;
  }
}

function* report(
  process: Process,
  counts: { full: number; part: number; fullOut: number; partOut: number; bytes: number },
  ms: number,
  isShort: boolean,
): Run {
  let text = `${counts.full}+${counts.part} records in\n${counts.fullOut}+${counts.partOut} records out\n`;
  // Copying takes no time here; a thousandth of a second is what is told then.
  const seconds = Math.max(ms, 1) / 1000;
  if (!isShort)
    text += `${counts.bytes} bytes (${humanSize(counts.bytes, 'busybox')}B) copied, ${seconds.toFixed(6)} seconds, ${humanSize(counts.bytes / seconds, 'busybox')}B/s\n`;
  yield* process.write(2, text);
}
