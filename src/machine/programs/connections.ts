/** nc and telnet. */
import { Errno } from '../errno.ts';
import type { Connection, Listener } from '../network.ts';
import type { Process, Run } from '../program.ts';
import { type Applet, complain, type Dialect, Failure, UsageError } from './applet.ts';
import { lookUp } from './http-client.ts';
import { CHUNK } from './input.ts';
import { type OptionSpec, parseOptions } from './options.ts';
import { runAndWait, shellArgs } from './running.ts';
import { Tasks } from './tasks.ts';

/** Passes on both ways until both have ended, or the other end has. */
function* passOn(
  process: Process,
  connection: Connection,
  options: { endsWithInput: boolean; idle: number | undefined },
): Run {
  let isOver = false;
  const sending = function* (): Run {
    for (;;) {
      const bytes = yield* process.read(0, CHUNK);
      if (bytes === '') break;
      yield* connection.write(bytes);
    }
    connection.end();
    if (options.endsWithInput) isOver = true;
  };
  const receiving = function* (): Run {
    for (;;) {
      const bytes = yield* connection.read(options.idle === undefined ? {} : { timeout: options.idle });
      if (bytes === '') break;
      yield* process.write(1, bytes);
    }
    isOver = true;
  };
  const tasks = new Tasks(() => process.now());
  tasks.start(sending());
  tasks.start(receiving());
  const both = tasks.run();
  try {
    while (!isOver) {
      const { done, value } = both.next();
      if (done) return;
      if (isOver) return;
      yield value;
    }
  } finally {
    connection.close();
  }
}

const LONG = { listen: 'l', verbose: 'v', zero: 'z', udp: 'u' };
/** BusyBox's, and those of OpenBSD's netcat, which Debian has and Alpine's package netcat-openbsd. */
const OPTIONS: Readonly<Record<Dialect, OptionSpec>> = {
  busybox: { short: 'lLp:w:vzunkN:i:e:s:q:o:dc:4C', long: LONG },
  gnu: { short: '46bCDdFklNnrSUuvtze:c:I:i:M:m:O:P:p:q:s:T:V:W:w:X:x:', long: LONG },
};

export const nc: Applet = function* (process, dialect) {
  const options = parseOptions(process.args, OPTIONS[dialect]);
  const protocol = options.has('u') ? 'UDP' : 'TCP';
  const timeout = options.has('w') ? Number(options.value('w')) * 1000 : undefined;
  const command = options.value('e') ?? options.value('c');
  if (options.has('l')) {
    const port = Number(options.value('p') ?? options.operands.at(-1));
    if (!(port > 0)) throw new UsageError('');
    return yield* serve(process, port, protocol, { keeps: options.has('k') || options.has('L'), command, timeout });
  }
  const [host, ports] = options.operands;
  if (host === undefined || ports === undefined) throw new UsageError('');
  const address = yield* lookUp(process, host);
  if (address === undefined)
    throw new Failure(
      dialect === 'gnu'
        ? `getaddrinfo for host "${host}" port ${ports}: Name or service not known`
        : `bad address '${host}'`,
    );
  const [first, last] = ports.split('-').map(Number);
  let status = 1;
  for (let port = first!; port <= (last ?? first!); port++) {
    const connection = yield* reach(
      process,
      { host, address, port, protocol, timeout },
      options.has('v') || !options.has('z'),
      dialect,
    );
    if (connection === undefined) continue;
    status = 0;
    if (options.has('v'))
      yield* process.write(
        2,
        dialect === 'gnu'
          ? `Connection to ${host} (${address}) ${port} port [${protocol.toLowerCase()}/*] succeeded!\n`
          : `${host} (${address}:${port}) open\n`,
      );
    if (options.has('z')) connection.close();
    else if (command !== undefined) return yield* runAndWait(process, shellArgs(command));
    else yield* passOn(process, connection, { endsWithInput: false, idle: timeout });
  }
  return status;
};

interface Target {
  host: string;
  address: string;
  port: number;
  protocol: 'TCP' | 'UDP';
  timeout: number | undefined;
}

function* reach(
  process: Process,
  { host, address, port, protocol, timeout }: Target,
  isTold: boolean,
  dialect: Dialect,
): Run<Connection | undefined> {
  try {
    return yield* process.connect({ host: address, port, protocol, ...(timeout === undefined ? {} : { timeout }) });
  } catch (error) {
    if (!(error instanceof Errno)) throw error;
    const words =
      error.code === 'ETIMEDOUT' && dialect === 'busybox' && timeout !== undefined ? 'timed out' : error.message;
    if (!isTold) return undefined;
    if (dialect === 'gnu')
      yield* complain(
        process,
        `connect to ${host} (${address}) port ${port} (${protocol.toLowerCase()}) failed: ${words}`,
      );
    else if (words === 'timed out') yield* complain(process, 'timed out');
    else yield* complain(process, `${host} (${address}:${port}): ${words}`);
    return undefined;
  }
}

function* serve(
  process: Process,
  port: number,
  protocol: 'TCP' | 'UDP',
  { keeps, command, timeout }: { keeps: boolean; command: string | undefined; timeout: number | undefined },
): Run<number> {
  let listener: Listener;
  try {
    listener = process.listen(port, { protocol });
  } catch (error) {
    if (!(error instanceof Errno)) throw error;
    throw new Failure(`bind: ${error.message}`);
  }
  process.endless(keeps);
  do {
    const connection = yield* listener.accept();
    if (command === undefined) yield* passOn(process, connection, { endsWithInput: false, idle: timeout });
    else yield* runFor(process, connection, command);
  } while (keeps);
  listener.close();
  return 0;
}

/** A command whose input and output are a connection. */
function* runFor(process: Process, connection: Connection, command: string): Run {
  const [inputEnd, input] = process.pipe();
  const [output, outputEnd] = process.pipe();
  const descriptors = new Map([
    [0, inputEnd],
    [1, outputEnd],
    [2, 2],
  ]);
  const pid = process.spawn(command.includes(' ') ? shellArgs(command) : [command], { descriptors });
  process.close(inputEnd);
  process.close(outputEnd);
  const tasks = new Tasks(() => process.now());
  const into = function* (): Run {
    for (;;) {
      const bytes = yield* connection.read();
      if (bytes === '') break;
      yield* process.write(input, bytes);
    }
    process.close(input);
  };
  const out = function* (): Run {
    for (;;) {
      const bytes = yield* process.read(output, CHUNK);
      if (bytes === '') break;
      yield* connection.write(bytes);
    }
    connection.close();
  };
  tasks.start(into());
  tasks.start(out());
  yield* tasks.run();
  process.close(output);
  yield* process.wait(pid);
}

export const telnet: Applet = function* (process, dialect) {
  const [host, port = '23'] = process.args.slice(1).filter((arg) => !arg.startsWith('-'));
  if (host === undefined) throw new UsageError('');
  const address = yield* lookUp(process, host);
  if (address === undefined)
    throw new Failure(
      dialect === 'gnu' ? `could not resolve ${host}/${port}: Name or service not known` : `bad address '${host}'`,
    );
  if (dialect === 'gnu') yield* process.write(1, `Trying ${address}...\n`);
  let connection: Connection;
  try {
    connection = yield* process.connect({ host: address, port: Number(port) });
  } catch (error) {
    if (!(error instanceof Errno)) throw error;
    throw new Failure(
      dialect === 'gnu'
        ? `Unable to connect to remote host: ${error.message}`
        : `can't connect to remote host (${address}): ${error.message}`,
    );
  }
  yield* process.write(
    1,
    dialect === 'gnu'
      ? `Connected to ${host}.\nEscape character is '^]'.\n`
      : `Connected to ${host}\n\nEntering character mode\nEscape character is '^]'.\n\n`,
  );
  yield* passOn(process, connection, { endsWithInput: false, idle: undefined });
  yield* process.write(
    1,
    dialect === 'gnu' ? 'Connection closed by foreign host.\n' : 'Connection closed by foreign host\n',
  );
  return 1;
};
