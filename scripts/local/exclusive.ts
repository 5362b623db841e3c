/**
 * What one process at a time has. The system holds it for the process and lets it go when that ends, however it ends, so there is
 * nothing to find stale and nothing to race for.
 *
 * Where Node has SQLite that is an exclusive lock on an empty database, which also holds between containers that share a folder. Before
 * it everyone takes a name in the system that only one process can listen at, so that a Node without SQLite and one with it see each other.
 */
import { createHash } from 'node:crypto';
import { closeSync, constants, existsSync, openSync, statSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { sqlite } from './sqlite.ts';

export interface Held {
  release(): void;
}

const BUSY = 5;
/** `open` on macOS takes the lock together with the file. Source: sys/fcntl.h. */
const O_EXLOCK = 0x20;
/** Bytes of a socket's name on Linux: one that is shorter is another name to Node 20, which fills it up, than to later ones. */
const SUN_PATH = 108;

/** Undefined: somebody else has it. `path` is an empty file, which is made if it is not there. */
export async function holdExclusively(path: string): Promise<Held | undefined> {
  if (!existsSync(path)) writeFileSync(path, '', { mode: 0o600, flag: 'a' });
  const name = process.platform === 'darwin' ? holdFile(`${path}-held`) : await holdName(nameOf(path));
  if (!name) return undefined;
  try {
    const database = holdDatabase(path);
    if (!database) name.release();
    return (
      database && {
        release() {
          database.release();
          name.release();
        },
      }
    );
  } catch (error) {
    name.release();
    throw error;
  }
}

/** By what the file is rather than by what it is called: there may be several ways to a folder. */
function nameOf(path: string): string {
  const { dev, ino } = statSync(path, { bigint: true });
  const name = createHash('sha256').update(`${dev} ${ino}`).digest('hex').slice(0, 32);
  return process.platform === 'win32' ? `\\\\.\\pipe\\diorama-${name}` : `\0diorama-${name}`.padEnd(SUN_PATH, '-');
}

function holdName(path: string): Promise<Held | undefined> {
  const server = createServer((socket) => socket.destroy());
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) =>
      error.code === 'EADDRINUSE' ? resolve(undefined) : reject(error),
    );
    server.listen(path, () => resolve({ release: () => server.close() }));
    server.unref();
  });
}

function holdFile(path: string): Held | undefined {
  try {
    const file = openSync(path, constants.O_CREAT | constants.O_RDWR | constants.O_NONBLOCK | O_EXLOCK, 0o600);
    return { release: () => closeSync(file) };
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EAGAIN') return undefined;
    throw error;
  }
}

function holdDatabase(path: string): Held | undefined {
  if (!sqlite) return { release() {} };
  const database = new sqlite.DatabaseSync(path, { timeout: 0 });
  try {
    database.exec('BEGIN EXCLUSIVE');
    return { release: () => database.close() };
  } catch (error) {
    database.close();
    if ((error as { errcode?: number }).errcode === BUSY) return undefined;
    throw error;
  }
}
