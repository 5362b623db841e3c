/** gzip, gunzip, zcat. */
import { Errno } from '../errno.ts';
import { type Applet, complain, Failure, nameOf } from './applet.ts';
import { gunzip, gzip } from './gzip-format.ts';
import { writeAll } from './input.ts';
import { parseOptions } from './options.ts';

/** All three; which one tells the name. */
export const gzipTool: Applet = function* (process) {
  const options = parseOptions(process.args, {
    short: 'cdfkqvt123456789nN',
    long: { stdout: 'c', decompress: 'd', force: 'f', keep: 'k' },
  });
  const name = nameOf(process);
  const unpacks = options.has('d') || name === 'gunzip' || name === 'zcat';
  const isStdout = options.has('c') || name === 'zcat' || options.operands.length === 0;
  const work = (bytes: string): string => {
    process.work(1 + bytes.length / 64);
    return unpacks ? gunzip(bytes) : gzip(bytes);
  };
  if (options.operands.length === 0) {
    yield* writeAll(process, work(yield* process.readAll(0)));
    return 0;
  }
  let status = 0;
  for (const path of options.operands) {
    try {
      const done = work(process.files.read(path));
      if (isStdout) {
        yield* writeAll(process, done);
        continue;
      }
      if (unpacks && !/\.(gz|tgz)$/.test(path)) throw new Failure('unknown suffix - ignored');
      const to = unpacks ? path.replace(/\.gz$/, '').replace(/\.tgz$/, '.tar') : `${path}.gz`;
      process.files.write(to, done, { mode: process.files.stat(path).mode });
      if (!options.has('k')) process.files.unlink(path);
    } catch (error) {
      if (!(error instanceof Errno) && !(error instanceof Failure)) throw error;
      status = 1;
      yield* complain(process, `${path}: ${error.message}`);
    }
  }
  return status;
};
