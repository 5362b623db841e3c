/** test and [ */
import type { FileView } from '../file-view.ts';
import type { Process } from '../program.ts';
import { type Applet, Failure, factsAt, nameOf } from './applet.ts';

/** What the conditions look at. */
interface Looks {
  files: FileView;
  isTerminal(descriptor: number): boolean;
  user: { uid: number; gid: number };
}

function numberOf(text: string): bigint {
  const trimmed = text.trim();
  if (!/^[+-]?\d+$/.test(trimmed)) throw new Failure(`${text}: bad number`, 2);
  return BigInt(trimmed);
}

const ACCESS: Readonly<Record<string, number>> = { r: 4, w: 2, x: 1 };

function unary({ files, isTerminal, user }: Looks, operator: string, operand: string): boolean | undefined {
  const letter = operator[1]!;
  if (operator.length !== 2 || operator[0] !== '-') return undefined;
  if (letter === 'n') return operand !== '';
  if (letter === 'z') return operand === '';
  if (letter === 't') return isTerminal(Number(operand));
  if (letter === 'h' || letter === 'L') return factsAt(files, operand, false)?.kind === 'link';
  if (!'abcdefgkpGNOrsSuwx'.includes(letter)) return undefined;
  const facts = factsAt(files, operand, true);
  if (facts === undefined) return false;
  if (ACCESS[letter] !== undefined) return files.access(operand, ACCESS[letter]);
  const holds: Readonly<Record<string, boolean>> = {
    d: facts.kind === 'directory',
    f: facts.kind === 'file',
    c: facts.kind === 'device',
    b: false,
    p: facts.kind === 'fifo',
    S: false,
    s: facts.size > 0,
    u: (facts.mode & 0o4000) !== 0,
    g: (facts.mode & 0o2000) !== 0,
    k: (facts.mode & 0o1000) !== 0,
    O: facts.uid === user.uid,
    G: facts.gid === user.gid,
  };
  return holds[letter] ?? true;
}

function binary({ files }: Looks, left: string, operator: string, right: string): boolean | undefined {
  switch (operator) {
    case '=':
    case '==':
      return left === right;
    case '!=':
      return left !== right;
    case '<':
      return left < right;
    case '>':
      return left > right;
    case '-eq':
      return numberOf(left) === numberOf(right);
    case '-ne':
      return numberOf(left) !== numberOf(right);
    case '-lt':
      return numberOf(left) < numberOf(right);
    case '-le':
      return numberOf(left) <= numberOf(right);
    case '-gt':
      return numberOf(left) > numberOf(right);
    case '-ge':
      return numberOf(left) >= numberOf(right);
    case '-nt':
    case '-ot': {
      const [first, second] = [factsAt(files, left, true), factsAt(files, right, true)];
      if (operator === '-nt')
        return first !== undefined && (second === undefined || first.modifiedAt > second.modifiedAt);
      return second !== undefined && (first === undefined || first.modifiedAt < second.modifiedAt);
    }
    case '-ef': {
      const [first, second] = [factsAt(files, left, true), factsAt(files, right, true)];
      return first !== undefined && first.inode === second?.inode;
    }
  }
  return undefined;
}

class Condition {
  #at = 0;
  readonly #words: readonly string[];
  readonly #looks: Looks;

  constructor(words: readonly string[], looks: Looks) {
    this.#words = words;
    this.#looks = looks;
  }

  whole(): boolean {
    if (this.#words.length === 0) return false;
    // POSIX: what few words mean is told by their number, so that each may be any text.
    const [first, second, third] = this.#words;
    if (this.#words.length === 1) return first !== '';
    if (this.#words.length === 3) {
      const found = binary(this.#looks, first!, second!, third!);
      if (found !== undefined) return found;
    }
    const value = this.#or();
    const rest = this.#words[this.#at];
    if (rest !== undefined)
      throw new Failure(rest === ')' || rest === '-a' ? `${rest}: unexpected operator` : `${rest}: unknown operand`, 2);
    return value;
  }

  #or(): boolean {
    let value = this.#and();
    while (this.#words[this.#at] === '-o') {
      this.#at++;
      const right = this.#and();
      value ||= right;
    }
    return value;
  }

  #and(): boolean {
    let value = this.#not();
    while (this.#words[this.#at] === '-a') {
      this.#at++;
      const right = this.#not();
      value &&= right;
    }
    return value;
  }

  #not(): boolean {
    if (this.#words[this.#at] !== '!' || this.#at + 1 >= this.#words.length) return this.#primary();
    this.#at++;
    return !this.#not();
  }

  #primary(): boolean {
    const first = this.#words[this.#at];
    if (first === undefined) throw new Failure('argument expected', 2);
    const [second, third] = this.#words.slice(this.#at + 1);
    if (second !== undefined && third !== undefined) {
      const found = binary(this.#looks, first, second, third);
      if (found !== undefined) {
        this.#at += 3;
        return found;
      }
    }
    if (first === '(') {
      this.#at++;
      const value = this.#or();
      if (this.#words[this.#at++] !== ')') throw new Failure('closing paren expected', 2);
      return value;
    }
    if (second !== undefined) {
      const found = unary(this.#looks, first, second);
      if (found !== undefined) {
        this.#at += 2;
        return found;
      }
    }
    this.#at++;
    return first !== '';
  }
}

/** Whether the words of a test hold. @throws Failure with code 2 where they make no sense */
export const testHolds = (words: readonly string[], process: Pick<Process, 'files' | 'isTerminal' | 'user'>): boolean =>
  new Condition(words, {
    files: process.files,
    isTerminal: (descriptor) => process.isTerminal(descriptor),
    user: process.user,
  }).whole();

// biome-ignore lint/correctness/useYield: it never waits, but is called as what may.
export const test: Applet = function* (process) {
  const words = process.args.slice(1);
  if (nameOf(process) !== 'test' && words.pop() !== (nameOf(process) === '[[' ? ']]' : ']'))
    throw new Failure('missing ]', 2);
  return testHolds(words, process) ? 0 : 1;
};
