/**
 * What the recorded lives' images held: small ones that were made of BusyBox for the recording, under the names of others. `nginx` is its httpd, which
 * says nothing, and `entry` has an entrypoint that tells its arguments. Their shell hands on only what a variable of it can be called.
 */
import type { Image, ImageConfig, ImageFile } from '../../src/machine/image.ts';
import { busyboxWith } from '../../src/machine/images/busybox.ts';
import { imageFor, repositoryOf } from '../../src/machine/images/image-for.ts';
import type { Program } from '../../src/machine/program.ts';
import { ash } from '../../src/machine/shell/main.ts';
import { VARIABLE_NAME } from '../../src/machine/shell/shell.ts';

const PAGE = '<!DOCTYPE html>\n<html><head><title>Welcome</title></head><body><h1>Welcome</h1></body></html>\n';
const HOME = '/var/www';

const sh: Program = function* (process) {
  for (const name of [...process.env.keys()]) if (!VARIABLE_NAME.test(name)) process.env.delete(name);
  return yield* ash(process);
};

const made = (name: string, config: ImageConfig, files: Record<string, ImageFile> = {}): Image => {
  const names = [`docker.io/library/${name}`];
  const plain = busyboxWith(names, config);
  // They were linked statically, and had folders to mount on.
  const kept = Object.entries(plain.files).filter(([path]) => path !== '/lib' && path !== '/lib64');
  const folders = ['/dev', '/proc', '/sbin', '/sys'].map((path): [string, ImageFile] => [path, { directory: true }]);
  return { ...plain, files: { ...Object.fromEntries([...kept, ...folders]), '/bin/sh': { program: sh }, ...files } };
};

const IMAGES: Readonly<Record<string, Image>> = {
  'docker.io/library/busybox': made('busybox', { cmd: ['sh'] }),
  'docker.io/library/nginx': made(
    'nginx',
    { cmd: ['httpd', '-f', '-p', '80', '-h', HOME] },
    { [`${HOME}/index.html`]: { text: PAGE } },
  ),
  'docker.io/library/entry': made('entry', { entrypoint: ['echo', 'entry'] }),
};

export const recordedImageFor = (reference: string): Image =>
  IMAGES[repositoryOf(reference).name] ?? imageFor(reference);
