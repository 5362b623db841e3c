/** host-local's reservations: a file for each address, which names the container and its interface. Source: host-local/backend/disk. */
import { type IP, printIP, readIP } from '../../ip-addresses.ts';
import type { Machine } from '../machine.ts';

const DEFAULT_FOLDER = '/var/lib/cni/networks';
const LAST = 'last_reserved_ip.';
const LOCK = 'lock';

/** The folder of one network. */
export class Reservations {
  readonly #machine: Machine;
  readonly #folder: string;

  constructor(machine: Machine, dataDir: string, network: string) {
    this.#machine = machine;
    this.#folder = cleanPath(`${dataDir === '' ? DEFAULT_FOLDER : dataDir}/${network}`);
    machine.files[`${this.#folder}/${LOCK}`] ??= '';
  }

  /** Files below the folder, in other folders too. */
  *#entries(): Generator<[path: string, holder: string]> {
    const { files, work } = this.#machine;
    const paths = Object.keys(files);
    work.spend(paths.length);
    for (const path of paths) if (path.startsWith(`${this.#folder}/`)) yield [path, files[path]!.trim()];
  }

  /** Whether the address was free. `set`: the number of the range set, which goes on from here the next time. */
  reserve(ip: IP, containerID: string, ifname: string, set: number): boolean {
    const { files } = this.#machine;
    const path = `${this.#folder}/${printIP(ip)}`;
    this.#machine.work.spend(1);
    if (Object.hasOwn(files, path)) return false;
    files[path] = `${containerID.trim()}\r\n${ifname}`;
    this.setLast(ip, set);
    return true;
  }

  /** Whichever was given out last of a range set: the next one is the one after it. */
  setLast(ip: IP, set: number): void {
    this.#machine.files[`${this.#folder}/${LAST}${set}`] = printIP(ip);
  }

  last(set: number): IP | undefined {
    const text = this.#machine.files[`${this.#folder}/${LAST}${set}`];
    return text === undefined ? undefined : readIP(text);
  }

  /** Older releases wrote the container alone. */
  #keys(containerID: string, ifname: string): [key: string, oldKey: string] {
    const id = containerID.trim();
    return [`${id}\r\n${ifname}`, id];
  }

  has(containerID: string, ifname: string): boolean {
    const keys = this.#keys(containerID, ifname);
    return [...this.#entries()].some(([, holder]) => keys.includes(holder));
  }

  addressesOf(containerID: string, ifname: string): IP[] {
    const keys = this.#keys(containerID, ifname);
    return [...this.#entries()]
      .filter(([, holder]) => keys.includes(holder))
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .flatMap(([path]) => readIP(path.slice(path.lastIndexOf('/') + 1)) ?? []);
  }

  release(containerID: string, ifname: string): void {
    for (const key of this.#keys(containerID, ifname)) {
      const held = [...this.#entries()].filter(([, holder]) => holder === key);
      for (const [path] of held) delete this.#machine.files[path];
      if (held.length > 0) return;
    }
  }

  /** Everything but what the attachments hold. */
  releaseExcept(attachments: readonly { containerID: string; ifname: string }[]): void {
    const kept = new Set(attachments.map(({ containerID, ifname }) => this.#keys(containerID, ifname)[0]));
    for (const [path, holder] of [...this.#entries()]) {
      const isAddress = readIP(path.slice(path.lastIndexOf('/') + 1)) !== undefined;
      if (isAddress && !kept.has(holder)) delete this.#machine.files[path];
    }
  }
}

/** Without `.`, `..` and doubled slashes. */
function cleanPath(path: string): string {
  const parts: string[] = [];
  for (const part of path.split('/')) {
    if (part === '' || part === '.') continue;
    if (part === '..') parts.pop();
    else parts.push(part);
  }
  return `${path.startsWith('/') ? '/' : ''}${parts.join('/')}`;
}
