/** Images as a container runtime names them. No registry is asked: every image exists, and its digest and size follow from its name. */

const OFFICIAL = 'docker.io/library/';

/** `nginx` → `docker.io/library/nginx:latest`. */
export function canonicalImage(image: string): string {
  const slash = image.indexOf('/');
  const first = slash < 0 ? '' : image.slice(0, slash);
  const hasRegistry = first.includes('.') || first.includes(':') || first === 'localhost';
  const full = hasRegistry ? image : slash < 0 ? `docker.io/library/${image}` : `docker.io/${image}`;
  const tagged = full.includes('@') || full.lastIndexOf(':') > full.lastIndexOf('/');
  return tagged ? full : `${full}:latest`;
}

/** `registry.example.com/team/web:1` → `registry.example.com/team/web`; an official image by its name alone, `nginx`. */
export function imageRepository(image: string): string {
  const canonical = canonicalImage(image);
  const name = canonical.includes('@')
    ? canonical.slice(0, canonical.indexOf('@'))
    : canonical.slice(0, canonical.lastIndexOf(':'));
  const tag = name.lastIndexOf(':');
  const bare = tag > name.lastIndexOf('/') ? name.slice(0, tag) : name;
  return bare.startsWith(OFFICIAL) ? bare.slice(OFFICIAL.length) : bare;
}

/** What a node has from the start, as one has that has been in use: told of as present rather than pulled. */
const PRESENT = new Set(['busybox:1.36', 'nginx:1.27', 'registry.k8s.io/pause:3.10'].map(canonicalImage));

export const isPresentFromTheStart = (image: string): boolean => PRESENT.has(canonicalImage(image));

const BASE_IMAGES = new Set('busybox alpine ubuntu debian fedora centos amazonlinux'.split(' '));

/** Whether it has no program of its own: what a container says after its name is the command. */
export const isBaseImage = (image: string): boolean => BASE_IMAGES.has(imageRepository(image).split('/').at(-1)!);

/** `docker.io/library/nginx@sha256:…` */
export function imageID(image: string): string {
  const canonical = canonicalImage(image);
  const at = canonical.indexOf('@');
  if (at >= 0) return canonical;
  return `${canonical.slice(0, canonical.lastIndexOf(':'))}@sha256:${digestOf(canonical)}`;
}

/** Bytes, from a megabyte to a quarter of a gigabyte. */
export const imageSize = (image: string): number => 1_000_000 + (word(canonicalImage(image), 7) % 250_000_000);

/** How long a pull is said to have taken, as Go prints it: `963ms`, `2.6s`. */
export function pullDuration(image: string): string {
  const ms = 200 + Math.floor(imageSize(image) / 100_000);
  return ms < 1000 ? `${ms}ms` : `${ms / 1000}s`;
}

/** 64 hexadecimal digits that follow from a text. */
export function digestOf(text: string): string {
  let hex = '';
  for (let i = 0; i < 8; i++) hex += word(text, i).toString(16).padStart(8, '0');
  return hex;
}

function word(text: string, seed: number): number {
  let hash = (0x811c9dc5 ^ Math.imul(seed + 1, 0x9e3779b9)) | 0;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  hash = Math.imul(hash ^ (hash >>> 15), 0x85ebca6b);
  return (hash ^ (hash >>> 13)) >>> 0;
}

const DOMAIN =
  /^(?:(?:[a-zA-Z0-9]|[a-zA-Z0-9][a-zA-Z0-9-]*[a-zA-Z0-9])(?:\.(?:[a-zA-Z0-9]|[a-zA-Z0-9][a-zA-Z0-9-]*[a-zA-Z0-9]))*|\[[a-fA-F0-9:]+\])(?::[0-9]+)?$/;
const PATH = /^[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*(?:\/[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*)*$/;
const TAG = /^\w[\w.-]{0,127}$/;
const DIGEST = /^[A-Za-z][A-Za-z0-9]*(?:[-_+.][A-Za-z][A-Za-z0-9]*)*:[0-9a-fA-F]{32,}$/;
const IDENTIFIER = /^[a-f0-9]{64}$/;
export const NAME_MAX = 255;
/** Nothing longer is a reference: a name, a tag and a digest at their longest. */
export const REFERENCE_MAX = 1024;

/** Why a container runtime cannot make sense of an image's name; undefined: it can. Models github.com/distribution/reference. */
export function imageNameFault(image: string): string | undefined {
  if (IDENTIFIER.test(image)) return `invalid repository name (${image}), cannot specify 64-byte hexadecimal strings`;
  const bad = 'invalid reference format';
  if (image.length > REFERENCE_MAX) return bad;
  const { domain, remote } = splitDomain(image);
  const name = remote.split(':', 1)[0]!;
  if (name.toLowerCase() !== name) return `${bad}: repository name (${name}) must be lowercase`;
  const [tagged = '', digest, ...more] = remote.split('@');
  const [path = '', tag, ...tags] = tagged.split(':');
  if (more.length > 0 || tags.length > 0 || !DOMAIN.test(domain) || !PATH.test(path)) return bad;
  if ((tag !== undefined && !TAG.test(tag)) || (digest !== undefined && !DIGEST.test(digest))) return bad;
  return domain.length + 1 + path.length > NAME_MAX
    ? `repository name must not be more than ${NAME_MAX} characters`
    : undefined;
}

function splitDomain(image: string): { domain: string; remote: string } {
  const slash = image.indexOf('/');
  const first = slash < 0 ? '' : image.slice(0, slash);
  const hub = first === 'docker.io' || first === 'index.docker.io';
  const isDomain = slash >= 0 && !hub && (first === 'localhost' || /[.:]/.test(first) || first.toLowerCase() !== first);
  if (isDomain) return { domain: first, remote: image.slice(slash + 1) };
  const remote = hub ? image.slice(slash + 1) : image;
  return { domain: 'docker.io', remote: remote.includes('/') ? remote : `library/${remote}` };
}
