/** The shells of images, BusyBox's own command, and the package managers, which find no network to install from. */
import type { Program } from '../program.ts';
import { BUSYBOX_BANNER, type Dialect, programOf } from '../programs/applet.ts';
import { appletsOf } from '../programs/applets.ts';
import { networkProgramsOf } from '../programs/network-applets.ts';
import { baseName } from '../programs/paths.ts';
import { ash, bash, dash } from '../shell/main.ts';

/** All commands of a dialect, and those of the network. */
export const commandsOf = (dialect: Dialect): readonly (readonly [string, Program])[] => [
  ...appletsOf(dialect),
  ...networkProgramsOf(dialect),
];

/** `busybox ls -l`, and what links to it. */
const busybox: Program = function* (process) {
  const own = baseName(process.args[0]!);
  const args = own.startsWith('busybox') ? process.args.slice(1) : process.args;
  const [name] = args;
  const names = [...commandsOf('busybox').map(([known]) => known), 'sh', 'ash'].sort();
  if (name === undefined || name === '--help') {
    yield* process.write(
      1,
      `${BUSYBOX_BANNER}\n\nUsage: busybox [function [arguments]...]\n\nCurrently defined functions:\n\t${names.join(', ')}\n`,
    );
    return 0;
  }
  if (name === '--list') {
    yield* process.write(1, `${names.join('\n')}\n`);
    return 0;
  }
  if (!names.includes(name)) {
    yield* process.write(2, `${name}: applet not found\n`);
    return 127;
  }
  return yield* process.exec([`/bin/${name}`, ...args.slice(1)]);
};

const apk = programOf(function* (process) {
  const [, command, ...names] = process.args;
  if (command === undefined || command === '--version') {
    yield* process.write(1, 'apk-tools 2.14.6, compiled for x86_64.\n');
    return 0;
  }
  if (command === 'info' || command === 'list') return 0;
  const packages = names.filter((name) => !name.startsWith('-'));
  const host = 'https://dl-cdn.alpinelinux.org/alpine/v3.21';
  let out = '';
  for (const repository of ['main', 'community']) {
    out += `fetch ${host}/${repository}/x86_64/APKINDEX.tar.gz\n`;
    out += `WARNING: updating and opening ${host}/${repository}: temporary error (try again later)\n`;
  }
  if (command === 'update') out += '4 unavailable, 0 stale; 14 distinct packages available\n';
  if (command === 'add' && packages.length > 0) {
    out += `ERROR: unable to select packages:\n${packages.map((name) => `  ${name} (no such package):\n    required by: world[${name}]\n`).join('')}`;
  }
  yield* process.write(1, out);
  return command === 'update' ? 4 : packages.length;
}, 'busybox');

const apt = programOf(function* (process) {
  const args = process.args.slice(1).filter((arg) => !arg.startsWith('-'));
  const [command, ...packages] = args;
  const host = 'deb.debian.org';
  if (command === 'update') {
    yield* process.write(
      1,
      `Ign:1 http://${host}/debian bookworm InRelease\nErr:1 http://${host}/debian bookworm InRelease\n  Temporary failure resolving '${host}'\nReading package lists...\n`,
    );
    yield* process.write(
      2,
      `W: Failed to fetch http://${host}/debian/dists/bookworm/InRelease  Temporary failure resolving '${host}'\nW: Some index files failed to download. They have been ignored, or old ones used instead.\n`,
    );
    return 0;
  }
  if (command === 'install') {
    yield* process.write(1, 'Reading package lists...\nBuilding dependency tree...\nReading state information...\n');
    yield* process.write(2, packages.map((name) => `E: Unable to locate package ${name}\n`).join(''));
    return packages.length > 0 ? 100 : 0;
  }
  yield* process.write(1, 'Reading package lists...\nBuilding dependency tree...\nReading state information...\n');
  return 0;
}, 'gnu');

export const SHELLS = { ash, dash, bash, busybox, apk, apt };
