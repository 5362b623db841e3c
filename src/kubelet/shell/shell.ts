/**
 * What can be seen of a shell that a container, a probe or a hook runs. Scripts are strangers' texts: one reading takes time in
 * proportion to their length.
 */
const SHELLS = new Set(['sh', 'bash', 'ash', 'dash', 'zsh', 'ksh']);

/** A script that is longer, in characters, is not looked at: nothing is known of it. */
export const MAX_SCRIPT = 4096;

/** The name of a command's program, without its folder. */
export const programOf = (words: string[]): string | undefined => words[0]?.slice(words[0].lastIndexOf('/') + 1);

export const isShell = (words: string[]): boolean => SHELLS.has(programOf(words) ?? '');

/** The script that a shell is given as an argument; undefined: none that is looked at. */
export function scriptOf(words: string[]): string | undefined {
  if (!isShell(words)) return undefined;
  const at = words.findIndex((word) => /^-[a-z]*c$/.test(word));
  const script = at > 0 ? (words[at + 1] ?? '') : undefined;
  return script === undefined || script.length > MAX_SCRIPT ? undefined : script;
}

/** Its first trap for SIGTERM: what runs then, and the script from there on. */
export function termTrap(script: string): { handler: string; rest: string } | undefined {
  const traps = /\btrap\s+(?:'([^']*)'|"([^"]*)"|(\S+))\s/g;
  for (let trap = traps.exec(script); trap; trap = traps.exec(script)) {
    const rest = script.slice(traps.lastIndex);
    const end = rest.search(/[;&|\n]/);
    const signals = end < 0 ? rest : rest.slice(0, end);
    if (/\b(?:SIG)?(?:TERM|15)\b/.test(signals))
      return { handler: trap[1] ?? trap[2] ?? trap[3] ?? '', rest: script.slice(trap.index) };
    traps.lastIndex += signals.length;
  }
  return undefined;
}

/** The words of the command that a script ends in becoming, by `exec`. */
export function execWords(script: string): string[] | undefined {
  const last = script
    .trim()
    .split(/[;&\n]/)
    .at(-1)!;
  const [first, ...words] = last.trim().split(/\s+/);
  return first === 'exec' && words.length > 0 && !last.includes('|') ? words : undefined;
}
