/** nslookup, dig, host and getent. */
import { bytesOf } from '../bytes.ts';
import type { DnsRecord, Resolution } from '../network.ts';
import type { Process, Run } from '../program.ts';
import { type Applet, Failure, readOr, UsageError } from './applet.ts';
import { formatDate } from './date-format.ts';
import { isAddress } from './http-client.ts';

type RecordType = NonNullable<Parameters<Process['resolve']>[1]>;

const TYPES: readonly RecordType[] = ['A', 'AAAA', 'CNAME', 'SRV', 'PTR', 'TXT', 'NS', 'MX', 'SOA', 'ANY'];

const typeNamed = (text: string): RecordType | undefined => TYPES.find((type) => type === text.toUpperCase());

/** The name under which an address is looked up: `4.0.96.10.in-addr.arpa`. */
export const reverseName = (address: string): string => `${address.split('.').reverse().join('.')}.in-addr.arpa`;

const withoutDot = (name: string): string => name.replace(/\.$/, '');

function busyboxAnswer({ name, type, data }: DnsRecord): string {
  const own = withoutDot(name);
  if (type === 'A' || type === 'AAAA') return `Name:\t${own}\nAddress: ${data}\n`;
  if (type === 'CNAME') return `${own}\tcanonical name = ${withoutDot(data)}\n`;
  if (type === 'PTR') return `${own}\tname = ${withoutDot(data)}\n`;
  if (type === 'SRV') return `${own}\tservice = ${withoutDot(data)}\n`;
  if (type === 'TXT') return `${own}\ttext = ${data}\n`;
  if (type === 'NS') return `${own}\tnameserver = ${withoutDot(data)}\n`;
  if (type === 'MX') return `${own}\tmail exchanger = ${withoutDot(data)}\n`;
  return `${own}\t${type.toLowerCase()} = ${data}\n`;
}

/** nslookup as BusyBox has it since 1.31, and as bind's. */
export const nslookup: Applet = function* (process, dialect) {
  const options = process.args.slice(1).filter((arg) => arg.startsWith('-'));
  const [host, server] = process.args.slice(1).filter((arg) => !arg.startsWith('-'));
  if (host === undefined) throw new UsageError('');
  const asked = options
    .map((option) => /^-(?:type|query|querytype|q)=(.*)$/i.exec(option)?.[1])
    .find((type) => type !== undefined);
  const type = asked === undefined ? undefined : typeNamed(asked);
  if (asked !== undefined && type === undefined) throw new Failure(`invalid query type "${asked}"`);
  const isReverse = isAddress(host) && type === undefined;
  const name = isReverse ? reverseName(host) : host;
  const types: RecordType[] = isReverse ? ['PTR'] : type === undefined ? ['A', 'AAAA'] : [type];
  const found: Resolution[] = [];
  for (const each of types) {
    const resolution = yield* process.resolve(name, each);
    found.push(resolution);
    if (resolution.code === 'TIMEOUT' || (resolution.code !== 'NOERROR' && dialect === 'gnu')) break;
  }
  const shownServer = server ?? found[0]!.server;
  if (found.some(({ code }) => code === 'TIMEOUT')) {
    yield* process.write(1, ';; connection timed out; no servers could be reached\n\n');
    return 1;
  }
  let out =
    dialect === 'gnu'
      ? `Server:\t\t${shownServer}\nAddress:\t${shownServer}#53\n\n`
      : `Server:\t\t${shownServer}\nAddress:\t${shownServer}:53\n\n`;
  let failed = 0;
  for (const { code, answers, question } of found) {
    const shown = withoutDot(question || name);
    if (code !== 'NOERROR') {
      out += `** server can't find ${shown}: ${code}\n\n`;
      failed++;
    } else if (answers.length > 0) out += `${answers.map(busyboxAnswer).join('')}\n`;
    else if (type !== undefined || dialect === 'gnu')
      out += found.some((one) => one.answers.length > 0) ? '' : `*** Can't find ${shown}: No answer\n\n`;
  }
  yield* process.write(1, bytesOf(`${out.replace(/\n+$/, '\n')}\n`));
  return failed === found.length ? 1 : 0;
};

const row = ({ name, ttl, type, data }: DnsRecord): string =>
  `${`${withoutDot(name)}.`.padEnd(23)}\t${ttl}\tIN\t${type}\t${data}\n`;

export const dig: Applet = function* (process) {
  const flags = new Set<string>();
  let name: string | undefined;
  let type: RecordType = 'A';
  let server: string | undefined;
  const args = process.args.slice(1);
  for (let i = 0; i < args.length; i++) {
    const arg = args[i]!;
    const named = typeNamed(arg);
    if (arg.startsWith('+')) flags.add(arg.slice(1).replace(/=.*/, ''));
    else if (arg.startsWith('@')) server = arg.slice(1);
    else if (arg === '-x') {
      name = reverseName(args[++i] ?? '');
      type = 'PTR';
    } else if (arg === '-t') type = typeNamed(args[++i] ?? '') ?? 'A';
    else if (arg === '-p' || arg === '-q') i++;
    else if (named !== undefined && name !== undefined) type = named;
    else if (!arg.startsWith('-') && arg !== 'IN') name = arg;
  }
  const asked = name ?? '.';
  // Without +search the name is taken as it is.
  const full = flags.has('search') || asked.endsWith('.') ? asked : `${asked}.`;
  const { code, answers, authority, question, server: answered } = yield* process.resolve(full, type);
  const shown = server ?? answered;
  if (code === 'TIMEOUT') {
    yield* process.write(
      1,
      `;; communications error to ${shown}#53: timed out\n\n; <<>> DiG 9.18.28 <<>> ${args.join(' ')}\n;; global options: +cmd\n;; no servers could be reached\n`,
    );
    return 9;
  }
  if (flags.has('short')) {
    yield* process.write(1, answers.map(({ data }) => `${data}\n`).join(''));
    return 0;
  }
  if (flags.has('noall')) {
    yield* process.write(1, flags.has('answer') ? answers.map(row).join('') : '');
    return 0;
  }
  const owner = `${withoutDot(question || asked)}.`;
  const id = Math.floor(process.random() * 65_536);
  let out = `\n; <<>> DiG 9.18.28 <<>> ${args.join(' ')}\n;; global options: +cmd\n;; Got answer:\n`;
  out += `;; ->>HEADER<<- opcode: QUERY, status: ${code}, id: ${id}\n;; flags: qr aa rd; QUERY: 1, ANSWER: ${answers.length}, AUTHORITY: ${authority.length}, ADDITIONAL: 1\n`;
  out += `;; WARNING: recursion requested but not available\n\n;; OPT PSEUDOSECTION:\n; EDNS: version: 0, flags:; udp: 1232\n;; QUESTION SECTION:\n;${owner.padEnd(30)}\tIN\t${type}\n\n`;
  if (answers.length > 0) out += `;; ANSWER SECTION:\n${answers.map(row).join('')}\n`;
  if (authority.length > 0) out += `;; AUTHORITY SECTION:\n${authority.map(row).join('')}\n`;
  out += `;; Query time: 0 msec\n;; SERVER: ${shown}#53(${shown}) (UDP)\n;; WHEN: ${formatDate(process.now(), '%a %b %d %H:%M:%S UTC %Y')}\n;; MSG SIZE  rcvd: ${60 + 30 * answers.length}\n\n`;
  yield* process.write(1, bytesOf(out));
  return 0;
};

export const host: Applet = function* (process) {
  const args = process.args.slice(1);
  const at = args.indexOf('-t');
  const type = at < 0 ? undefined : typeNamed(args[at + 1] ?? '');
  const [name] = args.filter((arg, i) => !arg.startsWith('-') && (at < 0 || i !== at + 1));
  if (name === undefined) throw new UsageError('');
  const asked = isAddress(name) ? reverseName(name) : name;
  const { code, answers, question } = yield* process.resolve(asked, type ?? (isAddress(name) ? 'PTR' : 'A'));
  if (code === 'TIMEOUT') {
    yield* process.write(1, ';; connection timed out; no servers could be reached\n');
    return 1;
  }
  if (code !== 'NOERROR') {
    yield* process.write(
      1,
      `Host ${withoutDot(question || asked)} not found: ${code === 'NXDOMAIN' ? '3(NXDOMAIN)' : '2(SERVFAIL)'}\n`,
    );
    return 1;
  }
  const words: Readonly<Record<string, string>> = {
    A: 'has address',
    AAAA: 'has IPv6 address',
    CNAME: 'is an alias for',
    PTR: 'domain name pointer',
    SRV: 'has SRV record',
    TXT: 'descriptive text',
    NS: 'name server',
    MX: 'mail is handled by',
    SOA: 'has SOA record',
  };
  if (answers.length === 0) yield* process.write(1, `${withoutDot(question || asked)} has no ${type ?? 'A'} record\n`);
  yield* process.write(
    1,
    bytesOf(
      answers
        .map(({ name: owner, type: kind, data }) => `${withoutDot(owner)} ${words[kind] ?? kind} ${data}\n`)
        .join(''),
    ),
  );
  return 0;
};

export const getent: Applet = function* (process) {
  const [database, ...keys] = process.args.slice(1);
  if (database === 'hosts' || database === 'ahosts' || database === 'ahostsv4')
    return yield* hostEntries(process, keys, database !== 'hosts');
  const path =
    database === 'passwd' || database === 'group' || database === 'services' ? `/etc/${database}` : undefined;
  if (path === undefined) throw new Failure(`Unknown database: ${database ?? ''}`);
  const lines = readOr(process, path)
    .split('\n')
    .filter((line) => line !== '');
  const found =
    keys.length === 0
      ? lines
      : lines.filter((line) => keys.some((key) => line.split(':')[0] === key || line.split(':')[2] === key));
  yield* process.write(1, found.map((line) => `${line}\n`).join(''));
  return found.length > 0 ? 0 : 2;
};

function* hostEntries(process: Process, keys: readonly string[], isLong: boolean): Run<number> {
  for (const key of keys) {
    const { answers } = yield* process.resolve(key, 'A');
    const addresses = answers.filter(({ type }) => type === 'A');
    if (addresses.length === 0) return 2;
    for (const { data, name } of addresses) {
      yield* process.write(
        1,
        isLong
          ? `${data.padEnd(15)} STREAM ${key}\n${data.padEnd(15)} DGRAM  \n${data.padEnd(15)} RAW    \n`
          : `${data.padEnd(15)} ${withoutDot(name)}\n`,
      );
      if (!isLong) break;
    }
  }
  return 0;
}
