/** What a pod sees of its network: ip, ifconfig, route, netstat, ss, arp, ping, traceroute. */
import { Errno } from '../errno.ts';
import type { Process, Run } from '../program.ts';
import { type Applet, Failure, nameOf, readOr, UsageError } from './applet.ts';
import { lookUp } from './http-client.ts';
import { parseOptions } from './options.ts';
import { hostLines } from './system-files.ts';

interface Interface {
  address: string;
  gateway: string;
  network: string;
  broadcast: string;
}

/** Of an address, as CNI makes it. */
const hardwareOf = (address: string): string =>
  `0a:58:${address
    .split('.')
    .map((part) => Number(part).toString(16).padStart(2, '0'))
    .join(':')}`;

/** The pod's own: what /etc/hosts says of its name; the rest follows from how CNI lays out a node's range. */
function interfaceOf(process: Process): Interface {
  const own = hostLines(process, process.hostname()).find(([each]) => !/^(127\.|::1|fe|ff)/.test(each));
  const address = own?.[0] ?? '10.244.0.2';
  const network = address.split('.').slice(0, 3).join('.');
  return { address, gateway: `${network}.1`, network: `${network}.0`, broadcast: `${network}.255` };
}

const IP_LOOPBACK =
  '1: lo: <LOOPBACK,UP,LOWER_UP> mtu 65536 qdisc noqueue state UNKNOWN qlen 1000\n    link/loopback 00:00:00:00:00:00 brd 00:00:00:00:00:00\n';
const IFCONFIG_LOOPBACK =
  'lo        Link encap:Local Loopback  \n          inet addr:127.0.0.1  Mask:255.0.0.0\n          UP LOOPBACK RUNNING  MTU:65536  Metric:1\n          RX packets:0 errors:0 dropped:0 overruns:0 frame:0\n          TX packets:0 errors:0 dropped:0 overruns:0 carrier:0\n          collisions:0 txqueuelen:1000 \n          RX bytes:0 (0.0 B)  TX bytes:0 (0.0 B)\n\n';

/** What changes something of the network: only who may administer it may, and then the simulated one cannot. */
const CHANGES = new Set(['add', 'append', 'change', 'del', 'delete', 'flush', 'replace', 'set']);

export const ip: Applet = function* (process) {
  const args = process.args.slice(1).filter((arg) => !/^-(4|o|br?|c|s|details|brief)$/.test(arg));
  const { address, gateway, network, broadcast } = interfaceOf(process);
  const [object = '', verb = ''] = args;
  if (CHANGES.has(verb)) {
    yield* process.write(
      2,
      `ip: RTNETLINK answers: ${process.may('NET_ADMIN') ? 'Operation not supported' : 'Operation not permitted'}\n`,
    );
    return 2;
  }
  const isLink = object !== '' && 'link'.startsWith(object);
  if (object !== '' && ('address'.startsWith(object) || isLink)) {
    const link = `2: eth0@if5: <BROADCAST,MULTICAST,UP,LOWER_UP,M-DOWN> mtu 1450 qdisc noqueue state UP \n    link/ether ${hardwareOf(address)} brd ff:ff:ff:ff:ff:ff\n`;
    const inet = (text: string): string =>
      isLink ? '' : `    inet ${text}\n       valid_lft forever preferred_lft forever\n`;
    const device = args.find((arg) => arg === 'eth0' || arg === 'lo');
    const lo = `${IP_LOOPBACK}${inet('127.0.0.1/8 scope host lo')}`;
    const eth0 = `${link}${inet(`${address}/24 brd ${broadcast} scope global eth0`)}`;
    yield* process.write(1, device === 'lo' ? lo : device === 'eth0' ? eth0 : lo + eth0);
    return 0;
  }
  if (object !== '' && 'route'.startsWith(object)) {
    if (args[1] === 'get') yield* process.write(1, `${args[2]} via ${gateway} dev eth0  src ${address} \n`);
    else
      yield* process.write(1, `default via ${gateway} dev eth0 \n${network}/24 dev eth0 scope link  src ${address} \n`);
    return 0;
  }
  if (object !== '' && 'neighbour'.startsWith(object)) {
    yield* process.write(1, `${gateway} dev eth0 lladdr ${hardwareOf(gateway)} ref 1 used 0/0/0 probes 1 REACHABLE\n`);
    return 0;
  }
  if (object === '') throw new UsageError('');
  throw new Failure(`Object "${object}" is unknown, try "ip help".`);
};

export const ifconfig: Applet = function* (process) {
  const { address, broadcast } = interfaceOf(process);
  const eth0 = `eth0      Link encap:Ethernet  HWaddr ${hardwareOf(address).toUpperCase()}  \n          inet addr:${address}  Bcast:${broadcast}  Mask:255.255.255.0\n          UP BROADCAST RUNNING MULTICAST  MTU:1450  Metric:1\n          RX packets:0 errors:0 dropped:0 overruns:0 frame:0\n          TX packets:0 errors:0 dropped:0 overruns:0 carrier:0\n          collisions:0 txqueuelen:0 \n          RX bytes:0 (0.0 B)  TX bytes:0 (0.0 B)\n\n`;
  const [device] = process.args.slice(1).filter((arg) => !arg.startsWith('-'));
  if (device !== undefined && device !== 'eth0' && device !== 'lo')
    throw new Failure(`${device}: error fetching interface information: Device not found`);
  yield* process.write(1, device === 'lo' ? IFCONFIG_LOOPBACK : device === 'eth0' ? eth0 : eth0 + IFCONFIG_LOOPBACK);
  return 0;
};

export const route: Applet = function* (process) {
  const { gateway, network } = interfaceOf(process);
  const isNumeric = process.args.some((arg) => /^-\w*n/.test(arg));
  const line = (...cells: string[]): string =>
    `${cells[0]!.padEnd(15)} ${cells[1]!.padEnd(15)} ${cells[2]!.padEnd(15)} ${cells[3]!.padEnd(5)} ${'0'.padEnd(6)} ${'0'.padEnd(6)} ${'0'.padStart(2)} eth0\n`;
  yield* process.write(
    1,
    `Kernel IP routing table\nDestination     Gateway         Genmask         Flags Metric Ref    Use Iface\n${line(isNumeric ? '0.0.0.0' : 'default', gateway, '0.0.0.0', 'UG')}${line(network, isNumeric ? '0.0.0.0' : '*', '255.255.255.0', 'U')}`,
  );
  return 0;
};

export const arp: Applet = function* (process) {
  const { gateway } = interfaceOf(process);
  yield* process.write(1, `? (${gateway}) at ${hardwareOf(gateway)} [ether]  on eth0\n`);
  return 0;
};

interface Socket {
  protocol: string;
  local: string;
  remote: string;
  state: string;
}

const TCP_STATES: Readonly<Record<string, string>> = { '01': 'ESTABLISHED', '06': 'TIME_WAIT', '0A': 'LISTEN' };

/** Sockets as /proc/net tells them, addresses in hexadecimal with their bytes turned round. */
function socketsOf(process: Process): Socket[] {
  const endpoint = (text: string): string => {
    const [address, port] = text.split(':');
    const bytes = (address!.match(/../g) ?? []).reverse().map((pair) => Number.parseInt(pair, 16));
    return `${bytes.join('.')}:${Number.parseInt(port!, 16) || '*'}`;
  };
  return ['tcp', 'udp'].flatMap((protocol) =>
    readOr(process, `/proc/net/${protocol}`)
      .split('\n')
      .slice(1)
      .filter((line) => line.trim() !== '')
      .map((line): Socket => {
        const [, local, remote, state] = line.trim().split(/\s+/);
        return {
          protocol,
          local: endpoint(local!),
          remote: endpoint(remote!),
          state: protocol === 'udp' ? '' : (TCP_STATES[state!] ?? state!),
        };
      }),
  );
}

const chosen = (process: Process): Socket[] => {
  const letters = process.args.filter((arg) => /^-[a-z]+$/.test(arg)).join('');
  const isListening = /l/.test(letters);
  const protocols = ['tcp', 'udp'].filter((protocol) => letters.includes(protocol[0]!));
  return socketsOf(process).filter(({ protocol, state }) => {
    if (protocols.length > 0 && !protocols.includes(protocol)) return false;
    if (/a/.test(letters)) return true;
    return (state === 'LISTEN' || protocol === 'udp') === isListening;
  });
};

export const netstat: Applet = function* (process) {
  const rows = chosen(process).map(
    ({ protocol, local, remote, state }) =>
      `${protocol.padEnd(6)}     0      0 ${local.padEnd(23)} ${remote.padEnd(23)} ${state.padEnd(11)} \n`,
  );
  const kind = process.args.some((arg) => /^-\w*l/.test(arg))
    ? '(only servers)'
    : process.args.some((arg) => /^-\w*a/.test(arg))
      ? '(servers and established)'
      : '(w/o servers)';
  yield* process.write(
    1,
    `Active Internet connections ${kind}\nProto Recv-Q Send-Q Local Address           Foreign Address         State       \n${rows.join('')}`,
  );
  return 0;
};

export const ss: Applet = function* (process) {
  const isHeaded = !process.args.includes('-H');
  const rows = chosen(process).map(({ protocol, local, remote, state }) => {
    const shown = protocol === 'udp' ? 'UNCONN' : state === 'LISTEN' ? 'LISTEN' : 'ESTAB';
    return `${protocol.padEnd(6)}${shown.padEnd(7)}${'0'.padEnd(7)}${(state === 'LISTEN' ? '511' : '0').padEnd(7)}${local.padStart(20)} ${remote.padStart(19)}\n`;
  });
  yield* process.write(
    1,
    `${isHeaded ? 'Netid State  Recv-Q Send-Q   Local Address:Port   Peer Address:Port\n' : ''}${rows.join('')}`,
  );
  return 0;
};

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
  const { gateway } = interfaceOf(process);
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
