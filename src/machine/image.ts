/** What a container image is: its files, its configuration, and what its programs do. */
import type { Bytes } from './bytes.ts';
import type { Program } from './program.ts';

/** Where programs are looked for unless an image or a process says otherwise. */
export const DEFAULT_PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

export interface Image {
  /** Repositories that it stands for, as in a canonical reference without its tag: `docker.io/library/nginx`. */
  names: readonly string[];
  config: ImageConfig;
  /** The files of its layers, by their absolute path; folders above them are made. */
  files: Readonly<Record<string, ImageFile>>;
  /** Its size as a node tells it, bytes. */
  size: number;
}

export interface ImageConfig {
  entrypoint?: readonly string[];
  cmd?: readonly string[];
  env?: readonly string[];
  workingDir?: string;
  user?: string;
  exposedPorts?: readonly string[];
  stopSignal?: string;
  volumes?: readonly string[];
}

export type ImageFile =
  /** Undefined mode: 0644. */
  | { text: Bytes; mode?: number; uid?: number; gid?: number }
  | { directory: true; mode?: number; uid?: number; gid?: number }
  | { link: string }
  /** An executable (0755 unless said): what it does. `text` is what is read of it. */
  | { program: Program; text?: Bytes; mode?: number };
