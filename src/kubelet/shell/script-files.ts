/**
 * Which files a container's own script makes and removes, and when: enough of a shell to tell that a probe's file is not there.
 * It reads `touch`, `echo … > FILE`, `rm` and `sleep` one after another, and stops at anything else.
 */
import { MAX_SCRIPT } from './shell.ts';

/** From an instant on, in milliseconds after the script's start, the file is there or isn't. */
export interface FileChange {
  at: number;
  exists: boolean;
}

export interface FileStory {
  changes: FileChange[];
  /** From this instant on nothing is known; undefined: all is. */
  knownUntil: number | undefined;
}

const SLEEP = /^sleep\s+(\d+(?:\.\d+)?)([smh]?)$/;
const UNITS: Record<string, number> = { '': 1000, s: 1000, m: 60_000, h: 3_600_000 };

/** What a script does to the file at `path`, which must be written in it as it is asked for. */
export function storyOf(script: string, path: string): FileStory {
  const changes: FileChange[] = [];
  if (script.length > MAX_SCRIPT) return { changes, knownUntil: 0 };
  let at = 0;
  for (const command of script.split(/;|&&|\n/).map((part) => part.trim())) {
    const sleep = SLEEP.exec(command);
    if (sleep) at += Number(sleep[1]) * UNITS[sleep[2]!]!;
    else if (/^touch\s/.test(command)) change(changes, command, path, at, true);
    else if (/^rm\s/.test(command)) change(changes, command, path, at, false);
    else if (/^(?:echo|printf)\b[^|`$]*$/.test(command)) {
      const arrow = command.lastIndexOf('>');
      if (arrow >= 0 && command.slice(arrow + 1).trim() === path) changes.push({ at, exists: true });
    } else if (/^(?:sleep\s+\S+\s*&\s*)?wait$/.test(command)) return { changes, knownUntil: undefined };
    else if (command !== '' && command !== ':' && !/^(?:trap|true|set|mkdir|cd|export)\b/.test(command))
      return { changes, knownUntil: at };
  }
  return { changes, knownUntil: undefined };
}

function change(changes: FileChange[], command: string, path: string, at: number, exists: boolean): void {
  if (command.split(/\s+/).slice(1).includes(path)) changes.push({ at, exists });
}
