import type { Bytes } from '../bytes.ts';
import { OpenFile } from './open-file.ts';
import type { Terminal } from './terminal.ts';

/** A terminal that is open. */
export class OpenTerminal extends OpenFile {
  override readonly terminal: Terminal;
  readonly name: string;

  constructor(terminal: Terminal) {
    super();
    this.terminal = terminal;
    this.name = terminal.name;
  }

  override read(max: number): Bytes | undefined {
    return this.terminal.read(max);
  }

  override canRead(): boolean {
    return this.terminal.canRead();
  }

  override write(bytes: Bytes): number {
    return this.terminal.write(bytes);
  }

  override canWrite(): boolean {
    return this.terminal.canWrite();
  }
}
