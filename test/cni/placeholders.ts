/** Recorded cases name what differs from run to run by placeholders: paths, hardware addresses and names of veth devices. */

const MAC = /\b(?:[0-9a-f]{2}:){5}[0-9a-f]{2}\b/g;
const VETH = /\bveth[0-9a-f]{8}\b/g;
const PLACEHOLDER = /<(?:mac|veth|netns):\w+>|<dataDir>|<etc>|<cniPath>/g;

/** What stands for the placeholders that don't come from the plugins' own answers. */
const PATHS: Record<string, string> = {
  '<dataDir>': '/run/cni-ipam-state',
  '<etc>': '/etc/cni-test',
  '<cniPath>': '/opt/cni/bin',
  '<netns:host>': '/proc/1/ns/net',
  ...Object.fromEntries(Array.from({ length: 9 }, (_, i) => [`<netns:${i + 1}>`, `/var/run/netns/pod-${i + 1}`])),
};

/** `value` with every text in it, keys too, passed through `change`. */
function mapTexts(value: unknown, change: (text: string) => string): unknown {
  if (typeof value === 'string') return change(value);
  if (Array.isArray(value)) return value.map((item) => mapTexts(item, change));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, part]) => [change(key), mapTexts(part, change)]));
}

const escaped = (text: string): string => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');

/** Numbered as they are met: the order in which values are passed is part of what is compared. */
export class Placeholders {
  readonly #actual = new Map(Object.entries(PATHS));
  readonly #names = new Map(Object.entries(PATHS).map(([name, actual]) => [actual, name]));
  readonly #paths = new RegExp(
    Object.values(PATHS)
      .sort((a, b) => b.length - a.length)
      .map(escaped)
      .join('|'),
    'g',
  );
  /** Addresses that the case itself asks for. */
  readonly #literal: Set<string>;
  readonly #count = { mac: 0, veth: 0 };

  constructor(inputs: unknown) {
    this.#literal = new Set(['00:00:00:00:00:00', 'ff:ff:ff:ff:ff:ff', ...(JSON.stringify(inputs).match(MAC) ?? [])]);
  }

  /** Values as they are, by placeholders. */
  hide<T>(value: T): T {
    const named = (kind: 'mac' | 'veth', text: string): string => {
      if (this.#literal.has(text)) return text;
      const known = this.#names.get(text);
      if (known !== undefined) return known;
      const name = `<${kind}:${++this.#count[kind]}>`;
      this.#names.set(text, name);
      this.#actual.set(name, text);
      return name;
    };
    return mapTexts(value, (text) =>
      text
        .replace(this.#paths, (path) => this.#names.get(path)!)
        .replace(MAC, (mac) => named('mac', mac))
        .replace(VETH, (veth) => named('veth', veth)),
    ) as T;
  }

  /** Placeholders by values; one that no answer has told stands for something that was there before. */
  fill<T>(value: T): T {
    return mapTexts(value, (text) =>
      text.replace(PLACEHOLDER, (name) => this.#actual.get(name) ?? this.#new(name)),
    ) as T;
  }

  #new(name: string): string {
    const kind = name.startsWith('<veth') ? 'veth' : 'mac';
    const number = Number(/\d+/.exec(name)![0]);
    this.#count[kind] = Math.max(this.#count[kind], number);
    const hex = number.toString(16);
    const actual = kind === 'veth' ? `veth${hex.padStart(8, '0')}` : `02:00:00:00:ff:${hex.padStart(2, '0')}`;
    this.#actual.set(name, actual);
    this.#names.set(actual, name);
    return actual;
  }
}
