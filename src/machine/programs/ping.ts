/** Whether a machine is up, and which way leads to it: ping, traceroute. */
import { Errno } from '../errno.ts';
import type { Process, Run } from '../program.ts';
import { type Applet, Failure, nameOf, UsageError } from './applet.ts';
import { lookUp } from './http-client.ts';
import { parseOptions } from './options.ts';

/** Ports that are tried to find out whether somebody is there: a machine that answers at all, be it by refusing, is up. */
const PROBE_PORT = 7;

export const ping: Applet = function* (process, dialect) {
  const options = parseOptions(process.args, { short: 'c:w:W:i:s:qn46I:t:' });
  const [name] = options.operands;
  if (name === undefined) throw new UsageError(dialect === 'gnu' ? 'usage error: Destination address required' : '');
  const address = yield* lookUp(process, name);
  if (address === undefined)
    throw new Failure(
      dialect === 'gnu' ? `${name}: Name or service not known` : `bad address '${name}'`,
      dialect === 'gnu' ? 2 : 1,
    );
  const size = Number(options.value('s') ?? 56);
  const count = Number(options.value('c') ?? Number.POSITIVE_INFINITY);
  const deadline = options.has('w') ? process.now() + Number(options.value('w')) * 1000 : Number.POSITIVE_INFINITY;
  const wait = Number(options.value('W') ?? 10) * 1000;
  const label =
    dialect === 'gnu'
      ? `PING ${name} (${address}) ${size}(${size + 28}) bytes of data.\n`
      : `PING ${name} (${address}): ${size} data bytes\n`;
  yield* process.write(1, label);
  let isStopped = false;
  process.handle('INT', () => {
    isStopped = true;
  });
  if (!Number.isFinite(count) && !Number.isFinite(deadline)) process.endless(true);
  let sent = 0;
  let received = 0;
  while (sent < count && process.now() < deadline && !isStopped) {
    const isUp = yield* answers(process, address, Math.min(wait, Math.max(1, deadline - process.now())));
    if (isUp) {
      received++;
      const time = (0.05 + process.random() * 0.05).toFixed(3);
      const line =
        dialect === 'gnu'
          ? `${size + 8} bytes from ${address}: icmp_seq=${sent + 1} ttl=64 time=${time} ms\n`
          : `${size + 8} bytes from ${address}: seq=${sent} ttl=64 time=${time} ms\n`;
      if (!options.has('q')) yield* process.write(1, line);
    }
    sent++;
    try {
      if (sent < count && !isStopped) yield* process.sleep(Number(options.value('i') ?? 1) * 1000);
    } catch (error) {
      if (!(error instanceof Errno)) throw error;
    }
  }
  const loss = sent === 0 ? 0 : Math.round((100 * (sent - received)) / sent);
  const head =
    dialect === 'gnu'
      ? `\n--- ${name} ping statistics ---\n${sent} packets transmitted, ${received} received, ${loss}% packet loss, time ${Math.max(0, sent - 1) * 1000}ms\n`
      : `\n--- ${name} ping statistics ---\n${sent} packets transmitted, ${received} packets received, ${loss}% packet loss\n`;
  const times =
    received === 0
      ? ''
      : dialect === 'gnu'
        ? 'rtt min/avg/max/mdev = 0.052/0.074/0.098/0.012 ms\n'
        : 'round-trip min/avg/max = 0.052/0.074/0.098 ms\n';
  yield* process.write(1, head + times);
  return received > 0 ? 0 : 1;
};

/** Whether a machine is up: a port that refuses says so too. */
function* answers(process: Process, address: string, timeout: number): Run<boolean> {
  try {
    (yield* process.connect({ host: address, port: PROBE_PORT, timeout })).close();
    return true;
  } catch (error) {
    if (!(error instanceof Errno)) throw error;
    return error.code === 'ECONNREFUSED';
  }
}

export const traceroute: Applet = function* (process) {
  const [name] = process.args.slice(1).filter((arg) => !arg.startsWith('-'));
  if (name === undefined) throw new UsageError('');
  const address = yield* lookUp(process, name);
  if (address === undefined) throw new Failure(`bad address '${name}'`);
  const [, gateway = address] = / via (\S+)/.exec(process.namespace().routeTo(address) ?? '') ?? [];
  yield* process.write(1, `${nameOf(process)} to ${name} (${address}), 30 hops max, 46 byte packets\n`);
  const isUp = yield* answers(process, address, 5000);
  yield* process.write(1, ` 1  ${gateway} (${gateway})  0.012 ms  0.009 ms  0.008 ms\n`);
  yield* process.write(
    1,
    isUp
      ? ` 2  ${address} (${address})  0.021 ms  0.018 ms  0.017 ms\n`
      : Array.from({ length: 29 }, (_, i) => `${String(i + 2).padStart(2)}  *  *  *\n`).join(''),
  );
  return 0;
};
