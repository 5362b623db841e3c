/** wget, as BusyBox's. */
import { bytesOf } from '../bytes.ts';
import { Errno } from '../errno.ts';
import type { Connection } from '../network.ts';
import type { Process, Run } from '../program.ts';
import { type Applet, Failure, UsageError } from './applet.ts';
import { type Headers, headerOf } from './http.ts';
import { type Answer, exchange, hostOf, lookUp, parseUrl, redirected, type Url } from './http-client.ts';
import { saveTo } from './input.ts';
import { humanSize } from './modes.ts';
import { type Options, parseOptions } from './options.ts';
import { baseName } from './paths.ts';

/** Redirects that are followed. */
export const MAX_REDIRECTS = 5;
/** Milliseconds without an answer, unless -T says other. */
const TIMEOUT = 900_000;

export const wget: Applet = function* (process, dialect) {
  const options = parseOptions(process.args, {
    short: 'cqSO:o:P:T:t:U:Y:b:nv',
    long: {
      quiet: 'q',
      'server-response': 'S',
      'output-document=': 'O',
      'directory-prefix=': 'P',
      'timeout=': 'T',
      'tries=': 't',
      'user-agent=': 'U',
      'header=': 'header',
      'post-data=': 'post-data',
      'post-file=': 'post-file',
      'method=': 'method',
      'body-data=': 'post-data',
      spider: 'spider',
      'no-check-certificate': 'n',
      'no-verbose': 'n',
      'connect-timeout=': 'T',
      continue: 'c',
      'no-proxy': 'n',
    },
  });
  if (options.operands.length === 0) throw new UsageError(dialect === 'gnu' ? 'missing URL' : '');
  for (const text of options.operands) yield* download(process, options, text);
  return 0;
};

function* connectTo(process: Process, options: Options, url: Url): Run<Connection> {
  const address = yield* lookUp(process, url.host);
  if (address === undefined) throw new Failure(`bad address '${url.host}'`);
  const timeout = options.has('T') ? Number(options.value('T')) * 1000 : undefined;
  if (!options.has('q')) yield* process.write(2, `Connecting to ${url.host} (${address}:${url.port})\n`);
  try {
    return yield* process.connect({ host: address, port: url.port, ...(timeout === undefined ? {} : { timeout }) });
  } catch (error) {
    if (!(error instanceof Errno)) throw error;
    if (error.code === 'ETIMEDOUT' && options.has('T')) throw new Failure('download timed out');
    throw new Failure(`can't connect to remote host (${address}): ${error.message}`);
  }
}

function* ask(process: Process, options: Options, url: Url): Run<Answer> {
  const file = options.value('post-file');
  const body = options.value('post-data') ?? (file === undefined ? undefined : process.files.read(file));
  const own = options.values('header').map((line): [string, string] => {
    const colon = line.indexOf(':');
    return [line.slice(0, colon), line.slice(colon + 1).trim()];
  });
  const headers: Headers = [
    ...(headerOf(own, 'host') === undefined ? [['Host', hostOf(url)] as const] : []),
    ...(headerOf(own, 'user-agent') === undefined ? [['User-Agent', options.value('U') ?? 'Wget'] as const] : []),
    ['Connection', 'close'],
    ...own,
    ...(url.user === undefined ? [] : [['Authorization', `Basic ${btoa(url.user)}`] as const]),
    ...(body === undefined || headerOf(own, 'content-type') !== undefined
      ? []
      : [['Content-Type', 'application/x-www-form-urlencoded'] as const]),
    ...(body === undefined ? [] : [['Content-Length', String(body.length)] as const]),
  ];
  const connection = yield* connectTo(process, options, url);
  const timeout = options.has('T') ? Number(options.value('T')) * 1000 : TIMEOUT;
  const method = options.value('method') ?? (body === undefined ? (options.has('spider') ? 'HEAD' : 'GET') : 'POST');
  try {
    return yield* exchange(connection, url, { method, headers, timeout, ...(body === undefined ? {} : { body }) });
  } catch (error) {
    if (!(error instanceof Errno)) throw error;
    if (error.code === 'ETIMEDOUT') throw new Failure('download timed out');
    throw new Failure(error.code === 'EIO' ? 'error getting response' : `error getting response: ${error.message}`);
  } finally {
    connection.close();
  }
}

function* download(process: Process, options: Options, text: string): Run {
  let url = parseUrl(text);
  for (let redirects = 0; ; redirects++) {
    if (url === undefined) throw new Failure(`bad address '${text}'`);
    if (url.scheme !== 'http' && url.scheme !== 'https') throw new Failure(`not an http or ftp url: ${text}`);
    if (url.scheme === 'https') {
      const connection = yield* connectTo(process, options, url);
      connection.close();
      throw new Failure(`error getting response: Connection reset by peer`);
    }
    const answer = yield* ask(process, options, url);
    if (options.has('S'))
      yield* process.write(
        2,
        `  ${answer.version} ${answer.status} ${answer.reason}\n${answer.headers.map(([name, value]) => `  ${name}: ${value}\n`).join('')}`,
      );
    const location = headerOf(answer.headers, 'location');
    if (answer.status >= 300 && answer.status < 400 && location !== undefined) {
      if (redirects >= MAX_REDIRECTS) throw new Failure('too many redirections');
      url = redirected(url, location);
      continue;
    }
    if (answer.status < 200 || answer.status > 299) {
      throw new Failure(`server returned error: ${answer.version} ${answer.status} ${answer.reason}`);
    }
    yield* keep(process, options, url, answer);
    return;
  }
}

function* keep(process: Process, options: Options, url: Url, { body }: Answer): Run {
  const isQuiet = options.has('q');
  if (options.has('spider')) {
    if (!isQuiet) yield* process.write(2, 'remote file exists\n');
    return;
  }
  const folder = options.value('P');
  const named = baseName(url.path.replace(/\?.*$/, '').replace(/\/$/, '/index.html'));
  const output = options.value('O') ?? (folder === undefined ? named : `${folder}/${named}`);
  const isStdout = output === '-' || output === '/dev/stdout';
  if (!isStdout && options.value('O') === undefined && process.files.exists(output))
    throw new Failure(`can't open '${output}': File exists`);
  if (!isQuiet) yield* process.write(2, isStdout ? 'writing to stdout\n' : `saving to '${output}'\n`);
  if (isStdout) yield* process.write(1, body);
  else {
    try {
      yield* saveTo(process, output, body);
    } catch (error) {
      if (!(error instanceof Errno)) throw error;
      throw new Failure(`can't open '${output}': ${error.message}`);
    }
  }
  if (isQuiet) return;
  const size =
    body.length < 100_000 ? String(body.length) : humanSize(body.length, 'busybox').replace(/\.\d/, '').toLowerCase();
  const label = baseName(output).slice(0, 20).padEnd(20);
  yield* process.write(
    2,
    bytesOf(`\r${label} 100% |********************************| ${size.padStart(5)}  0:00:00 ETA\n`),
  );
  yield* process.write(2, isStdout ? 'written to stdout\n' : `'${output}' saved\n`);
}
