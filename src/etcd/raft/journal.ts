/** What a node says of its own doings, in the words of go.etcd.io/raft. Nothing is formatted unless somebody keeps a journal. */

export type Level = 'DEBUG' | 'INFO' | 'WARN' | 'ERROR' | 'FATAL';

export interface Note {
  level: Level;
  text: string;
}

export interface Journal {
  /** Appended to while it is there; whoever reads it empties it. */
  notes?: Note[] | undefined;
}

export function say(journal: Journal, level: Level, text: () => string): void {
  if (journal.notes) journal.notes.push({ level, text: text() });
}

/** What must not happen: the state is broken, and the node may not go on. */
export class RaftPanic extends Error {}

export function panic(journal: Journal, text: string): never {
  say(journal, 'FATAL', () => text);
  throw new RaftPanic(text);
}

/** Ids as they are printed. */
export const hex = (id: number): string => id.toString(16);
