/**
 * One server a state folder. Beside what locks it stands, for whoever is refused, who has it; and which workerd it runs, as that may
 * outlive a process that was killed.
 */
import { readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Held, holdExclusively } from './exclusive.ts';
import { UP } from './installation.ts';
import { processStart } from './process-identity.ts';

export interface StateHolder {
  pid: number;
  /** Where it listens; absent before it does. */
  address?: string;
  /** RFC 3339. */
  since: string;
  workerd?: Started;
  /** The process for heavy work. */
  heavy?: Started;
}

interface Started {
  pid: number;
  start?: string | undefined;
}

/** Another server has the folder. */
export class StateTaken extends Error {
  constructor(folder: string, holder: StateHolder | undefined) {
    const at = holder?.address ? ` at ${holder.address}` : '';
    const who = holder ? `process ${holder.pid}${at}, since ${holder.since}` : 'one that is just starting';
    super(
      `The state in ${folder} is in use by another server: ${who}. End it, or choose another folder: ${UP} --state FOLDER`,
    );
  }
}

const LOCK_FILE = 'lock.sqlite';
const HOLDER_FILE = 'server.json';
/** For how long a refused start waits to be told by whom; the other one may have just begun. */
const TELL_MILLISECONDS = 1000;
const END_MILLISECONDS = 5000;
const POLL_MILLISECONDS = 20;

export interface StateLock {
  /** Tells which workerd serves, and where. */
  serves(pid: number, address: string): void;
  /** Tells which workerd does the heavy work. */
  works(pid: number): void;
  release(): void;
}

/** @throws StateTaken */
export async function lockState(folder: string): Promise<StateLock> {
  const file = join(folder, HOLDER_FILE);
  const held = await locked(folder, file);
  let holder: StateHolder = { pid: process.pid, since: new Date().toISOString() };
  const tell = (): void => {
    writeFileSync(`${file}.new`, `${JSON.stringify(holder)}\n`, { mode: 0o600 });
    renameSync(`${file}.new`, file);
  };
  try {
    const before = readHolder(file);
    await endOrphan(before?.workerd);
    await endOrphan(before?.heavy);
    tell();
  } catch (error) {
    held.release();
    throw error;
  }
  let isHeld = true;
  return {
    serves(pid, address) {
      holder = { ...holder, address, workerd: { pid, start: processStart(pid) } };
      tell();
    },
    works(pid) {
      holder = { ...holder, heavy: { pid, start: processStart(pid) } };
      tell();
    },
    release() {
      if (!isHeld) return;
      isHeld = false;
      rmSync(file, { force: true });
      held.release();
    },
  };
}

async function locked(folder: string, holderFile: string): Promise<Held> {
  const held = await holdExclusively(join(folder, LOCK_FILE));
  if (held) return held;
  const until = Date.now() + TELL_MILLISECONDS;
  let holder = readHolder(holderFile);
  // What is told by a process that is no more was told by an earlier holder.
  while ((!holder || !isRunning(holder.pid)) && Date.now() < until) {
    await sleep(POLL_MILLISECONDS);
    holder = readHolder(holderFile);
  }
  throw new StateTaken(folder, holder && isRunning(holder.pid) ? holder : undefined);
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

function readHolder(file: string): StateHolder | undefined {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as StateHolder;
  } catch {
    return undefined;
  }
}

/** The workerd of a server that was killed goes on with nobody to end it: it must not write beside the new one. */
async function endOrphan(started: Started | undefined): Promise<void> {
  const { pid, start } = started ?? {};
  const runs = (): boolean => pid !== undefined && start !== undefined && processStart(pid) === start;
  if (!runs()) return;
  process.kill(pid!, 'SIGKILL');
  const until = Date.now() + END_MILLISECONDS;
  while (runs()) {
    if (Date.now() > until) throw new Error(`workerd (process ${pid}) of an earlier server cannot be ended`);
    await sleep(POLL_MILLISECONDS);
  }
}
