/** The commands of the network, by their names. */
import { type AppletTable, programsOf } from './applet.ts';
import { nc, telnet } from './connections.ts';
import { curl } from './curl.ts';
import { dig, getent, host, nslookup } from './dns.ts';
import { httpd } from './httpd.ts';
import { arp, bridge, ifconfig, ip, route } from './interfaces.ts';
import { ping, traceroute } from './ping.ts';
import { netstat, ss } from './socket-lists.ts';
import { wget } from './wget.ts';

const APPLETS: AppletTable = {
  arp: [arp, '[-vn] [-H HWTYPE] [-i IF] -a [HOSTNAME]'],
  getent: [getent, 'DATABASE [KEY]...'],
  httpd: [httpd, '[-ifv[v]] [-c CONFFILE] [-p [IP:]PORT] [-u USER[:GRP]] [-r REALM] [-h HOME]'],
  ifconfig: [ifconfig, '[-a] [IFACE]'],
  ip: [ip, '[OPTIONS] address|route|link|neigh [ARGS]'],
  nc: [nc, '[-iN] [-wN] [-l] [-p PORT] [-f FILE|IPADDR PORT] [-e PROG]'],
  netstat: [netstat, '[-ral] [-tuwx] [-enWp]'],
  nslookup: [nslookup, '[-type=QUERY_TYPE] [-debug] HOST [DNS_SERVER]'],
  ping: [ping, '[OPTIONS] HOST'],
  ping6: [ping, '[OPTIONS] HOST'],
  route: [route, '[-ne]'],
  telnet: [telnet, '[-a] [-l USER] HOST [PORT]'],
  traceroute: [traceroute, '[OPTIONS] HOST [BYTES]'],
  wget: [wget, '[-cqS] [--spider] [-O FILE] [-o LOGFILE] [-T SEC] [--header STR] URL...'],
};

/** What images have beside a shell only where somebody put it there. */
const EXTRAS: AppletTable = {
  bridge: [bridge, 'fdb [show]'],
  curl: [curl, '[options...] <url>'],
  dig: [dig, '[@server] [name] [type] [+options]'],
  host: [host, '[-t type] {name} [server]'],
  ss: [ss, '[ OPTIONS ] [ FILTER ]'],
};

/** All of them in a dialect. */
export const networkProgramsOf = programsOf(APPLETS);

/** bridge, curl, dig, host and ss. */
export const extraProgramsOf = programsOf(EXTRAS);
