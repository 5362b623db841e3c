/** nginx: reads its configuration, starts workers that serve, and writes its logs. */
import { bytesOf } from '../../bytes.ts';
import type { Process, Program, Run } from '../../program.ts';
import { attempt, Failure, readOr } from '../applet.ts';
import { fileMatcher } from '../glob.ts';
import { until } from '../input.ts';
import { processorsOf } from '../system-files.ts';
import { type Directive, parseConfig } from './config.ts';
import { log, stamp } from './logs.ts';
import { checkDirectives, type Site, siteOf } from './servers.ts';
import { startWorkers, type Worker } from './workers.ts';

const ERROR_LOG = '/var/log/nginx/error.log';
const CONFIG = '/etc/nginx/nginx.conf';
const PID_FILE = '/run/nginx.pid';

function readConfig(process: Process, path: string): Directive[] {
  const expand = (pattern: string): readonly string[] => {
    if (!/[*?[]/.test(pattern)) return [pattern];
    const folder = pattern.slice(0, pattern.lastIndexOf('/'));
    const matches = fileMatcher(pattern.slice(folder.length + 1));
    return attempt(
      () => process.files.list(folder),
      () => [],
    )
      .filter((name) => matches(name) && !name.startsWith('.'))
      .sort()
      .map((name) => `${folder}/${name}`);
  };
  const read = (file: string): string =>
    attempt(
      () => process.files.read(file),
      (words, { code }) => {
        throw new Failure(`open() "${file}" failed (${code === 'EACCES' ? 13 : 2}: ${words})`);
      },
    );
  const config = parseConfig(path, { read, expand });
  checkDirectives(config);
  return config;
}

const portFree = (process: Process, port: number): string | undefined =>
  attempt(
    () => {
      process.listen(port).close();
      return undefined;
    },
    (words) => words,
  );

/** Why the ports of a site can't be taken; undefined: they can. */
function portFault(process: Process, site: Site): string | undefined {
  for (const port of new Set(site.servers.flatMap((server) => server.ports))) {
    const words = portFree(process, port);
    if (words !== undefined)
      return `bind() to 0.0.0.0:${port} failed (${words === 'Permission denied' ? 13 : 98}: ${words})`;
  }
  return undefined;
}

function* say(process: Process, level: string, words: string): Run {
  yield* log(process, ERROR_LOG, `${stamp(process.now())} [${level}] ${process.pid}#${process.pid}: ${words}\n`);
}

function* announce(process: Process, version: string): Run {
  yield* say(process, 'notice', 'using the "epoll" event method');
  yield* say(process, 'notice', `nginx/${version}`);
  yield* say(process, 'notice', 'built by gcc 12.2.0 (Debian 12.2.0-14+deb12u1) ');
  yield* say(process, 'notice', `OS: Linux ${readOr(process, '/proc/sys/kernel/osrelease').trim()}`);
  yield* say(process, 'notice', 'getrlimit(RLIMIT_NOFILE): 1048576:1048576');
  yield* say(process, 'notice', 'start worker processes');
  attempt(
    () => process.files.write(PID_FILE, `${process.pid}\n`),
    () => undefined,
  );
}

function* endWorkers(process: Process, workers: readonly Worker[]): Run {
  for (const { pid } of workers) {
    attempt(
      () => process.kill(pid, 'KILL'),
      () => undefined,
    );
  }
  for (const { pid } of workers) yield* process.wait(pid);
}

type Asked = 'TERM' | 'QUIT' | 'HUP';

/** One a core, as the real one has them, but no more: they only stand there, and a pod may have so many processes. */
export const MAX_WORKERS = 32;

/** The master: starts workers, reads its configuration again on HUP, ends on TERM and QUIT. */
function* master(process: Process, version: string, path: string): Run<number> {
  const site = siteOf(readConfig(process, path));
  const fault = portFault(process, site);
  if (fault !== undefined) {
    yield* process.write(2, `nginx: [emerg] ${fault}\n`);
    return 1;
  }
  yield* announce(process, version);
  const asked: Asked[] = [];
  for (const signal of ['TERM', 'QUIT', 'HUP'] as const) process.handle(signal, () => void asked.push(signal));
  process.handle('INT', () => void asked.push('TERM'));
  const cores = Math.min(MAX_WORKERS, processorsOf(process));
  let workers = yield* startWorkers(process, site, version, cores);
  for (;;) {
    yield* until(() => asked.length > 0);
    const signal = asked.shift();
    if (signal === 'HUP')
      workers = yield* reconfigure(process, path, workers, (next) => startWorkers(process, next, version, cores));
    else if (signal !== undefined) {
      const [number, what] = signal === 'QUIT' ? [3, 'shutting down'] : [15, 'exiting'];
      yield* say(process, 'notice', `signal ${number} (SIG${signal}) received, ${what}`);
      yield* endWorkers(process, workers);
      yield* say(process, 'notice', 'exit');
      return 0;
    }
  }
}

function* reconfigure(
  process: Process,
  path: string,
  workers: Worker[],
  start: (site: Site) => Run<Worker[]>,
): Run<Worker[]> {
  yield* say(process, 'notice', 'signal 1 (SIGHUP) received, reconfiguring');
  yield* say(process, 'notice', 'reconfiguring');
  try {
    const site = siteOf(readConfig(process, path));
    yield* endWorkers(process, workers);
    return yield* start(site);
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    yield* say(process, 'emerg', error.message);
    return workers;
  }
}

function* test(process: Process, path: string): Run<number> {
  try {
    siteOf(readConfig(process, path));
    yield* process.write(
      2,
      `nginx: the configuration file ${path} syntax is ok\nnginx: configuration file ${path} test is successful\n`,
    );
    return 0;
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    yield* process.write(
      2,
      bytesOf(`nginx: [emerg] ${error.message}\nnginx: configuration file ${path} test failed\n`),
    );
    return 1;
  }
}

function* tell(process: Process, signal: string): Run<number> {
  const pid = Number(readOr(process, PID_FILE).trim());
  if (!(pid > 0)) {
    yield* process.write(2, `nginx: [error] open() "${PID_FILE}" failed (2: No such file or directory)\n`);
    return 1;
  }
  const signals = { reload: 'HUP', stop: 'TERM', quit: 'QUIT', reopen: 'USR1' } as const;
  if (!(signal in signals)) {
    yield* process.write(2, `nginx: invalid option: "-s ${signal}"\n`);
    return 1;
  }
  yield* process.write(2, `${stamp(process.now())} [notice] ${process.pid}#${process.pid}: signal process started\n`);
  if (signal !== 'reopen') process.kill(pid, signals[signal as keyof typeof signals]);
  return 0;
}

export const nginx = (version: string): Program =>
  function* (process) {
    const args = process.args.slice(1);
    const value = (flag: string): string | undefined =>
      args.includes(flag) ? args[args.indexOf(flag) + 1] : undefined;
    const path = value('-c') ?? CONFIG;
    if (args.includes('-v') || args.includes('-V')) {
      yield* process.write(2, `nginx version: nginx/${version}\n`);
      return 0;
    }
    if (args.includes('-t') || args.includes('-T')) return yield* test(process, path);
    const signal = value('-s');
    if (signal !== undefined) return yield* tell(process, signal);
    try {
      if ((value('-g') ?? '').includes('daemon off')) return yield* master(process, version, path);
      readConfig(process, path);
      process.fork((daemon) => master(daemon, version, path));
      return 0;
    } catch (error) {
      if (!(error instanceof Failure)) throw error;
      const line = bytesOf(`${stamp(process.now())} [emerg] ${process.pid}#${process.pid}: ${error.message}\n`);
      yield* process.write(2, line);
      yield* process.write(2, bytesOf(`nginx: [emerg] ${error.message}\n`));
      return 1;
    }
  };
