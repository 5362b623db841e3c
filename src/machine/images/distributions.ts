/** Images that are a distribution and nothing else: alpine, debian, ubuntu. */
import { alpineFiles, debianFiles } from './base-files.ts';
import { type Files, type ImageFamily, image, versionOf } from './image-family.ts';

const ALPINE = ['docker.io/library/alpine', 'public.ecr.aws/docker/library/alpine', 'mirror.gcr.io/library/alpine'];
const DEBIAN = ['docker.io/library/debian', 'public.ecr.aws/docker/library/debian'];
const UBUNTU = ['docker.io/library/ubuntu', 'public.ecr.aws/ubuntu/ubuntu', 'public.ecr.aws/docker/library/ubuntu'];

export const alpine: ImageFamily = {
  names: ALPINE,
  imageOf: (tag) => image(ALPINE, { cmd: ['/bin/sh'] }, alpineFiles(fullVersion(versionOf(tag, '3.21.3'))), 8.3),
};

const fullVersion = (version: string): string =>
  version.split('.').length < 3 ? `${version}.0`.replace(/^(\d+)\.0$/, '$1.21.3') : version;

const DEBIANS: Readonly<Record<string, readonly [string, string]>> = {
  '11': ['11', 'bullseye'],
  '12': ['12', 'bookworm'],
  '13': ['13', 'trixie'],
};

/** /etc/os-release of Debian. */
export function debianRelease(tag: string): string {
  const entry =
    Object.values(DEBIANS).find(([number, name]) => tag.startsWith(number) || tag.includes(name)) ?? DEBIANS['12']!;
  const [number, name] = entry;
  return `PRETTY_NAME="Debian GNU/Linux ${number} (${name})"\nNAME="Debian GNU/Linux"\nVERSION_ID="${number}"\nVERSION="${number} (${name})"\nVERSION_CODENAME=${name}\nID=debian\nHOME_URL="https://www.debian.org/"\n`;
}

/** What an image stands on that comes with Alpine for tags that say so, and with Debian otherwise. */
export const baseFiles = (tag: string): Files =>
  tag.includes('alpine') ? alpineFiles('3.21.3') : debianFiles(debianRelease(tag.includes('bullseye') ? '11' : '12'));

const UBUNTUS: Readonly<Record<string, string>> = {
  '20.04': 'Focal Fossa',
  '22.04': 'Jammy Jellyfish',
  '24.04': 'Noble Numbat',
};

function ubuntuRelease(tag: string): string {
  const found = Object.entries(UBUNTUS).find(
    ([number, name]) => tag.startsWith(number) || tag.includes(name.split(' ')[0]!.toLowerCase()),
  );
  const [number, name] = found ?? ['24.04', 'Noble Numbat'];
  const code = name.split(' ')[0]!.toLowerCase();
  return `PRETTY_NAME="Ubuntu ${number} LTS"\nNAME="Ubuntu"\nVERSION_ID="${number}"\nVERSION="${number} LTS (${name})"\nVERSION_CODENAME=${code}\nID=ubuntu\nID_LIKE=debian\nHOME_URL="https://www.ubuntu.com/"\n`;
}

export const debian: ImageFamily = {
  names: DEBIAN,
  imageOf: (tag) =>
    image(DEBIAN, { cmd: ['bash'] }, debianFiles(debianRelease(tag)), tag.includes('slim') ? 74.8 : 117),
};

export const ubuntu: ImageFamily = {
  names: UBUNTU,
  imageOf: (tag) =>
    image(
      UBUNTU,
      { cmd: ['/bin/bash'] },
      debianFiles(ubuntuRelease(tag), ['ps', 'top', 'free', 'uptime', 'pgrep', 'pkill', 'pidof', 'watch']),
      78.1,
    ),
};
