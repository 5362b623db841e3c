/** How much a YAML document is: what is read of it, and what its aliases copy. Bounded. models go.yaml.in/yaml/v2/decode.go */
import { setOwn } from '../../../objects/own.ts';
import { failure, MAX_YAML_DEPTH, tooDeep } from './tokens.ts';

/** Values in one document, copies that aliases make among them. */
export const MAX_YAML_NODES = 1_000_000;

/** Characters that all copies of a document may have together. */
export const MAX_ALIASED_CHARACTERS = 3 * 1024 * 1024;

/** How much of a document may come from aliases, as Go counts it: 99 %, and of large ones less. */
const FEW_NODES = 400_000;

const MANY_NODES = 4_000_000;

/** What an anchor names; undefined while that is not complete. */
interface Anchored {
  value: unknown;
  nodes: number;
  characters: number;
  depth: number;
}

export function copy(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map(copy);
  const map: Record<string, unknown> = {};
  for (const [key, part] of Object.entries(value)) setOwn(map, key, copy(part));
  return map;
}

/** What there was before a value that has an anchor. */
interface Begun {
  nodes: number;
  characters: number;
  deepest: number;
}

export class Amount {
  readonly #anchors = new Map<string, Anchored | undefined>();
  #nodes = 0;
  #aliased = 0;
  #characters = 0;
  #aliasedCharacters = 0;
  #depth = 0;
  /** How deep it went since somebody asked. */
  #deepest = 0;

  /** One value more. */
  count(characters: number): void {
    this.#characters += characters;
    if (++this.#nodes > MAX_YAML_NODES) throw failure(0, `document contains more than ${MAX_YAML_NODES} values`);
  }

  /** A value within another begins. Its reader is not called from here: each call within another is stack that depth does not get. */
  enter(line: () => number): void {
    this.count(2);
    if (++this.#depth > MAX_YAML_DEPTH) throw tooDeep(line());
    this.#deepest = Math.max(this.#deepest, this.#depth);
  }

  leave(): void {
    this.#depth--;
  }

  /** A value that has an anchor begins; the answer is for when it ends. */
  beginAnchored(anchor: string): Begun {
    this.#anchors.set(anchor, undefined);
    const begun = { nodes: this.#nodes, characters: this.#characters, deepest: this.#deepest };
    this.#deepest = this.#depth;
    return begun;
  }

  endAnchored(anchor: string, value: unknown, begun: Begun): void {
    const nodes = this.#nodes - begun.nodes;
    const characters = this.#characters - begun.characters;
    this.#anchors.set(anchor, { value, nodes, characters, depth: this.#deepest - this.#depth });
    this.#deepest = Math.max(this.#deepest, begun.deepest);
  }

  /** A copy of what an anchor names; undefined: that contains the alias itself. */
  alias(name: string): Anchored | undefined {
    if (!this.#anchors.has(name)) throw failure(0, `unknown anchor '${name}' referenced`);
    const anchored = this.#anchors.get(name);
    if (!anchored) return undefined;
    this.count(anchored.characters);
    this.#nodes += anchored.nodes;
    this.#aliased += anchored.nodes;
    this.#aliasedCharacters += anchored.characters;
    if (this.#isExcessive()) throw failure(0, 'document contains excessive aliasing');
    if (this.#depth + anchored.depth > MAX_YAML_DEPTH) throw tooDeep(0);
    this.#deepest = Math.max(this.#deepest, this.#depth + anchored.depth);
    return anchored;
  }

  #isExcessive(): boolean {
    if (this.#aliasedCharacters > MAX_ALIASED_CHARACTERS || this.#nodes > MAX_YAML_NODES) return true;
    if (this.#aliased <= 100 || this.#nodes <= 1000) return false;
    const over = (this.#nodes - FEW_NODES) / (MANY_NODES - FEW_NODES);
    return this.#aliased / this.#nodes > 0.99 - 0.89 * Math.min(1, Math.max(0, over));
  }
}
