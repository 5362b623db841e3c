/** find. */
import { bytesOf } from '../bytes.ts';
import { Errno } from '../errno.ts';
import type { FileFacts } from '../file-view.ts';
import type { Process, Run } from '../program.ts';
import { type Applet, complain } from './applet.ts';
import { type Expression, parseFind } from './find-expression.ts';
import type { Visit } from './find-tests.ts';
import { CHUNK } from './input.ts';
import { joinPath } from './paths.ts';
import { runAndWait } from './running.ts';

/** Folders within one another; what is below them is not looked at, and that is told. */
export const MAX_DEPTH = 128;

interface Limits {
  least: number;
  most: number;
  isDepthFirst: boolean;
  follows: boolean;
}

class Search {
  status = 0;
  out = '';
  isOver = false;
  readonly #batches = new Map<Expression, string[]>();
  readonly #process: Process;
  readonly #expression: Expression;
  readonly #limits: Limits;

  constructor(process: Process, expression: Expression, limits: Limits) {
    this.#process = process;
    this.#expression = expression;
    this.#limits = limits;
  }

  *flush(): Run {
    if (this.out !== '') yield* this.#process.write(1, this.out);
    this.out = '';
  }

  *walk(path: string, name: string, depth: number): Run {
    const { least, most, isDepthFirst, follows } = this.#limits;
    this.#process.work(1);
    let facts: FileFacts;
    try {
      facts =
        follows && this.#process.files.exists(path) ? this.#process.files.stat(path) : this.#process.files.lstat(path);
    } catch (error) {
      if (!(error instanceof Errno)) throw error;
      yield* this.#fail(path, error);
      return;
    }
    const visit: Visit = { path, name, facts, depth, isPruned: false };
    const isTaken = depth >= least;
    if (isTaken && !isDepthFirst) yield* this.#evaluate(this.#expression, visit);
    if (facts.kind === 'directory' && !visit.isPruned && depth < most && !this.isOver) {
      let names: string[] = [];
      try {
        const all = this.#process.files.list(path);
        if (depth >= MAX_DEPTH && all.length > 0) throw new Errno('ENAMETOOLONG');
        names = all;
      } catch (error) {
        if (!(error instanceof Errno)) throw error;
        yield* this.#fail(path, error);
      }
      for (const each of names) if (!this.isOver) yield* this.walk(joinPath(path, each), each, depth + 1);
    }
    if (isTaken && isDepthFirst && !this.isOver) yield* this.#evaluate(this.#expression, visit);
    if (this.out.length > CHUNK) yield* this.flush();
  }

  *#fail(path: string, error: Errno): Run {
    this.status = 1;
    yield* this.flush();
    yield* complain(this.#process, `${this.quoted(path)}: ${error.message}`);
  }

  quoted = (path: string): string => path;

  *#evaluate(expression: Expression, visit: Visit): Run<boolean> {
    switch (expression.kind) {
      case 'and':
        return (yield* this.#evaluate(expression.left, visit)) && (yield* this.#evaluate(expression.right, visit));
      case 'or':
        return (yield* this.#evaluate(expression.left, visit)) || (yield* this.#evaluate(expression.right, visit));
      case 'not':
        return !(yield* this.#evaluate(expression.operand, visit));
      case 'test':
        return expression.test(visit);
      case 'comma':
        yield* this.#evaluate(expression.left, visit);
        return yield* this.#evaluate(expression.right, visit);
      case 'print':
        this.out += bytesOf(expression.text(visit));
        return true;
      case 'quit':
        this.isOver = true;
        return true;
      case 'delete':
        return yield* this.#delete(visit);
      case 'exec':
        return yield* this.#exec(expression, visit);
    }
  }

  *#delete({ path, facts }: Visit): Run<boolean> {
    try {
      if (path === '.') return true;
      if (facts.kind === 'directory') this.#process.files.removeDirectory(path);
      else this.#process.files.unlink(path);
      return true;
    } catch (error) {
      if (!(error instanceof Errno)) throw error;
      yield* this.#fail(path, error);
      return false;
    }
  }

  *#exec(expression: Extract<Expression, { kind: 'exec' }>, { path, name }: Visit): Run<boolean> {
    if (expression.isBatch) {
      const batch = this.#batches.get(expression) ?? [];
      batch.push(path);
      this.#batches.set(expression, batch);
      return true;
    }
    yield* this.flush();
    const shown = expression.isInFolder ? `./${name}` : path;
    return (
      (yield* runAndWait(
        this.#process,
        expression.args.map((arg) => arg.replaceAll('{}', shown)),
      )) === 0
    );
  }

  *finish(): Run {
    yield* this.flush();
    for (const [expression, paths] of this.#batches) {
      if (expression.kind !== 'exec') continue;
      const at = expression.args.indexOf('{}');
      const status = yield* runAndWait(this.#process, [...expression.args.slice(0, at), ...paths]);
      if (status !== 0) this.status = 1;
    }
  }
}

export const find: Applet = function* (process, dialect) {
  const args = process.args.slice(1);
  let follows = false;
  while (/^-[LHP]$/.test(args[0] ?? '')) follows = args.shift() === '-L';
  const end = args.findIndex((arg) => /^[-!(),]/.test(arg));
  const paths = end < 0 ? args : args.slice(0, end);
  const parsed = parseFind(process, end < 0 ? [] : args.slice(end), dialect);
  const search = new Search(process, parsed.expression, { ...parsed, follows: follows || parsed.follows });
  if (dialect === 'gnu') search.quoted = (path) => `'${path}'`;
  for (const path of paths.length > 0 ? paths : ['.']) {
    const name = path === '/' ? '/' : path.replace(/\/+$/, '').replace(/^.*\//, '');
    if (!search.isOver) yield* search.walk(path, name, 0);
  }
  yield* search.finish();
  return search.status;
};
