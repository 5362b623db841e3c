/**
 * Two nodes with two pods each, and a stranger, as network namespaces of the kernel that runs this: the same addresses as in
 * src/network/world/test-cluster.ts.
 */
import { type ChildProcessByStdio, execFileSync, spawn } from 'node:child_process';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';

/** Names of this process's namespaces begin so. */
const PREFIX = `dio${process.pid}`;
/** Seconds until nobody has answered. Over IPv6 it is the second SYN, after one, that is taken for refused. */
const TIMEOUT = 1.5;

export interface Asked {
  protocol: string;
  family: 4 | 6;
  address: string;
  port: number;
  bind?: string;
}

export interface Answered {
  verdict: string;
  name?: string;
  source?: string;
}

const run = (command: string, input?: string): string => {
  const [program = '', ...args] = command.split(' ');
  return execFileSync(program, args, {
    encoding: 'utf8',
    stdio: ['pipe', 'pipe', 'pipe'],
    ...(input === undefined ? {} : { input }),
  });
};

/** Why it cannot be done here; undefined: it can. */
export function whyNot(): string | undefined {
  if (process.getuid?.() !== 0) return 'it takes root';
  for (const program of ['ip', 'iptables-legacy-restore', 'iptables-nft-restore', 'nft', 'python3'])
    try {
      execFileSync(program, ['--version'], { stdio: 'ignore' });
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return `there is no ${program}`;
    }
  try {
    run(`ip netns add ${PREFIX}try`);
    run(`ip netns del ${PREFIX}try`);
    return undefined;
  } catch {
    return 'network namespaces are not allowed';
  }
}

const space = (name: string): string => `${PREFIX}${name}`;
const inside = (name: string, command: string, input?: string): string =>
  run(`ip netns exec ${space(name)} ${command}`, input);

const PODS = [
  { name: 'web-a', node: 0, host: 10 },
  { name: 'client', node: 0, host: 20 },
  { name: 'web-b', node: 1, host: 10 },
  { name: 'other', node: 1, host: 20 },
];
const SPACES = ['outside', 'node-0', 'node-1', ...PODS.map(({ name }) => name)];

function settings(name: string): void {
  const values = [
    'ipv4.ip_forward=1',
    'ipv4.conf.all.rp_filter=0',
    'ipv4.conf.default.rp_filter=0',
    'ipv4.conf.all.route_localnet=1',
    'ipv4.conf.default.route_localnet=1',
    'ipv6.conf.all.forwarding=1',
    'ipv6.conf.default.accept_dad=0',
    'ipv6.conf.all.accept_dad=0',
  ];
  inside(name, `sysctl -qw ${values.map((value) => `net.${value}`).join(' ')}`);
}

/** A pair of devices between two namespaces, up. */
function pair(a: string, deviceA: string, b: string, deviceB: string): void {
  run(`ip link add ${deviceA} netns ${space(a)} type veth peer name ${deviceB} netns ${space(b)}`);
  inside(a, `ip link set ${deviceA} up`);
  inside(b, `ip link set ${deviceB} up`);
}

const address = (name: string, device: string, net: string): void =>
  void inside(name, `ip addr add ${net} dev ${device}${net.includes(':') ? ' nodad' : ''}`);

function bridge(name: string, device: string, ports: string[], nets: string[]): void {
  inside(name, `ip link add ${device} type bridge`);
  for (const port of ports) {
    inside(name, `ip link set ${port} master ${device}`);
    inside(name, `bridge link set dev ${port} hairpin on`);
  }
  inside(name, `ip link set ${device} up`);
  for (const net of nets) address(name, device, net);
}

export function build(): void {
  for (const name of SPACES) {
    run(`ip netns add ${space(name)}`);
    settings(name);
    inside(name, 'ip link set lo up');
  }
  for (const node of [0, 1]) pair('outside', `to${node}`, `node-${node}`, 'eth0');
  for (const { name, node } of PODS) pair(`node-${node}`, `veth-${name}`, name, 'eth0');
  bridge('outside', 'lan', ['to0', 'to1'], ['172.18.0.1/16', 'fc00:18::1/64']);
  address('outside', 'lo', '198.51.100.7/32');
  address('outside', 'lo', '2001:db8::7/128');
  for (const node of [0, 1]) buildNode(node);
  for (const { name, node, host } of PODS) {
    address(name, 'eth0', `10.244.${node}.${host}/24`);
    address(name, 'eth0', `fd00:10:244:${node}::${host}/64`);
    inside(name, `ip route add default via 10.244.${node}.1`);
    inside(name, `ip -6 route add default via fd00:10:244:${node}::1`);
  }
}

function buildNode(node: number): void {
  const name = `node-${node}`;
  const other = 1 - node;
  const ports = PODS.filter((pod) => pod.node === node).map((pod) => `veth-${pod.name}`);
  address(name, 'eth0', `172.18.0.${node + 2}/16`);
  address(name, 'eth0', `fc00:18::${node + 2}/64`);
  bridge(name, 'cni0', ports, [`10.244.${node}.1/24`, `fd00:10:244:${node}::1/64`]);
  // What bridges pass on is shown to rules, without which answers inside a node would keep their addresses.
  for (const tables of ['iptables', 'ip6tables']) inside(name, `sysctl -qw net.bridge.bridge-nf-call-${tables}=1`);
  inside(name, `ip route add 10.244.${other}.0/24 via 172.18.0.${other + 2}`);
  inside(name, `ip -6 route add fd00:10:244:${other}::/64 via fc00:18::${other + 2}`);
  inside(name, 'ip route add default via 172.18.0.1');
  inside(name, 'ip -6 route add default via fc00:18::1');
}

export type Backend = 'iptables-legacy' | 'iptables-nft' | 'nftables';

/** Loads a node's rules as they are, in place of all that there were. */
export function load(backend: Backend, node: string, text: string, family: 4 | 6): void {
  if (backend === 'nftables') inside(node, 'nft -f -', text);
  else inside(node, `${family === 6 ? 'ip6tables' : 'iptables'}-${backend.slice('iptables-'.length)}-restore`, text);
}

export function unload(backend: Backend, node: string): void {
  if (backend !== 'iptables-legacy') inside(node, 'nft flush ruleset');
  else
    for (const family of ['iptables', 'ip6tables'])
      inside(node, `${family}-legacy-restore`, '*filter\nCOMMIT\n*nat\nCOMMIT\n');
}

export function destroy(): void {
  for (const name of SPACES)
    try {
      run(`ip netns del ${space(name)}`);
    } catch {
      // It was never made.
    }
}

type Process = ChildProcessByStdio<Writable, Readable, null>;

/** The programs of one namespace. */
export class Runner {
  readonly #process: Process;
  readonly #waiting: ((line: string) => void)[] = [];

  constructor(name: string, listens: [string, number][]) {
    const script = join(import.meta.dirname, 'kernel-runner.py');
    const args = ['netns', 'exec', space(name), 'python3', script, name, String(TIMEOUT), JSON.stringify(listens)];
    this.#process = spawn('ip', args, { stdio: ['pipe', 'pipe', 'inherit'] });
    createInterface(this.#process.stdout).on('line', (line) => this.#waiting.shift()?.(line));
  }

  next(): Promise<Answered> {
    return new Promise((resolve) => {
      this.#waiting.push((line) => resolve(JSON.parse(line)));
    });
  }

  connect(asked: Asked): Promise<Answered> {
    this.#process.stdin.write(`${JSON.stringify(asked)}\n`);
    return this.next();
  }

  end(): void {
    this.#process.stdin.end();
    this.#process.kill();
  }
}
