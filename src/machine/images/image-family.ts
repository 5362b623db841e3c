/** Images that are known by what they do: each file of this folder has one family of them. */
import { bytesOf } from '../bytes.ts';
import { DEFAULT_PATH, type Image, type ImageConfig, type ImageFile } from '../image.ts';

export interface ImageFamily {
  /** Repositories, canonical and without tags: `docker.io/library/nginx`. */
  names: readonly string[];
  /** What a tag of it is; `latest` where none was given. */
  imageOf(tag: string, name: string): Image;
}

export type Files = Readonly<Record<string, ImageFile>>;

export const PATH = `PATH=${DEFAULT_PATH}`;

const MEGABYTE = 1_000_000;

export const image = (names: readonly string[], config: ImageConfig, files: Files, megabytes: number): Image => ({
  names,
  config: { env: [PATH], ...config },
  files,
  size: Math.round(megabytes * MEGABYTE),
});

export const textFile = (text: string, mode?: number): ImageFile =>
  mode === undefined ? { text: bytesOf(text) } : { text: bytesOf(text), mode };

export const folder = (mode = 0o755): ImageFile => ({ directory: true, mode });

/**
 * The version that a tag names, with the newest for those that name none: `16-alpine` is 16. `releases`: what one without all of its
 * numbers stands for.
 */
export function versionOf(tag: string, newest: string, releases: Readonly<Record<string, string>> = {}): string {
  const given = /^v?(\d+(?:\.\d+)*)/.exec(tag)?.[1] ?? newest;
  return releases[given] ?? given;
}
