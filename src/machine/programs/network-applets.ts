/** The commands of the network, by their names. */
import type { Program } from '../program.ts';
import { type Applet, type Dialect, programOf } from './applet.ts';
import { wget } from './wget.ts';

const APPLETS: Readonly<Record<string, readonly [Applet, string]>> = {
  wget: [wget, '[-cqS] [--spider] [-O FILE] [-o LOGFILE] [-T SEC] [--header STR] URL...'],
};

const made: Partial<Record<Dialect, ReadonlyMap<string, Program>>> = {};

/** All of them in a dialect, made once. */
export function networkProgramsOf(dialect: Dialect): ReadonlyMap<string, Program> {
  made[dialect] ??= new Map(
    Object.entries(APPLETS).map(([name, [applet, usage]]) => [name, programOf(applet, dialect, usage)]),
  );
  return made[dialect];
}
