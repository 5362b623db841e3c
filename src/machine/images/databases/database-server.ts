/** What the servers of databases share: a file with their data, a port, and a client that asks line by line. */
import { type Bytes, bytesOf, textOf } from '../../bytes.ts';
import { Errno } from '../../errno.ts';
import type { Connection } from '../../network.ts';
import { Exit, type Process, type Run, type Signal } from '../../program.ts';
import { attempt } from '../../programs/applet.ts';
import { connectTo } from '../../programs/http-client.ts';
import { Tasks } from '../../programs/tasks.ts';
import { type Databases, type Result, runSql } from './sql.ts';
import { SqlFault, statementsOf } from './sql-text.ts';

/** Bytes of a question, and of an answer, each of which is a line. */
export const MAX_QUESTION = 1024 * 1024;

export interface Question {
  user: string;
  password: string;
  database: string;
  sql: string;
}

export type Answer = { results: Result[]; fault?: string } | { refusal: string };

/** Undefined: the other end has gone, or said more than it may. @throws Errno */
export function* lineFrom(connection: Pick<Connection, 'read'>): Run<string | undefined> {
  let held: Bytes = '';
  for (;;) {
    const more = yield* connection.read();
    held += more;
    if (more === '' || held.length > MAX_QUESTION) return undefined;
    // Looked for only in what is new: it may come in many pieces.
    if (more.includes('\n')) return textOf(held);
  }
}

export interface DatabaseSettings {
  port: number;
  file: string;
  version: string;
  /** Undefined: nobody needs one. */
  password: string | undefined;
  users: readonly string[];
  refusal(user: string): string;
  databases: Databases;
  started(): Run;
  stopped(signal: Signal): Run;
  cannotListen: string;
}

const isKnown = (settings: DatabaseSettings, { user, password }: Question, isLocal: boolean): boolean =>
  settings.users.includes(user) && (settings.password === undefined || isLocal || password === settings.password);

/** Answers a question by what there is, and writes down what it changes. */
function answer(
  process: Process,
  settings: DatabaseSettings,
  databases: Databases,
  question: Question,
  isTrusted: boolean,
): Answer {
  if (!isKnown(settings, question, isTrusted)) return { refusal: settings.refusal(question.user) };
  const results: Result[] = [];
  let { database } = question;
  for (const statement of statementsOf(question.sql)) {
    process.work(20);
    const [, used] = /^use\s+[`"]?(\w+)/i.exec(statement) ?? [];
    database = used ?? database;
    if (
      !Object.hasOwn(databases, database) &&
      !/^(create|drop)\s+(database|schema)|^show\s+(databases|schemas)|^select\s+(?!.*\bfrom\b)/is.test(statement)
    )
      return { results, fault: `database "${database}" does not exist` };
    if (used !== undefined) continue;
    try {
      results.push(runSql({ databases, database, version: settings.version, now: process.now() }, statement));
    } catch (error) {
      if (!(error instanceof SqlFault)) throw error;
      return { results, fault: error.message };
    }
  }
  if (/\b(create|insert|update|delete|drop)\b/i.test(question.sql))
    attempt(
      () => process.files.write(settings.file, JSON.stringify(databases)),
      () => undefined,
    );
  return { results };
}

/** Listens, and answers by what its file holds; every change is written there. `trustsLocal`: from within the pod nobody needs a password. */
export function* serveDatabase(process: Process, settings: DatabaseSettings, trustsLocal: boolean): Run<number> {
  const databases: Databases = attempt(
    () => JSON.parse(process.files.read(settings.file)) as Databases,
    () => settings.databases,
  );
  const listener = attempt(
    () => process.listen(settings.port),
    () => undefined,
  );
  if (listener === undefined) {
    yield* process.write(2, bytesOf(`${settings.cannotListen}\n`));
    return 1;
  }
  let asked: Signal | undefined;
  for (const signal of ['TERM', 'INT', 'QUIT'] as const) {
    process.handle(signal, () => {
      asked = signal;
    });
  }
  const tasks = new Tasks(() => process.now());
  const serve = function* (connection: Connection): Run {
    const asking = yield* lineFrom(connection);
    if (asking !== undefined) {
      const question = attempt(
        () => parse(asking),
        () => undefined,
      );
      const isLocal = connection.remote.address.startsWith('127.');
      if (question !== undefined)
        yield* connection.write(
          bytesOf(`${JSON.stringify(answer(process, settings, databases, question, isLocal && trustsLocal))}\n`),
        );
    }
    connection.close();
  };
  const watch = function* (): Run {
    yield { for: 'condition', ready: () => asked !== undefined };
    yield* settings.stopped(asked!);
    throw new Exit(0);
  };
  yield* settings.started();
  tasks.start(tasks.accept(listener, serve));
  tasks.start(watch());
  try {
    return yield* tasks.runOn();
  } catch (error) {
    if (error instanceof Exit) return error.status;
    throw error;
  }
}

/** What is no question is none. */
function parse(text: string): Question | undefined {
  try {
    const value = JSON.parse(text) as Partial<Question>;
    const { user = '', password = '', database = '', sql = '' } = value;
    return [user, password, database, sql].every((part) => typeof part === 'string')
      ? { user, password, database, sql }
      : undefined;
  } catch {
    return undefined;
  }
}

/** @throws Errno where nobody is there */
export function* askDatabase(process: Process, host: string, port: number, question: Question): Run<Answer> {
  const connection = yield* connectTo(process, { host, port, timeout: 10_000 });
  try {
    yield* connection.write(bytesOf(`${JSON.stringify(question)}\n`));
    const answered = yield* lineFrom(connection);
    if (answered === undefined) throw new Errno('ECONNRESET');
    return JSON.parse(answered) as Answer;
  } finally {
    connection.close();
  }
}
