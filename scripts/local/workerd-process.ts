/** A workerd of a local server: started in the state folder, and known to listen. */
import { type ChildProcess, spawn } from 'node:child_process';
import { workerdBinary } from './platform.ts';
import { privately } from './state-folder.ts';

const START_SECONDS = 30;

/** In the state folder, as the configurations name what is there; `inspector`: ADDRESS:PORT of its debugger. @throws Error where there is no workerd */
export function spawnWorkerd(stateDir: string, config: string, inspector?: string): ChildProcess {
  const program = workerdBinary();
  return privately(() =>
    spawn(program, ['serve', config, '--control-fd=3', ...(inspector ? [`--inspector-addr=${inspector}`] : [])], {
      cwd: stateDir,
      stdio: ['ignore', 'inherit', 'inherit', 'pipe'],
    }),
  );
}

/** It could not even begin: what it says of that is on its standard error. */
export class EndedAtStart extends Error {}

/** Fulfilled when these sockets are open; workerd tells so on its control pipe. @throws EndedAtStart */
export function listening(child: ChildProcess, sockets: readonly string[]): Promise<void> {
  return new Promise((fulfil, reject) => {
    const open = new Set<string>();
    const timer = setTimeout(
      () => reject(new Error(`workerd did not listen within ${START_SECONDS} s`)),
      START_SECONDS * 1000,
    );
    let text = '';
    child.stdio[3]!.on('data', (chunk: Buffer) => {
      text += chunk;
      const lines = text.split('\n');
      text = lines.pop()!;
      for (const line of lines) {
        const message = JSON.parse(line) as { event: string; socket?: string };
        if (message.event === 'listen' && message.socket) open.add(message.socket);
      }
      if (sockets.every((socket) => open.has(socket))) {
        clearTimeout(timer);
        fulfil();
      }
    });
    child.once('exit', (code, signal) => {
      clearTimeout(timer);
      reject(new EndedAtStart(`workerd ended at its start (${signal ?? code})`));
    });
  });
}
