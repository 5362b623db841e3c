/** md5sum, sha1sum, sha256sum, sha512sum, cksum. */
import { md5, sha1 } from '@noble/hashes/legacy';
import { sha256, sha512 } from '@noble/hashes/sha2';
import { bytesToHex } from '@noble/hashes/utils';
import { arrayOf, type Bytes } from '../bytes.ts';
import type { Process, Run } from '../program.ts';
import { type Applet, complain, Failure } from './applet.ts';
import { cannotOpen, eachInput, linesOf } from './input.ts';
import { parseOptions } from './options.ts';

type Hash = (bytes: Uint8Array) => Uint8Array;

/** The digest of what a program has read. Counts the work that it is. */
function digestOf(process: Process, hash: Hash, bytes: Bytes): string {
  process.work(1 + bytes.length / 256);
  return bytesToHex(hash(arrayOf(bytes)));
}

const digest = (hash: Hash): Applet =>
  function* (process, dialect) {
    const options = parseOptions(process.args, {
      short: 'cswbtz',
      long: { check: 'c', status: 's', binary: 'b', text: 't', quiet: 'quiet' },
    });
    if (options.has('c')) return yield* check(process, hash, options.operands, options.has('s'));
    return yield* eachInput(
      process,
      options.operands,
      { dialect, words: cannotOpen },
      function* ({ path, descriptor }) {
        yield* process.write(1, `${digestOf(process, hash, yield* process.readAll(descriptor))}  ${path}\n`);
      },
    );
  };

function* check(process: Process, hash: Hash, paths: readonly string[], isQuiet: boolean): Run<number> {
  let failed = 0;
  let total = 0;
  for (const list of paths.length > 0 ? paths : ['-']) {
    const lines = linesOf(list === '-' ? yield* process.readAll(0) : process.files.read(list));
    for (const line of lines) {
      const [, sum, path] = /^([0-9a-fA-F]+) [ *](.*)$/.exec(line) ?? [];
      if (sum === undefined) throw new Failure('no checksum lines found');
      total++;
      const isRight =
        process.files.exists(path!) && digestOf(process, hash, process.files.read(path!)) === sum.toLowerCase();
      if (!isRight) failed++;
      if (!isQuiet) yield* process.write(1, `${path}: ${isRight ? 'OK' : 'FAILED'}\n`);
    }
  }
  if (failed > 0 && !isQuiet)
    yield* complain(process, `WARNING: ${failed} of ${total} computed checksums did NOT match`);
  return failed > 0 ? 1 : 0;
}

export const md5sum = digest(md5);
export const sha1sum = digest(sha1);
export const sha256sum = digest(sha256);
export const sha512sum = digest(sha512);

/** CRC of POSIX, with the length behind the bytes. */
function checksum(bytes: Bytes): number {
  let crc = 0;
  const feed = (byte: number): void => {
    crc ^= byte << 24;
    for (let bit = 0; bit < 8; bit++) crc = crc & 0x80000000 ? (crc << 1) ^ 0x04c11db7 : crc << 1;
  };
  for (let i = 0; i < bytes.length; i++) feed(bytes.charCodeAt(i));
  for (let length = bytes.length; length > 0; length = Math.floor(length / 256)) feed(length & 255);
  return ~crc >>> 0;
}

export const cksum: Applet = function* (process, dialect) {
  const { operands } = parseOptions(process.args, { short: '' });
  return yield* eachInput(process, operands, { dialect, words: cannotOpen }, function* ({ path, descriptor }) {
    const bytes = yield* process.readAll(descriptor);
    process.work(1 + bytes.length / 64);
    yield* process.write(1, `${checksum(bytes)} ${bytes.length}${path === '-' ? '' : ` ${path}`}\n`);
  });
};
