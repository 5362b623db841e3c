/** Files of a file system while they are open. */
import type { Bytes } from '../bytes.ts';
import { Errno } from '../errno.ts';
import { OpenFile } from '../kernel/open-file.ts';
import { piece } from '../kernel/piece.ts';
import type { FileNode } from './inode.ts';

/** A file of a file system, with the place where the next byte is read or written. */
export class OpenNode extends OpenFile {
  readonly name: string;
  readonly #node: FileNode;
  readonly #how: { read: boolean; write: boolean; append: boolean };
  readonly #now: () => number;
  #at = 0;

  constructor(
    name: string,
    node: FileNode,
    how: { read: boolean; write: boolean; append: boolean },
    now: () => number,
  ) {
    super();
    this.name = name;
    this.#node = node;
    this.#how = how;
    this.#now = now;
  }

  override read(max: number, line: boolean): Bytes {
    if (!this.#how.read) throw new Errno('EBADF');
    const bytes = piece(this.#node.content, this.#at, max, line);
    this.#at += bytes.length;
    return bytes;
  }

  override write(bytes: Bytes): number {
    if (!this.#how.write) throw new Errno('EBADF');
    const { content, system } = this.#node;
    if (this.#how.append) this.#at = content.length;
    const at = this.#at;
    if (at === content.length) this.#node.change(content + bytes, this.#now());
    else {
      system.mustHaveRoom(at + bytes.length - content.length);
      const before = content.length < at ? content.padEnd(at, '\0') : content.slice(0, at);
      this.#node.change(before + bytes + content.slice(at + bytes.length), this.#now());
    }
    this.#at = at + bytes.length;
    return bytes.length;
  }

  override seek(to: number, from: 'start' | 'here' | 'end'): number {
    const base = from === 'start' ? 0 : from === 'here' ? this.#at : this.#node.content.length;
    if (base + to < 0) throw new Errno('EINVAL');
    this.#at = base + to;
    return this.#at;
  }
}

/** A text that is made when it is first read; while it is not there its reader waits. */
export class OpenText extends OpenFile {
  readonly name: string;
  readonly #made: () => Bytes | undefined;
  #text: Bytes | undefined;
  #at = 0;

  constructor(name: string, made: () => Bytes | undefined) {
    super();
    this.name = name;
    this.#made = made;
  }

  override canRead(): boolean {
    this.#text ??= this.#made();
    return this.#text !== undefined;
  }

  override read(max: number, line: boolean): Bytes | undefined {
    this.#text ??= this.#made();
    if (this.#text === undefined) return undefined;
    const bytes = piece(this.#text, this.#at, max, line);
    this.#at += bytes.length;
    return bytes;
  }

  override seek(to: number, from: 'start' | 'here' | 'end'): number {
    this.#text ??= this.#made();
    const length = this.#text?.length ?? 0;
    this.#at = Math.max(0, to + (from === 'start' ? 0 : from === 'here' ? this.#at : length));
    return this.#at;
  }
}
