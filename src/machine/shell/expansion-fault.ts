/** An expansion that cannot be made: the script is given up. */
import type { Words } from './messages.ts';
import type { Shell } from './shell.ts';

export class ExpansionFault extends Error {
  readonly words: Words;
  readonly status: number;

  /** `status`: bash's where it is not 2. A shell that is not the outermost ends with 1 for it. */
  constructor(words: Words, status: { bash: number }, shell: Shell) {
    super(words.ash);
    this.words = words;
    this.status = shell.state.dialect === 'bash' ? status.bash : 2;
  }
}
