/**
 * The only source of chance: a value is a function of the cluster's seed and of what it is for, so the same seed and the same
 * requests give the same names, uids and choices.
 */

/** The alphabet of Kubernetes' generated names: no vowels, no look-alikes (k8s.io/apimachinery/pkg/util/rand). */
const SUFFIX_ALPHABET = 'bcdfghjklmnpqrstvwxz2456789';

export interface Random {
  /** A generated-name suffix such as `x7k2p`. */
  suffix(length: number): string;
  /** A version 4 UUID. */
  uid(): string;
  /** A whole number from 0 to `below` - 1. */
  integer(below: number): number;
}

/**
 * A stream of values for one purpose, e.g. `createRandom(seed, `${revision}/create/pods/default`)`.
 * Two streams with different purposes are independent.
 */
export function createRandom(seed: string, purpose: string): Random {
  const state = hash128(`${seed}\0${purpose}`);
  const next = (): number => sfc32(state);
  const integer = (below: number): number => Math.floor((next() / 0x1_0000_0000) * below);
  return {
    integer,
    suffix: (length) => {
      let text = '';
      for (let i = 0; i < length; i++) text += SUFFIX_ALPHABET[integer(SUFFIX_ALPHABET.length)];
      return text;
    },
    uid: () => {
      const words = [next(), next(), next(), next()];
      const hex = words.map((w) => w.toString(16).padStart(8, '0')).join('');
      const variant = ((Number.parseInt(hex.charAt(16), 16) & 3) | 8).toString(16);
      return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-${variant}${hex.slice(17, 20)}-${hex.slice(20)}`;
    },
  };
}

/** What was drawn once is drawn again after `rewind`, in the same order; what comes after that is new. */
export class ReplayedRandom implements Random {
  readonly #random: Random;
  readonly #drawn: (string | number)[] = [];
  #next = 0;

  constructor(random: Random) {
    this.#random = random;
  }

  rewind(): void {
    this.#next = 0;
  }

  suffix(length: number): string {
    return this.#draw(() => this.#random.suffix(length));
  }

  uid(): string {
    return this.#draw(() => this.#random.uid());
  }

  integer(below: number): number {
    return this.#draw(() => this.#random.integer(below));
  }

  #draw<T extends string | number>(draw: () => T): T {
    if (this.#next === this.#drawn.length) this.#drawn.push(draw());
    return this.#drawn[this.#next++] as T;
  }
}

/** Four 32-bit words of FNV-1a with different offsets, mixed: good enough to tell purposes apart. */
function hash128(text: string): [number, number, number, number] {
  const words: [number, number, number, number] = [0x811c9dc5, 0x9e3779b9, 0x85ebca6b, 0xc2b2ae35];
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    words[0] = Math.imul(words[0] ^ unit, 0x01000193);
    words[1] = Math.imul(words[1] ^ (unit + words[0]), 0x01000193);
    words[2] = Math.imul(words[2] ^ (unit + words[1]), 0x01000193);
    words[3] = Math.imul(words[3] ^ (unit + words[2]), 0x01000193);
  }
  for (let i = 0; i < 12; i++) sfc32(words);
  return words;
}

/** Chris Doty-Humphrey's small fast counter: the next 32-bit word, advancing `s` in place. */
function sfc32(s: [number, number, number, number]): number {
  const sum = (s[0] + s[1] + s[3]) | 0;
  s[3] = (s[3] + 1) | 0;
  s[0] = s[1] ^ (s[1] >>> 9);
  s[1] = (s[2] + (s[2] << 3)) | 0;
  s[2] = ((s[2] << 21) | (s[2] >>> 11)) + sum;
  s[2] |= 0;
  return sum >>> 0;
}
