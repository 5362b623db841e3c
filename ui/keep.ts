/** The sandbox of this reader: kept for a reload, made to live on while it is looked at. */
import type { Sandbox } from './address.ts';
import { extendCluster } from './platform.ts';

/** What a sandbox lives, seconds, unless its spec says otherwise: as long again while somebody looks. */
export const SANDBOX_TTL_SECONDS = 3600;

export interface Kept extends Sandbox {
  ttl: number;
  /** When it was made or last made to live on, milliseconds by this machine's clock. */
  since: number;
}

/** Which frame of the page around it this is: two of one address are two sandboxes. */
function frameNumber(): number {
  let number = 0;
  while (number < parent.length && parent[number] !== window) number++;
  return number;
}

/** Each address has its own, so that two frames of one page that ask for different things get them. */
const keyOf = (fragment: string): string => `diorama:${frameNumber()}:${fragment}`;

/** Where storage is blocked, as in a sandboxed frame, there is nothing to be found and nothing is kept. */
export function recall(fragment: string): Kept | undefined {
  try {
    const text = sessionStorage.getItem(keyOf(fragment));
    const kept: Kept | undefined = text ? JSON.parse(text) : undefined;
    return kept && kept.since + kept.ttl * 1000 > Date.now() ? kept : undefined;
  } catch {
    return undefined;
  }
}

/** `kept` undefined: it is forgotten. */
export function remember(fragment: string, kept: Kept | undefined): void {
  try {
    if (kept) sessionStorage.setItem(keyOf(fragment), JSON.stringify(kept));
    else sessionStorage.removeItem(keyOf(fragment));
  } catch {
    // It lives as long as this page does.
  }
}

const LOOK_EVERY_MILLISECONDS = 30_000;

/** Makes it live on whenever half of its time is over and the page is seen. Answers how to stop. */
export function keepAlive(fragment: string, kept: Kept): () => void {
  const look = async (): Promise<void> => {
    if (document.hidden || Date.now() < kept.since + (kept.ttl * 1000) / 2) return;
    try {
      await extendCluster(kept, kept.ttl);
      kept.since = Date.now();
      remember(fragment, kept);
    } catch {
      // The connection tells what has become of it.
    }
  };
  const timer = setInterval(look, Math.min(LOOK_EVERY_MILLISECONDS, (kept.ttl * 1000) / 4));
  document.addEventListener('visibilitychange', look);
  return () => {
    clearInterval(timer);
    document.removeEventListener('visibilitychange', look);
  };
}
