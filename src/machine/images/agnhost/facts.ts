/** Commands of agnhost that print: what the resolver and the hosts file say, and lines of a log. */
import type { Process, Program } from '../../program.ts';
import { readOr } from '../../programs/applet.ts';
import { parseDuration } from '../../programs/wrappers.ts';
import { flag, klogHead } from '../served.ts';

const resolvers = (process: Process, keyword: string): string[] =>
  readOr(process, '/etc/resolv.conf')
    .split('\n')
    .filter((line) => line.startsWith(keyword))
    .flatMap((line) => line.split(/\s+/).slice(1));

export const dnsSuffix: Program = function* (process) {
  yield* process.write(1, `${resolvers(process, 'search').join(',')}\n`);
  return 0;
};

export const dnsServers: Program = function* (process) {
  yield* process.write(1, `${resolvers(process, 'nameserver').join(',')}\n`);
  return 0;
};

export const etcHosts: Program = function* (process) {
  yield* process.write(1, process.files.read('/etc/hosts'));
  return 0;
};

const METHODS = ['GET', 'PUT', 'POST'];
const NAMESPACES = ['default', 'kube-system', 'ns'];

export const logsGenerator: Program = function* (process) {
  const args = process.args.slice(2);
  const total = Number(flag(args, 'log-lines-total') ?? flag(args, 't') ?? 0);
  const duration = parseDuration(flag(args, 'run-duration') ?? flag(args, 'd') ?? '') ?? 0;
  if (!(total > 0)) return 1;
  const gap = duration / total;
  const pick = <T>(from: readonly T[]): T => from[Math.floor(process.random() * from.length)]!;
  for (let i = 0; i < total; i++) {
    const name = Math.floor(process.random() * 36 ** 5)
      .toString(36)
      .padStart(4, 'x');
    const status = 200 + Math.floor(process.random() * 400);
    yield* process.write(
      2,
      `${klogHead(process, 'logs_generator.go:76')} ${i} ${pick(METHODS)} /api/v1/namespaces/${pick(NAMESPACES)}/pods/${name} ${status}\n`,
    );
    if (gap > 0) yield* process.sleep(Math.round(gap));
  }
  return 0;
};
