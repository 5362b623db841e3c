/** curl. */
import { type Bytes, bytesOf } from '../bytes.ts';
import { Errno } from '../errno.ts';
import type { Connection } from '../network.ts';
import type { Process, Run } from '../program.ts';
import { type Applet, Failure } from './applet.ts';
import { bodyOf, CURL_OPTIONS, type RequestBody, requestHeaders } from './curl-request.ts';
import { CurlFailure, curlWords, type Timing, writeOut } from './curl-words.ts';
import { headerOf } from './http.ts';
import { type Answer, exchange, isAddress, lookUp, parseUrl, redirected, type Url } from './http-client.ts';
import { saveTo } from './input.ts';
import { type Options, parseOptions } from './options.ts';
import { baseName } from './paths.ts';

/** Redirects that are followed unless said. */
export const MAX_REDIRECTS = 50;
/** Milliseconds that a connection may take to come about unless said. */
const CONNECT_TIMEOUT = 300_000;

interface Transfer {
  process: Process;
  options: Options;
  startedAt: number;
}

export const curl: Applet = function* (process) {
  const options = parseOptions(process.args, CURL_OPTIONS);
  if (options.has('V')) {
    yield* process.write(1, 'curl 8.7.1 (x86_64-pc-linux-gnu) libcurl/8.7.1\nProtocols: http\n');
    return 0;
  }
  const urls = [...options.values('url'), ...options.operands];
  if (urls.length === 0) throw new Failure('(2) no URL specified', 2);
  let status = 0;
  for (const [i, url] of urls.entries()) status = yield* withRetries(process, options, url, i);
  return status;
};

function* withRetries(process: Process, options: Options, text: string, index: number): Run<number> {
  const retries = Number(options.value('retry') ?? 0);
  for (let attempt = 0; ; attempt++) {
    const transfer: Transfer = { process, options, startedAt: process.now() };
    try {
      return yield* fetchUrl(transfer, text, index);
    } catch (error) {
      if (!(error instanceof CurlFailure)) throw error;
      const isPassing = error.status === 28 || (error.status === 7 && options.has('retry-connrefused'));
      if (attempt < retries && isPassing) {
        yield* process.sleep(
          options.has('retry-delay') ? Number(options.value('retry-delay')) * 1000 : 1000 * 2 ** attempt,
        );
        continue;
      }
      if (options.has('w'))
        yield* process.write(
          1,
          writeOut(options.value('w')!, { status: 0, size: 0, url: text, timing: timingOf(transfer) }),
        );
      if (!options.has('s') || options.has('S'))
        yield* process.write(2, bytesOf(`curl: (${error.status}) ${error.message}\n`));
      return error.status;
    }
  }
}

const timingOf = ({ process, startedAt }: Transfer): Timing => ({ total: (process.now() - startedAt) / 1000 });

/** Milliseconds that are left of -m; undefined: as many as it takes. */
function timeLeft({ options, process, startedAt }: Transfer): number | undefined {
  const most = options.value('m');
  return most === undefined ? undefined : Math.max(0, Number(most) * 1000 - (process.now() - startedAt));
}

/** --interface is a device or one of the host's addresses, also said as `if!NAME` and `host!ADDRESS`. */
function sourceOf(text: string): { device: string } | { address: string } {
  const [, kind, name] = /^(?:(if|host)!)?(.*)$/s.exec(text)!;
  return kind === 'host' || (kind === undefined && isAddress(name!)) ? { address: name! } : { device: name! };
}

function* connect(transfer: Transfer, url: Url): Run<Connection> {
  const { process, options } = transfer;
  const fixed = options
    .values('resolve')
    .map((entry) => entry.split(':'))
    .find(([host, port]) => host === url.host && Number(port) === url.port)?.[2];
  const address = fixed ?? (yield* lookUp(process, url.host));
  if (address === undefined) throw new CurlFailure(6, `Could not resolve host: ${url.host}`);
  const verbose = options.has('v');
  if (verbose)
    yield* process.write(
      2,
      `* Host ${url.host}:${url.port} was resolved.\n* IPv4: ${address}\n*   Trying ${address}:${url.port}...\n`,
    );
  const allowed = options.has('connect-timeout') ? Number(options.value('connect-timeout')) * 1000 : CONNECT_TIMEOUT;
  const left = timeLeft(transfer);
  const begun = process.now();
  try {
    const connection = yield* process.connect({
      host: address,
      port: url.port,
      timeout: Math.min(allowed, left ?? allowed),
      ...(options.has('interface') ? { source: sourceOf(options.value('interface')!) } : {}),
    });
    if (verbose) yield* process.write(2, `* Connected to ${url.host} (${address}) port ${url.port}\n`);
    return connection;
  } catch (error) {
    if (!(error instanceof Errno)) throw error;
    const took = process.now() - begun;
    if (error.code === 'EADDRNOTAVAIL') throw new CurlFailure(45, `bind failed with errno 99: ${error.message}`);
    if (error.code === 'ENODEV') throw new CurlFailure(45, `Couldn't bind to '${options.value('interface')}'`);
    if (error.code === 'ETIMEDOUT') {
      const isWhole = left !== undefined && left <= allowed;
      throw new CurlFailure(
        28,
        isWhole
          ? `Connection timed out after ${took} milliseconds`
          : `Failed to connect to ${url.host} port ${url.port} after ${took} ms: Timeout was reached`,
      );
    }
    throw new CurlFailure(
      7,
      `Failed to connect to ${url.host} port ${url.port} after ${took} ms: Couldn't connect to server`,
    );
  }
}

function* fetchUrl(transfer: Transfer, text: string, index: number): Run<number> {
  const { process, options } = transfer;
  let url = parseUrl(text);
  if (url === undefined)
    throw new CurlFailure(3, `URL rejected: ${text === '' ? 'Malformed input to a URL function' : 'Bad hostname'}`);
  const data = bodyOf(process, options);
  let method =
    options.value('X') ??
    (options.has('I') ? 'HEAD' : options.has('T') ? 'PUT' : data !== undefined && !options.has('G') ? 'POST' : 'GET');
  if (options.has('G') && data !== undefined)
    url = { ...url, path: url.path + (url.path.includes('?') ? '&' : '?') + data.body };
  for (let redirects = 0; ; redirects++) {
    if (url.scheme === 'https') {
      (yield* connect(transfer, url)).close();
      throw new CurlFailure(35, 'Recv failure: Connection reset by peer');
    }
    if (url.scheme !== 'http') throw new CurlFailure(1, `Protocol "${url.scheme}" not supported`);
    const answer = yield* ask(transfer, url, method, options.has('G') ? undefined : data);
    const location = headerOf(answer.headers, 'location');
    if (options.has('L') && answer.status >= 300 && answer.status < 400 && location !== undefined) {
      if (redirects >= Number(options.value('max-redirs') ?? MAX_REDIRECTS))
        throw new CurlFailure(47, `Maximum (${options.value('max-redirs') ?? MAX_REDIRECTS}) redirects followed`);
      if (options.has('i') || options.has('I')) yield* process.write(1, headText(answer));
      const next = redirected(url, location);
      if (next === undefined) throw new CurlFailure(3, 'URL rejected: Bad hostname');
      url = next;
      if (method === 'POST' && !options.has('X') && answer.status < 304) method = 'GET';
      continue;
    }
    return yield* deliver(transfer, { text, index, url }, answer);
  }
}

const headText = ({ version, status, reason, headers }: Answer): Bytes =>
  `${version} ${status} ${reason}\r\n${headers.map(([name, value]) => `${name}: ${value}\r\n`).join('')}\r\n`;

function* ask(transfer: Transfer, url: Url, method: string, data: RequestBody | undefined): Run<Answer> {
  const { process, options } = transfer;
  const connection = yield* connect(transfer, url);
  const headers = requestHeaders(options, url, data);
  if (options.has('v'))
    yield* process.write(
      2,
      `> ${method} ${url.path} HTTP/1.1\n${headers.map(([name, value]) => `> ${name}: ${value}\n`).join('')}> \n`,
    );
  const left = timeLeft(transfer);
  try {
    const request = {
      method,
      headers,
      ...(data === undefined ? {} : { body: data.body }),
      ...(left === undefined ? {} : { timeout: left }),
    };
    const answer = yield* exchange(connection, url, request);
    if (options.has('v'))
      yield* process.write(
        2,
        `${headText(answer)
          .trimEnd()
          .split('\r\n')
          .map((line) => `< ${line}\n`)
          .join('')}< \n`,
      );
    return answer;
  } catch (error) {
    if (!(error instanceof Errno)) throw error;
    throw new CurlFailure(...curlWords(error, process.now() - transfer.startedAt));
  } finally {
    connection.close();
  }
}

function* deliver(
  transfer: Transfer,
  { text, index, url }: { text: string; index: number; url: Url },
  answer: Answer,
): Run<number> {
  const { process, options } = transfer;
  const isRefused = answer.status >= 400 && options.has('f');
  const shows = options.has('i') || options.has('I');
  const body =
    isRefused && !options.has('fail-with-body')
      ? ''
      : (shows ? headText(answer) : '') + (options.has('I') ? '' : answer.body);
  const named = options.has('O')
    ? baseName(url.path.replace(/\?.*/, ''))
    : (options.values('o')[index] ?? options.value('o'));
  if (options.has('O') && named === '') throw new CurlFailure(23, 'Remote file name has no length');
  const isMetered = !options.has('s') && (named !== undefined || !process.isTerminal(1)) && named !== '-';
  if (isMetered) yield* process.write(2, meter(answer.body.length));
  if (named !== undefined && named !== '-') {
    try {
      yield* saveTo(process, named, body);
    } catch (error) {
      if (!(error instanceof Errno)) throw error;
      throw new CurlFailure(23, `Failure writing output to destination, passed ${body.length} returned 0`);
    }
  } else if (body !== '') yield* process.write(1, body);
  if (isRefused) throw new CurlFailure(22, `The requested URL returned error: ${answer.status}`);
  if (options.has('w')) {
    yield* process.write(
      1,
      writeOut(options.value('w')!, {
        status: answer.status,
        size: answer.body.length,
        url: text,
        timing: timingOf(transfer),
        headers: answer.headers,
      }),
    );
  }
  return 0;
}

/** What is told of a transfer that took no time. */
function meter(size: number): string {
  const shown = String(size).padStart(5);
  return (
    '  % Total    % Received % Xferd  Average Speed   Time    Time     Time  Current\n' +
    '                                 Dload  Upload   Total   Spent    Left  Speed\n' +
    `\r  0     0    0     0    0     0      0      0 --:--:-- --:--:-- --:--:--     0\r100 ${shown}  100 ${shown}    0     0   ${String(size).padStart(4)}      0 --:--:-- --:--:-- --:--:--  ${String(size).padStart(4)}\n`
  );
}
