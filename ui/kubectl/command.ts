/** What a command of kubectl is here, and what commands have in common. */
import { pathOf, type Reference } from './kinds.ts';
import type { Line } from './words.ts';

/** A request to the cluster's API. Throws `ApiError`. */
export type Ask = (method: string, path: string, body?: unknown, type?: string) => Promise<any>;

/** Does it, and answers what kubectl would print. */
export type Run = (ask: Ask) => Promise<string>;

/** What a flag of the line was given. */
export type Flag = (name: string) => string | undefined;

export interface Command {
  /** By which it begins, behind `kubectl`. */
  words: string[];
  /** Those that it knows; with any other it is none that this page can do. */
  flags: string[];
  /** `rest`: the words behind its own. Answers undefined for what is only to be shown. */
  make(rest: string[], flag: Flag, line: Line): Run | undefined;
}

export const namespaceOf = (flag: Flag): string => flag('--namespace') ?? 'default';

/** `deployment.apps/web` */
export const shown = ({ kind, name }: Reference): string => `${kind.shown}/${name}`;

/** The path, for a request in the name of one of kubectl's field managers. */
export const managed = (path: string, manager: string): string => `${path}?fieldManager=${manager}`;

export const isCount = (text: string | undefined): text is string => text !== undefined && /^\d{1,9}$/.test(text);

/** Does the same to each object, and tells what has become of it. */
export async function each(
  objects: Reference[],
  flag: Flag,
  act: (object: Reference, path: string) => Promise<string>,
): Promise<string> {
  const said: string[] = [];
  for (const object of objects) said.push(await act(object, pathOf(object.kind, namespaceOf(flag), object.name)));
  return said.join('\n');
}
