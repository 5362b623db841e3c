/** The tests of find. */
import type { FileFacts } from '../file-view.ts';
import type { Process } from '../program.ts';
import { accountsOf, groupsOf } from './accounts.ts';
import { attempt, type Dialect, Failure } from './applet.ts';
import { fileMatcher } from './glob.ts';
import { changedMode } from './modes.ts';
import { compileRegex } from './regex.ts';

/** A file as it is come by. */
export interface Visit {
  path: string;
  name: string;
  facts: FileFacts;
  depth: number;
  isPruned: boolean;
}

export type Test = (visit: Visit) => boolean;

const KINDS: Readonly<Record<string, FileFacts['kind']>> = {
  f: 'file',
  d: 'directory',
  l: 'link',
  c: 'device',
  b: 'device',
  p: 'fifo',
};
const SIZES: Readonly<Record<string, number>> = { b: 512, c: 1, w: 2, k: 1024, M: 1024 ** 2, G: 1024 ** 3 };
const DAY = 86_400_000;

/** `+3`, `-3` and `3` against a count. */
function compared(text: string): (value: number) => boolean {
  const [, sign, digits] = /^([+-]?)(\d+)$/.exec(text) ?? [];
  if (digits === undefined) throw new Failure(`invalid number '${text}'`);
  const wanted = Number(digits);
  if (sign === '+') return (value) => value > wanted;
  return sign === '-' ? (value) => value < wanted : (value) => value === wanted;
}

/** Settings that stand among the tests. */
export class FindTests {
  least = 0;
  most = Number.POSITIVE_INFINITY;
  isDepthFirst = false;
  follows = false;
  readonly #process: Process;
  readonly #dialect: Dialect;
  /** The word that follows. */
  readonly #value: (name: string) => string;

  constructor(process: Process, dialect: Dialect, value: (name: string) => string) {
    this.#process = process;
    this.#dialect = dialect;
    this.#value = value;
  }

  /** @returns undefined: there is no such test */
  test(name: string): Test | undefined {
    const always: Test = () => true;
    switch (name) {
      case '-maxdepth':
        this.most = Number(this.#value(name));
        return always;
      case '-mindepth':
        this.least = Number(this.#value(name));
        return always;
      case '-depth':
        this.isDepthFirst = true;
        return always;
      case '-follow':
        this.follows = true;
        return always;
      case '-xdev':
      case '-mount':
      case '-noleaf':
      case '-true':
        return always;
      case '-false':
        return () => false;
      case '-prune':
        return (visit) => {
          visit.isPruned = true;
          return true;
        };
      case '-empty':
        return ({ path, facts }) =>
          facts.kind === 'directory'
            ? this.#process.files.list(path).length === 0
            : facts.kind === 'file' && facts.size === 0;
      case '-nouser':
        return ({ facts }) => !accountsOf(this.#process).some(({ uid }) => uid === facts.uid);
    }
    return /^-(name|iname|path|wholename|ipath|regex|iregex|lname|type|perm)$/.test(name)
      ? this.#nameTest(name)
      : this.#numberTest(name);
  }

  #nameTest(name: string): Test {
    const value = this.#value(name);
    const ignoresCase = name.startsWith('-i');
    if (name === '-type') {
      const kinds = value.split(',').map((letter) => KINDS[letter]);
      if (kinds.includes(undefined))
        throw new Failure(
          this.#dialect === 'gnu' ? `Unknown argument to -type: ${value}` : `invalid argument '${value}' to '-type'`,
        );
      return ({ facts }) => kinds.includes(facts.kind);
    }
    if (name === '-perm') {
      const [, how, text] = /^([-+/]?)(.*)$/.exec(value)!;
      const mode = changedMode(0, text!, false, 0);
      if (mode === undefined) throw new Failure(`invalid mode '${value}'`);
      return ({ facts }) =>
        how === '-'
          ? (facts.mode & mode) === mode
          : how === ''
            ? facts.mode === mode
            : mode === 0 || (facts.mode & mode) !== 0;
    }
    if (/regex$/.test(name)) {
      const regex = compileRegex(`^\\(${value}\\)$`, { ignoresCase });
      return ({ path }) => regex.test(path);
    }
    const matches = fileMatcher(value, ignoresCase);
    if (name === '-lname') return ({ facts }) => facts.target !== undefined && matches(facts.target);
    return /name$/.test(name) && name !== '-wholename' ? (visit) => matches(visit.name) : ({ path }) => matches(path);
  }

  #numberTest(name: string): Test | undefined {
    const now = this.#process.now();
    switch (name) {
      case '-mtime':
      case '-ctime':
      case '-atime': {
        const holds = compared(this.#value(name));
        return ({ facts }) => holds(Math.floor((now - facts.modifiedAt) / DAY));
      }
      case '-mmin':
      case '-cmin':
      case '-amin': {
        const holds = compared(this.#value(name));
        return ({ facts }) => holds(Math.floor((now - facts.modifiedAt) / 60_000));
      }
      case '-size': {
        const [, count, unit] = /^([+-]?\d+)([bcwkMG]?)$/.exec(this.#value(name)) ?? [];
        const holds = compared(count ?? '');
        return ({ facts }) => holds(Math.ceil(facts.size / SIZES[unit || 'b']!));
      }
      case '-links':
      case '-inum': {
        const holds = compared(this.#value(name));
        return ({ facts }) => holds(name === '-links' ? facts.links : facts.inode);
      }
      case '-newer': {
        const path = this.#value(name);
        const { modifiedAt } = attempt(
          () => this.#process.files.stat(path),
          (words) => {
            throw new Failure(this.#dialect === 'gnu' ? `'${path}': ${words}` : `${path}: ${words}`);
          },
        );
        return ({ facts }) => facts.modifiedAt > modifiedAt;
      }
      case '-user':
      case '-uid': {
        const value = this.#value(name);
        const uid = accountsOf(this.#process).find((account) => account.name === value)?.uid ?? Number(value);
        return ({ facts }) => facts.uid === uid;
      }
      case '-group':
      case '-gid': {
        const value = this.#value(name);
        const gid = groupsOf(this.#process).find((group) => group.name === value)?.gid ?? Number(value);
        return ({ facts }) => facts.gid === gid;
      }
    }
    return undefined;
  }
}
