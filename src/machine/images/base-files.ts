/** The files that all images of a distribution have: users, folders, its release, and the commands. */
import type { ImageFile } from '../image.ts';
import type { Program } from '../program.ts';
import { extraProgramsOf, networkProgramsOf } from '../programs/network-applets.ts';
import { type Files, folder, textFile } from './image-family.ts';
import { commandsOf, SHELLS } from './shells.ts';

const FOLDERS = [
  'bin',
  'etc',
  'home',
  'usr/bin',
  'usr/sbin',
  'usr/lib',
  'usr/local/bin',
  'var/log',
  'var/run',
  'var/lib',
  'var/spool',
];

const passwd = (rows: readonly string[]): ImageFile => textFile(`${rows.join('\n')}\n`);

const BUSYBOX_USERS = [
  'root:x:0:0:root:/root:/bin/sh',
  'daemon:x:1:1:daemon:/usr/sbin:/bin/false',
  'bin:x:2:2:bin:/bin:/bin/false',
  'sys:x:3:3:sys:/dev:/bin/false',
  'sync:x:4:100:sync:/bin:/bin/sync',
  'mail:x:8:8:mail:/var/spool/mail:/bin/false',
  'www-data:x:33:33:www-data:/var/www:/bin/false',
  'operator:x:37:37:Operator:/var:/bin/false',
  'nobody:x:65534:65534:nobody:/home:/bin/false',
];

const BUSYBOX_GROUPS = [
  'root:x:0:',
  'daemon:x:1:',
  'bin:x:2:',
  'sys:x:3:',
  'adm:x:4:',
  'tty:x:5:',
  'disk:x:6:',
  'mail:x:8:',
  'wheel:x:10:root',
  'www-data:x:33:',
  'users:x:100:',
  'nobody:x:65534:',
];

const folders = (names: readonly string[]): Record<string, ImageFile> => ({
  ...Object.fromEntries(names.map((name) => [`/${name}`, folder()])),
  '/root': folder(0o700),
  '/tmp': folder(0o1777),
});

export const busyboxFiles = (): Files => ({
  ...folders([...FOLDERS, 'lib', 'lib64']),
  '/etc/passwd': passwd(BUSYBOX_USERS),
  '/etc/group': passwd(BUSYBOX_GROUPS),
  '/etc/shadow': { ...passwd(['root:*:10933:0:99999:7:::']), mode: 0o600 } as ImageFile,
  '/var/www': folder(),
  ...programFiles(commandsOf('busybox'), () => '/bin'),
  '/bin/sh': { program: SHELLS.ash },
  '/bin/ash': { program: SHELLS.ash },
  '/bin/busybox': { program: SHELLS.busybox },
});

const programFiles = (
  programs: Iterable<readonly [string, Program]>,
  where: (name: string) => string,
): Record<string, ImageFile> =>
  Object.fromEntries([...programs].map(([name, program]) => [`${where(name)}/${name}`, { program }]));

/** curl, dig, host and ss, where an image has them. */
export const extraFiles = (): Files => programFiles(extraProgramsOf('busybox'), () => '/usr/bin');

/** dig and host, of Debian's package bind9-host and dnsutils. */
export const dnsFiles = (): Files =>
  programFiles(
    [...extraProgramsOf('gnu')].filter(([name]) => name === 'dig' || name === 'host'),
    () => '/usr/bin',
  );

/** OpenBSD's nc, of the package netcat-openbsd, in place of BusyBox's. */
export const openBsdNetcat = (): Files =>
  programFiles(
    [...networkProgramsOf('gnu')].filter(([name]) => name === 'nc'),
    () => '/usr/bin',
  );

/** Commands that stand in /bin in most distributions, the others in /usr/bin. */
const IN_BIN = new Set(
  'arch ash base64 cat chgrp chmod chown cp date dd df dnsdomainname echo egrep false fgrep grep gunzip gzip hostname kill ln ls mkdir mktemp more mount mv netstat nice pidof ping ping6 printenv ps pwd rm rmdir sed sh sleep stat stty su sync tar touch true umount uname usleep vi watch zcat'.split(
    ' ',
  ),
);
const IN_SBIN = new Set('ifconfig ip route arp'.split(' '));

const alpineRelease = (version: string): string =>
  `NAME="Alpine Linux"\nID=alpine\nVERSION_ID=${version}\nPRETTY_NAME="Alpine Linux v${version.split('.').slice(0, 2).join('.')}"\nHOME_URL="https://alpinelinux.org/"\n`;

export const alpineFiles = (version: string): Files => ({
  ...folders([...FOLDERS, 'lib', 'media', 'mnt', 'opt', 'run', 'sbin', 'srv', 'var/cache']),
  '/etc/passwd': passwd([
    'root:x:0:0:root:/root:/bin/sh',
    'bin:x:1:1:bin:/bin:/sbin/nologin',
    'daemon:x:2:2:daemon:/sbin:/sbin/nologin',
    'mail:x:8:12:mail:/var/mail:/sbin/nologin',
    'ftp:x:21:21::/var/lib/ftp:/sbin/nologin',
    'guest:x:405:100:guest:/dev/null:/sbin/nologin',
    'nobody:x:65534:65534:nobody:/:/sbin/nologin',
  ]),
  '/etc/group': passwd([
    'root:x:0:root',
    'bin:x:1:root,bin,daemon',
    'daemon:x:2:root,bin,daemon',
    'sys:x:3:root,bin',
    'adm:x:4:root,daemon',
    'tty:x:5:',
    'disk:x:6:root',
    'wheel:x:10:root',
    'mail:x:12:mail',
    'users:x:100:games',
    'nogroup:x:65533:',
    'nobody:x:65534:',
  ]),
  '/etc/os-release': textFile(alpineRelease(version)),
  '/etc/alpine-release': textFile(`${version}\n`),
  '/etc/issue': textFile(`Welcome to Alpine Linux ${version}\nKernel \\r on \\m (\\l)\n\n`),
  ...programFiles(commandsOf('busybox'), (name) =>
    IN_BIN.has(name) ? '/bin' : IN_SBIN.has(name) ? '/sbin' : '/usr/bin',
  ),
  '/bin/sh': { program: SHELLS.ash },
  '/bin/ash': { program: SHELLS.ash },
  '/bin/busybox': { program: SHELLS.busybox },
  '/sbin/apk': { program: SHELLS.apk },
});

/** What Debian's and Ubuntu's images do not have before something is installed. */
const NOT_IN_DEBIAN = new Set(
  'wget curl nc telnet nslookup dig host ping ping6 ip ifconfig route netstat ss traceroute httpd ps top pgrep pkill pidof killall vi less xxd hexdump pstree uptime free watch usleep arp nmap tcpdump jq vim nano tree time su unzip'.split(
    ' ',
  ),
);

/** Debian's and Ubuntu's, with the packages that are named beside what they bring. */
export const debianFiles = (release: string, installed: readonly string[] = []): Files => ({
  ...folders([
    'boot',
    'etc',
    'home',
    'media',
    'mnt',
    'opt',
    'run',
    'srv',
    'usr/bin',
    'usr/sbin',
    'usr/lib',
    'usr/lib64',
    'usr/local/bin',
    'usr/share',
    'var/cache',
    'var/lib',
    'var/log',
    'var/tmp',
  ]),
  '/bin': { link: 'usr/bin' },
  '/sbin': { link: 'usr/sbin' },
  '/lib': { link: 'usr/lib' },
  '/lib64': { link: 'usr/lib64' },
  '/var/run': { link: '/run' },
  '/etc/passwd': passwd([
    'root:x:0:0:root:/root:/bin/bash',
    'daemon:x:1:1:daemon:/usr/sbin:/usr/sbin/nologin',
    'bin:x:2:2:bin:/bin:/usr/sbin/nologin',
    'sys:x:3:3:sys:/dev:/usr/sbin/nologin',
    'mail:x:8:8:mail:/var/mail:/usr/sbin/nologin',
    'www-data:x:33:33:www-data:/var/www:/usr/sbin/nologin',
    'nobody:x:65534:65534:nobody:/nonexistent:/usr/sbin/nologin',
  ]),
  '/etc/group': passwd([
    'root:x:0:',
    'daemon:x:1:',
    'bin:x:2:',
    'sys:x:3:',
    'adm:x:4:',
    'tty:x:5:',
    'disk:x:6:',
    'mail:x:8:',
    'www-data:x:33:',
    'users:x:100:',
    'nogroup:x:65534:',
  ]),
  '/etc/os-release': textFile(release),
  '/etc/debian_version': textFile(`${/VERSION_ID="(\d+)/.exec(release)?.[1] ?? 'trixie'}\n`),
  ...programFiles(
    commandsOf('gnu').filter(([name]) => !NOT_IN_DEBIAN.has(name) || installed.includes(name)),
    () => '/usr/bin',
  ),
  '/usr/bin/sh': { program: SHELLS.dash },
  '/usr/bin/dash': { program: SHELLS.dash },
  '/usr/bin/bash': { program: SHELLS.bash },
  '/usr/bin/apt-get': { program: SHELLS.apt },
  '/usr/bin/apt': { program: SHELLS.apt },
});
