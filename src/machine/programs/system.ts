/** What a container tells of itself: id, whoami, hostname, uname, date, uptime, free, nproc, arch, mount. */
import { bytesOf } from '../bytes.ts';
import { accountsOf, groupsOf, ownAccount } from './accounts.ts';
import { type Applet, attempt, complain, Failure, readOr } from './applet.ts';
import { formatDate, parseDate } from './date-format.ts';
import { parseOptions } from './options.ts';
import { hostLines, memoryInfo, processorsOf } from './system-files.ts';

export const id: Applet = function* (process, dialect) {
  const options = parseOptions(process.args, {
    short: 'ugGnr',
    long: { user: 'u', group: 'g', groups: 'G', name: 'n', real: 'r' },
  });
  const [name] = options.operands;
  const accounts = accountsOf(process);
  const groups = groupsOf(process);
  const named =
    name === undefined ? undefined : accounts.find((account) => account.name === name || String(account.uid) === name);
  if (name !== undefined && named === undefined)
    throw new Failure(dialect === 'gnu' ? `'${name}': no such user` : `unknown user ${name}`);
  const uid = named?.uid ?? process.user.uid;
  const gid = named?.gid ?? process.user.gid;
  const own =
    named === undefined
      ? process.user.groups
      : groups.filter(({ members }) => members.includes(named.name)).map((group) => group.gid);
  const all = [gid, ...own.filter((group) => group !== gid)];
  const userName = accounts.find((account) => account.uid === uid)?.name;
  const groupName = (number: number): string | undefined => groups.find((group) => group.gid === number)?.name;
  const shown = (number: number, text: string | undefined): string =>
    text === undefined ? String(number) : `${number}(${text})`;
  let text: string;
  if (options.has('u')) text = options.has('n') ? (userName ?? String(uid)) : String(uid);
  else if (options.has('g')) text = options.has('n') ? (groupName(gid) ?? String(gid)) : String(gid);
  else if (options.has('G'))
    text = all.map((group) => (options.has('n') ? (groupName(group) ?? String(group)) : String(group))).join(' ');
  else {
    const list = all.map((group) => shown(group, groupName(group))).join(',');
    text = `uid=${shown(uid, userName)} gid=${shown(gid, groupName(gid))} groups=${list}`;
  }
  yield* process.write(1, `${text}\n`);
  return 0;
};

export const whoami: Applet = function* (process, dialect) {
  const name = ownAccount(process)?.name;
  if (name === undefined) {
    throw new Failure(
      dialect === 'gnu' ? `cannot find name for user ID ${process.user.uid}` : `unknown uid ${process.user.uid}`,
    );
  }
  yield* process.write(1, `${name}\n`);
  return 0;
};

export const groups: Applet = function* (process) {
  const known = groupsOf(process);
  const all = [process.user.gid, ...process.user.groups.filter((gid) => gid !== process.user.gid)];
  yield* process.write(
    1,
    `${all.map((gid) => known.find((group) => group.gid === gid)?.name ?? String(gid)).join(' ')}\n`,
  );
  return 0;
};

export const hostname: Applet = function* (process) {
  const options = parseOptions(process.args, {
    short: 'sifdIF:A',
    long: { fqdn: 'f', short: 's', 'ip-address': 'i', domain: 'd' },
  });
  const name = process.hostname();
  if (options.operands.length > 0) throw new Failure('sethostname: Operation not permitted');
  const [address, names] = hostLines(process, name)[0] ?? [undefined, undefined];
  let text = name;
  if (options.has('i') || options.has('I')) text = address ?? '127.0.0.1';
  else if (options.has('f')) text = names?.[0] ?? name;
  else if (options.has('d')) text = (names?.[0] ?? name).split('.').slice(1).join('.');
  else if (options.has('s')) text = name.split('.')[0]!;
  yield* process.write(1, `${text}${options.has('I') ? ' ' : ''}\n`);
  return 0;
};

export const uname: Applet = function* (process) {
  const options = parseOptions(process.args, {
    short: 'asnrvmpio',
    long: { all: 'a', 'kernel-name': 's', nodename: 'n', 'kernel-release': 'r', machine: 'm', 'operating-system': 'o' },
  });
  const release = readOr(process, '/proc/sys/kernel/osrelease', '6.18.0').trim();
  const facts: Readonly<Record<string, string>> = {
    s: 'Linux',
    n: process.hostname(),
    r: release,
    v: '#1 SMP PREEMPT_DYNAMIC',
    m: 'x86_64',
    p: 'unknown',
    i: 'unknown',
    o: 'GNU/Linux',
  };
  const chosen = [...'snrvmpio'].filter(
    (letter) => options.has(letter) || (options.has('a') && letter !== 'p' && letter !== 'i'),
  );
  yield* process.write(1, `${(chosen.length > 0 ? chosen : ['s']).map((letter) => facts[letter]).join(' ')}\n`);
  return 0;
};

export const date: Applet = function* (process, dialect) {
  const options = parseOptions(process.args, {
    short: 'd:D:I::us:r:R',
    long: {
      'date=': 'd',
      'iso-8601?': 'I',
      utc: 'u',
      universal: 'u',
      'set=': 's',
      'reference=': 'r',
      'rfc-2822': 'R',
      'rfc-email': 'R',
      'rfc-3339=': '3',
    },
  });
  const text = options.value('d');
  const reference = options.value('r');
  let at = process.now();
  if (reference !== undefined) {
    at = attempt(
      () => process.files.stat(reference).modifiedAt,
      (words) => {
        throw new Failure(`${reference}: ${words}`);
      },
    );
  } else if (text !== undefined) {
    const parsed = parseDate(text, process.now());
    if (parsed === undefined) throw new Failure(`invalid date '${text}'`);
    at = parsed;
  }
  if (options.has('s')) {
    yield* complain(
      process,
      dialect === 'gnu' ? 'cannot set date: Operation not permitted' : "can't set date: Operation not permitted",
    );
  }
  const format = options.operands.find((operand) => operand.startsWith('+'))?.slice(1);
  const iso: Readonly<Record<string, string>> = {
    '': '%Y-%m-%d',
    date: '%Y-%m-%d',
    hours: '%Y-%m-%dT%H+00:00',
    minutes: '%Y-%m-%dT%H:%M+00:00',
    seconds: '%Y-%m-%dT%H:%M:%S+00:00',
    ns: '%Y-%m-%dT%H:%M:%S,%N+00:00',
  };
  let shown = '%a %b %e %H:%M:%S UTC %Y';
  if (format !== undefined) shown = format;
  else if (options.has('I')) shown = iso[options.value('I') ?? ''] ?? iso['']!;
  else if (options.has('R')) shown = '%a, %d %b %Y %H:%M:%S +0000';
  else if (options.has('3')) shown = options.value('3') === 'date' ? '%Y-%m-%d' : '%Y-%m-%d %H:%M:%S+00:00';
  yield* process.write(1, bytesOf(`${formatDate(at, shown)}\n`));
  return options.has('s') ? 1 : 0;
};

export const uptime: Applet = function* (process) {
  const seconds = Number(readOr(process, '/proc/uptime', '0 0').split(' ')[0]);
  const [one, five, fifteen] = readOr(process, '/proc/loadavg', '0.00 0.00 0.00').split(' ');
  const days = Math.floor(seconds / 86_400);
  const hours = Math.floor(seconds / 3600) % 24;
  const minutes = Math.floor(seconds / 60) % 60;
  const up = `${days > 0 ? `${days} day${days === 1 ? '' : 's'}, ` : ''}${hours > 0 ? `${String(hours).padStart(2)}:${String(minutes).padStart(2, '0')}` : `${minutes} min`}`;
  yield* process.write(
    1,
    ` ${formatDate(process.now(), '%H:%M:%S')} up ${up},  0 users,  load average: ${one}, ${five}, ${fifteen}\n`,
  );
  return 0;
};

export const free: Applet = function* (process) {
  const options = parseOptions(process.args, { short: 'bkmght' });
  const info = memoryInfo(process);
  const kilobytes = (name: string): number => info.get(name) ?? 0;
  const unit = options.has('b') ? 1 / 1024 : options.has('m') ? 1024 : options.has('g') ? 1024 ** 2 : 1;
  const show = (value: number): string =>
    (options.has('h')
      ? value >= 1024 ** 2
        ? `${(value / 1024 ** 2).toFixed(1)}G`
        : `${(value / 1024).toFixed(1)}M`
      : String(Math.floor(value / unit))
    ).padStart(12);
  const total = kilobytes('MemTotal');
  const cache = kilobytes('Buffers') + kilobytes('Cached');
  const used = total - kilobytes('MemFree') - cache;
  const head = `${' '.repeat(14)}${['total', 'used', 'free', 'shared', 'buff/cache', 'available'].map((name) => name.padStart(name === 'total' ? 5 : 12)).join('')}`;
  const memory = [total, used, kilobytes('MemFree'), kilobytes('Shmem'), cache, kilobytes('MemAvailable')]
    .map(show)
    .join('');
  const swap = [kilobytes('SwapTotal'), kilobytes('SwapTotal') - kilobytes('SwapFree'), kilobytes('SwapFree')]
    .map(show)
    .join('');
  yield* process.write(1, `${head}\nMem:   ${memory}\nSwap:  ${swap}\n`);
  return 0;
};

export const nproc: Applet = function* (process) {
  yield* process.write(1, `${processorsOf(process)}\n`);
  return 0;
};

export const arch: Applet = function* (process) {
  yield* process.write(1, 'x86_64\n');
  return 0;
};

export const mount: Applet = function* (process) {
  const options = parseOptions(process.args, { short: 'at:o:rwnv' });
  const { operands } = options;
  const wanted = options.value('t');
  if (operands.length > 0) throw new Failure(`permission denied (are you root?)`);
  const lines = process.files
    .mounts()
    .filter(({ type }) => wanted === undefined || type === wanted)
    .map(({ device, path, type, options }) => `${device} on ${path} type ${type} (${options})\n`);
  yield* process.write(1, bytesOf(lines.join('')));
  return 0;
};

export const umount: Applet = function* (process) {
  const path = process.args.at(-1)!;
  yield* complain(
    process,
    `can't unmount ${path}: ${process.user.uid === 0 ? 'Operation not permitted' : 'Permission denied'}`,
  );
  return 1;
};

/** Says nothing and is done: sync, clear of what needs no screen. */
// biome-ignore lint/correctness/useYield: it never waits, but is called as what may.
export const succeed: Applet = function* () {
  return 0;
};

// biome-ignore lint/correctness/useYield: it never waits, but is called as what may.
export const fail: Applet = function* () {
  return 1;
};

export const logname: Applet = function* (process) {
  const name = process.env.get('LOGNAME');
  if (name === undefined) throw new Failure('getlogin: No such file or directory');
  yield* process.write(1, `${name}\n`);
  return 0;
};

/** Users of the machine: nobody has logged in. */
export const who: Applet = function* (process) {
  yield* process.write(1, '');
  return 0;
};
