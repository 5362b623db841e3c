/** The files of a machine as one process sees them. All paths are taken from its working directory, and every call checks its permissions. */
import type { Bytes } from './bytes.ts';

export interface FileFacts {
  kind: 'file' | 'directory' | 'link' | 'device' | 'fifo';
  /** Permission bits, e.g. 0o644, with set-id and sticky bits. */
  mode: number;
  uid: number;
  gid: number;
  size: number;
  /** Milliseconds since 1970. */
  modifiedAt: number;
  inode: number;
  links: number;
  /** Of a link: where it leads to. */
  target?: string;
}

export interface Mount {
  /** As /proc/mounts tells: device, where, type, options. */
  device: string;
  path: string;
  type: string;
  options: string;
}

/** @throws Errno, all of them. */
export interface FileView {
  /** Follows links. */
  stat(path: string): FileFacts;
  lstat(path: string): FileFacts;
  /** Whether there is something; unless `follow` is false, behind a link too. */
  exists(path: string, follow?: boolean): boolean;
  /** Whether this process may (R, W, X: 4, 2, 1). */
  access(path: string, bits: number): boolean;
  read(path: string): Bytes;
  /** Makes it where it is not there. */
  write(path: string, bytes: Bytes, how?: { append?: boolean; mode?: number }): void;
  /** Names, in the order of the directory (sort them where the program does). Without `.` and `..`. */
  list(path: string): string[];
  makeDirectory(path: string, mode?: number): void;
  removeDirectory(path: string): void;
  unlink(path: string): void;
  rename(from: string, to: string): void;
  /** A symbolic link at `path` that leads to `target`. */
  link(target: string, path: string): void;
  hardLink(from: string, path: string): void;
  makeFifo(path: string, mode?: number): void;
  chmod(path: string, mode: number): void;
  chown(path: string, uid: number, gid: number): void;
  setTimes(path: string, modifiedAt: number): void;
  truncate(path: string, size: number): void;
  /** The path without links, `.` and `..`. */
  real(path: string): string;
  mounts(): readonly Mount[];
  /** Bytes of the file system that holds the path: all, and those in use. */
  usage(path: string): { total: number; used: number };
}
