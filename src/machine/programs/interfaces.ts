/** What a pod sees of its devices, routes and neighbours: ip, bridge, ifconfig, route, arp. */
import type { DeviceQuery, IpDialect, NamespaceTexts, NetworkDevice } from '../namespace-texts.ts';
import type { Process, Run } from '../program.ts';
import { type Applet, type Dialect, Failure, readOr, UsageError } from './applet.ts';

const ipDialect = (dialect: Dialect): IpDialect => (dialect === 'gnu' ? 'iproute2' : 'busybox');

interface IpCommand {
  form: DeviceQuery['form'];
  family: 4 | 6 | undefined;
  object: string;
  /** `show`, `get`, `add`… */
  verb: string;
  operands: string[];
}

const OBJECTS = ['address', 'link', 'route', 'neighbour'];
const VERBS = ['show', 'list', 'lst', 'get', 'add', 'append', 'change', 'delete', 'flush', 'replace', 'set'];
const SHOWN = new Set(['show', 'list', 'lst']);

const completed = (words: readonly string[], text: string): string | undefined =>
  text === 'ls' ? 'list' : words.find((word) => word.startsWith(text));

/** Options stand before the object; `-s`, `-d` and `-c` change nothing of what there is to tell. */
function ipCommand(args: readonly string[]): IpCommand {
  const rest = [...args];
  const command: IpCommand = { form: 'long', family: undefined, object: '', verb: 'show', operands: [] };
  for (; rest[0]?.startsWith('-'); rest.shift()) {
    const option = rest[0].replace(/^-+/, '');
    if (option === '4' || option === '6') command.family = option === '4' ? 4 : 6;
    else if (option !== '' && 'oneline'.startsWith(option)) command.form = 'oneline';
    else if (option.length > 1 && 'brief'.startsWith(option)) command.form = 'brief';
    else if (!/^(?:s|stat\w*|d|details|c|color|n|netns|r|resolve)$/.test(option))
      throw new Failure(`Option "${rest[0]}" is unknown, try "ip -help".`, 255);
  }
  const [object, ...words] = rest;
  if (object === undefined) throw new UsageError('');
  const known = object === '' ? undefined : completed(OBJECTS, object);
  if (known === undefined) throw new Failure(`Object "${object}" is unknown, try "ip help".`);
  command.object = known;
  const verb = words[0] === undefined || words[0] === 'dev' ? undefined : completed(VERBS, words[0]);
  if (verb !== undefined) {
    command.verb = verb;
    words.shift();
  }
  command.operands = words.filter((word) => word !== 'dev');
  return command;
}

/** What changes something of the network: only who may administer it may, and then the simulated one cannot. */
const changeFault = (process: Process): string =>
  `RTNETLINK answers: ${process.may('NET_ADMIN') ? 'Operation not supported' : 'Operation not permitted'}`;

/** iproute2 says what is wrong without its name. */
function* refused(process: Process, dialect: Dialect, message: string, status: number): Run<number> {
  if (dialect === 'busybox') throw new Failure(message, status);
  yield* process.write(2, `${message}\n`);
  return status;
}

function shownText(texts: NamespaceTexts, command: IpCommand, dialect: IpDialect): string {
  const { object, form, family, operands } = command;
  const query: DeviceQuery = { dialect, form, family, device: operands[0] };
  if (object === 'address') return texts.addresses(query);
  if (object === 'link') return texts.links(query);
  return object === 'route' ? texts.routes(family ?? 4, dialect) : texts.neighbours(family, dialect);
}

export const ip: Applet = function* (process, dialect) {
  const command = ipCommand(process.args.slice(1));
  const { object, verb, operands } = command;
  if (verb !== 'get' && !SHOWN.has(verb)) return yield* refused(process, dialect, changeFault(process), 2);
  const texts = process.namespace();
  if (object === 'route' && verb === 'get') {
    const way = operands[0] === undefined ? undefined : texts.routeTo(operands[0]);
    if (way === undefined) return yield* refused(process, dialect, 'RTNETLINK answers: Network is unreachable', 2);
    // BusyBox prints a line of it, with two spaces before the address.
    const line = `${way
      .split('\n')[0]!
      .replace(/ uid \d+ ?$/, '')
      .replace(' src ', '  src ')} \n`;
    yield* process.write(1, dialect === 'gnu' ? way : line);
    return 0;
  }
  const [device] = operands;
  const isOfDevices = object === 'address' || object === 'link';
  if (isOfDevices && device !== undefined && !texts.devices.some(({ name }) => name === device))
    return yield* refused(
      process,
      dialect,
      dialect === 'gnu' ? `Device "${device}" does not exist.` : `can't find device '${device}'`,
      1,
    );
  yield* process.write(1, shownText(texts, command, ipDialect(dialect)));
  return 0;
};

export const bridge: Applet = function* (process) {
  const [object = '', verb = 'show'] = process.args.slice(1).filter((arg) => !arg.startsWith('-'));
  if (object !== 'fdb') throw new Failure(`Object "${object}" is unknown, try "bridge help".`);
  if (!SHOWN.has(verb)) return yield* refused(process, 'gnu', changeFault(process), 2);
  yield* process.write(1, process.namespace().forwarding());
  return 0;
};

const maskOf = (bits: number): string =>
  [24, 16, 8, 0].map((shift) => ((bits === 0 ? 0 : (-1 << (32 - bits)) >>> 0) >>> shift) & 255).join('.');

const SCOPES: Readonly<Record<string, string>> = { host: 'Host', link: 'Link', global: 'Global' };

function ifconfigText({ name, isLoopback, mac, mtu, queueLength, isUp, addresses }: NetworkDevice): string {
  const kind = isLoopback ? 'Local Loopback' : `Ethernet  HWaddr ${mac.toUpperCase()}`;
  const told = addresses.map(({ address, bits, family, broadcast, scope }) =>
    family === 4
      ? `inet addr:${address}${broadcast === undefined ? '' : `  Bcast:${broadcast}`}  Mask:${maskOf(bits)}`
      : `inet6 addr: ${address}/${bits} Scope:${SCOPES[scope] ?? scope}`,
  );
  const flags = [...(isUp ? ['UP'] : []), isLoopback ? 'LOOPBACK' : 'BROADCAST', ...(isUp ? ['RUNNING'] : [])];
  const rows = [
    ...told,
    `${flags.join(' ')}${isLoopback ? '' : ' MULTICAST'}  MTU:${mtu}  Metric:1`,
    'RX packets:0 errors:0 dropped:0 overruns:0 frame:0',
    'TX packets:0 errors:0 dropped:0 overruns:0 carrier:0',
    `collisions:0 txqueuelen:${queueLength} `,
    'RX bytes:0 (0.0 B)  TX bytes:0 (0.0 B)',
  ];
  return `${name.padEnd(9)} Link encap:${kind}  \n${rows.map((row) => `          ${row}\n`).join('')}\n`;
}

export const ifconfig: Applet = function* (process) {
  const [name] = process.args.slice(1).filter((arg) => !arg.startsWith('-'));
  const devices = process.namespace().devices.toSorted((a, b) => (a.name < b.name ? -1 : 1));
  const shown = name === undefined ? devices : devices.filter((device) => device.name === name);
  if (name !== undefined && shown.length === 0)
    throw new Failure(`${name}: error fetching interface information: Device not found`);
  yield* process.write(1, shown.map(ifconfigText).join(''));
  return 0;
};

/** Four bytes as /proc has them, the first last. */
const fromHex = (word: string): string =>
  (word.match(/../g) ?? [])
    .reverse()
    .map((pair) => Number.parseInt(pair, 16))
    .join('.');

const NOWHERE = '0.0.0.0';
const GATEWAY_FLAG = 2;
const HOST_FLAG = 4;

export const route: Applet = function* (process) {
  const isNumeric = process.args.some((arg) => /^-\w*n/.test(arg));
  const rows = readOr(process, '/proc/net/route')
    .split('\n')
    .slice(1)
    .filter((line) => line.trim() !== '')
    .map((line) => {
      const [device, to, by, flags, , , metric, mask] = line.trim().split(/\s+/) as string[];
      const [destination, gateway] = [fromHex(to!), fromHex(by!)];
      const bits = Number.parseInt(flags!, 16);
      const letters = `U${bits & GATEWAY_FLAG ? 'G' : ''}${bits & HOST_FLAG ? 'H' : ''}`;
      const cells = [
        destination === NOWHERE && !isNumeric ? 'default' : destination,
        gateway === NOWHERE && !isNumeric ? '*' : gateway,
        fromHex(mask!),
      ].map((cell) => cell.padEnd(15));
      return `${cells.join(' ')} ${letters.padEnd(5)} ${metric!.padEnd(6)} ${'0'.padEnd(2)} ${'0'.padStart(7)} ${device}\n`;
    });
  const head =
    'Kernel IP routing table\nDestination     Gateway         Genmask         Flags Metric Ref    Use Iface\n';
  yield* process.write(1, head + rows.join(''));
  return 0;
};

export const arp: Applet = function* (process) {
  const rows = readOr(process, '/proc/net/arp').split('\n').slice(1);
  for (const row of rows) {
    const [address, , , mac, , device] = row.trim().split(/\s+/);
    if (device !== undefined) yield* process.write(1, `? (${address}) at ${mac} [ether]  on ${device}\n`);
  }
  return 0;
};
