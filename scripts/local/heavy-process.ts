/** The local server's second process, in which heavy work is done; see src/cluster/heavy-work.ts. */
import type { ChildProcess } from 'node:child_process';
import { chmodSync, rmSync, writeFileSync } from 'node:fs';
import { constants, setPriority } from 'node:os';
import { join } from 'node:path';
import { HEAVY_SOCKET, heavyConfig } from './workerd-config.ts';
import { listening, spawnWorkerd } from './workerd-process.ts';

const HEAVY_CONFIG = 'heavy.capnp';

/** Where both want the processor, who waits for something small goes first. */
function runBehind(pid: number): void {
  try {
    setPriority(pid, constants.priority.PRIORITY_BELOW_NORMAL);
  } catch {
    // Not every system lets it be said.
  }
}

/** Milliseconds after which the process for heavy work is started anew when it has ended. */
const RESTART_MS = 200;

/** The process for heavy work, for as long as the server lives: what was too much for one is not too much for the next. */
export function keepHeavyProcess(
  stateDir: string,
  started: (pid: number) => void,
): { ready: Promise<void>; pid(): number; end(): void } {
  writeFileSync(join(stateDir, HEAVY_CONFIG), heavyConfig(), { mode: 0o600 });
  let child: ChildProcess;
  let timer: NodeJS.Timeout | undefined;
  let ended = false;
  const start = (): Promise<void> => {
    rmSync(join(stateDir, HEAVY_SOCKET), { force: true });
    child = spawnWorkerd(stateDir, HEAVY_CONFIG);
    if (child.pid !== undefined) {
      started(child.pid);
      runBehind(child.pid);
    }
    child.once('exit', () => {
      if (!ended) timer = setTimeout(() => start().catch(() => undefined), RESTART_MS);
    });
    return listening(child, ['heavy']).then(() => chmodSync(join(stateDir, HEAVY_SOCKET), 0o600));
  };
  return {
    ready: start(),
    pid: () => child.pid!,
    end() {
      ended = true;
      clearTimeout(timer);
      child.kill('SIGKILL');
    },
  };
}
