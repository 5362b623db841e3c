/** Builtins about what a process has used and may use: times, ulimit, umask. */
import { changedMode } from '../programs/modes.ts';
import { type BuiltinRun, wrong } from './builtin.ts';

export const times: BuiltinRun = function* (shell) {
  yield* shell.print('0m0.000000s 0m0.000000s\n0m0.000000s 0m0.000000s\n');
  return 0;
};

const LIMITS: Readonly<Record<string, string>> = {
  n: '1048576',
  u: '1048576',
  s: '8192',
  c: 'unlimited',
  f: 'unlimited',
  v: 'unlimited',
  l: '64',
};

export const ulimit: BuiltinRun = function* (shell, words) {
  const option = words[1] ?? '-f';
  if (option === '-a') {
    for (const [letter, value] of Object.entries(LIMITS)) yield* shell.print(`-${letter}: ${value}\n`);
    return 0;
  }
  if (words.length > 2 || !option.startsWith('-')) return 0;
  yield* shell.print(`${LIMITS[option.replace(/^-[SH]?/, '') || 'f'] ?? 'unlimited'}\n`);
  return 0;
};

const octal = (bits: number): string => bits.toString(8).padStart(4, '0');

export const umask: BuiltinRun = function* (shell, words) {
  const { process } = shell;
  const word = words[1];
  if (word === undefined) {
    yield* shell.print(`${octal(process.umask)}\n`);
    return 0;
  }
  if (word === '-S') {
    const letters = (shift: number): string =>
      [...'rwx'].filter((_, i) => ((~process.umask >> shift) & (4 >> i)) !== 0).join('');
    yield* shell.print(`u=${letters(6)},g=${letters(3)},o=${letters(0)}\n`);
    return 0;
  }
  const bits = /^[0-7]{1,4}$/.test(word) ? Number.parseInt(word, 8) : symbolic(word, process.umask);
  if (bits === undefined) {
    return yield* wrong(
      shell,
      {
        ash: `illegal mode: ${word}`,
        dash: `Illegal mode: ${word}`,
        bash: `\`${word.slice(0, 1)}': invalid symbolic mode operator`,
      },
      'umask',
      shell.state.dialect === 'bash' ? 1 : 2,
    );
  }
  process.umask = bits;
  return 0;
};

/** `u=rwx,go-w`: what is allowed. */
function symbolic(text: string, before: number): number | undefined {
  if (!text.split(',').every((clause) => /^[ugoa]*[-+=][rwx]*$/.test(clause))) return undefined;
  const allowed = changedMode(~before & 0o777, text, false, 0);
  return allowed === undefined ? undefined : ~allowed & 0o777;
}
