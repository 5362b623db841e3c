/**
 * One YAML document as the JSON value that Kubernetes makes of it: keys are text, aliases are copies, `<<` merges.
 * One pass, whose work and result are bounded. models go.yaml.in/yaml/v2/{parserc,decode}.go, sigs.k8s.io/yaml
 */
import { setOwn } from '../../../objects/own.ts';
import { printGo } from '../../patch/go-print.ts';
import { refuseInfinite, resolvePlain, resolveTagged } from './resolve.ts';
import { Scanner } from './scanner.ts';
import { failure, MAX_YAML_DEPTH, type Token, type TokenType, tooDeep, YAMLSyntaxError } from './tokens.ts';

/** Values in one document, copies that aliases make among them. */
export const MAX_YAML_NODES = 1_000_000;

/** Characters that all copies of a document may have together. */
export const MAX_ALIASED_CHARACTERS = 3 * 1024 * 1024;

/** How much of a document may come from aliases, as Go counts it: 99 %, and of large ones less. */
const FEW_NODES = 400_000;
const MANY_NODES = 4_000_000;

export interface RepeatedKey {
  key: string;
  /** From 1. */
  line: number;
}

export interface YAMLDocument {
  value: unknown;
  repeated: RepeatedKey[];
}

/** Throws `YAMLSyntaxError`. */
export function parseYAMLDocument(text: string): YAMLDocument {
  const parser = new Parser(text);
  try {
    return { value: parser.document(), repeated: parser.repeated };
  } catch (error) {
    // Code that has not run often takes more of the stack, and so less depth.
    if (error instanceof RangeError) throw tooDeep(0);
    throw error;
  }
}

/** What an anchor names; undefined while that is not complete. */
interface Anchored {
  value: unknown;
  nodes: number;
  characters: number;
  depth: number;
}

interface Properties {
  anchor: string;
  tag: string;
  line: number;
}

const isMap = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

class Parser {
  readonly repeated: RepeatedKey[] = [];
  readonly #scanner: Scanner;
  readonly #handles = new Map([
    ['!', '!'],
    ['!!', 'tag:yaml.org,2002:'],
  ]);
  readonly #anchors = new Map<string, Anchored | undefined>();
  #nodes = 0;
  #aliased = 0;
  #characters = 0;
  #aliasedCharacters = 0;
  #depth = 0;
  /** How deep it went since somebody asked. */
  #deepest = 0;

  /** The first thing that is wrong though it is YAML: told when all of it has turned out to be. */
  #wrong: YAMLSyntaxError | undefined;

  constructor(text: string) {
    this.#scanner = new Scanner(text);
  }

  /** Goes on after what is YAML and means nothing. */
  #meaning<T>(read: () => T): T | null {
    if (this.#wrong) return null;
    try {
      return read();
    } catch (error) {
      if (!(error instanceof YAMLSyntaxError)) throw error;
      this.#wrong ??= error;
      return null;
    }
  }

  document(): unknown {
    let token = this.#scanner.peek();
    if (token.type === 'stream end') return null;
    let value: unknown;
    if (token.type === 'directive' || token.type === 'document start') {
      this.#directives();
      token = this.#scanner.peek();
      if (token.type !== 'document start') throw failure(token.line, 'did not find expected <document start>');
      token = this.#next();
      const empty = ['directive', 'document start', 'document end', 'stream end'].includes(token.type);
      value = empty ? null : this.#node(true, false);
    } else value = this.#node(true, false);
    // What follows must be possible, though nobody reads it.
    this.#scanner.peek();
    if (this.#wrong) throw this.#wrong;
    return value;
  }

  #next(): Token {
    this.#scanner.skip();
    return this.#scanner.peek();
  }

  #directives(): void {
    let hasVersion = false;
    for (let token = this.#scanner.peek(); token.type === 'directive'; token = this.#next()) {
      const [name = '', ...values] = token.value
        .replace(/\s#.*$/, '')
        .slice(1)
        .trim()
        .split(/[ \t]+/);
      if (name === 'YAML') {
        if (hasVersion) throw failure(token.line, 'found duplicate %YAML directive');
        if (values[0] !== '1.1') throw failure(token.line, 'found incompatible YAML document');
        hasVersion = true;
      } else if (name === 'TAG' && values.length === 2) this.#handles.set(values[0]!, values[1]!);
      else throw failure(token.line + 1, 'found unknown directive name');
    }
  }

  #count(characters: number): void {
    this.#characters += characters;
    if (++this.#nodes > MAX_YAML_NODES) throw failure(0, `document contains more than ${MAX_YAML_NODES} values`);
  }

  #node(block: boolean, indentless: boolean): unknown {
    const first = this.#scanner.peek();
    if (first.type === 'alias') {
      this.#scanner.skip();
      return this.#alias(first.value);
    }
    const properties = this.#properties(first);
    if (properties.anchor === '') return this.#content(block, indentless, properties);
    const { anchor } = properties;
    this.#anchors.set(anchor, undefined);
    const [nodes, characters, deepest] = [this.#nodes, this.#characters, this.#deepest];
    this.#deepest = this.#depth;
    const value = this.#content(block, indentless, properties);
    const depth = this.#deepest - this.#depth;
    this.#anchors.set(anchor, { value, nodes: this.#nodes - nodes, characters: this.#characters - characters, depth });
    this.#deepest = Math.max(this.#deepest, deepest);
    return value;
  }

  #properties(first: Token): Properties {
    const properties = { anchor: '', tag: '', line: first.line };
    let token = first;
    for (let i = 0; i < 2; i++) {
      if (token.type === 'anchor' && properties.anchor === '') properties.anchor = token.value;
      else if (token.type === 'tag' && properties.tag === '') properties.tag = this.#longTag(token, first.line);
      else break;
      token = this.#next();
    }
    return properties;
  }

  #longTag({ value: handle, suffix, line }: Token, context: number): string {
    if (handle === '') return suffix;
    const prefix = this.#handles.get(handle);
    if (prefix === undefined) throw failure(line || context, 'found undefined tag handle');
    return prefix + suffix;
  }

  #content(block: boolean, indentless: boolean, { anchor, tag, line }: Properties): unknown {
    const token = this.#scanner.peek();
    switch (token.type) {
      case 'scalar':
        this.#scanner.skip();
        return this.#scalar(token, tag);
      case '[':
        return this.#nested(() => this.#flowSequence(token.line));
      case '{':
        return this.#nested(() => this.#flowMapping(token.line));
      case '-':
        if (indentless) return this.#nested(() => this.#indentlessSequence());
        break;
      case 'block sequence':
        if (block) return this.#nested(() => this.#blockSequence(token.line));
        break;
      case 'block mapping':
        if (block) return this.#nested(() => this.#blockMapping(token.line));
        break;
    }
    if (anchor !== '' || tag !== '') {
      this.#count(4);
      return tag === '' ? null : this.#meaning(() => resolveTagged(tag, ''));
    }
    throw failure(token.line || line, 'did not find expected node content');
  }

  #scalar({ value, plain }: Token, tag: string): unknown {
    this.#count(value.length + 3);
    if (tag !== '') return this.#meaning(() => resolveTagged(tag, value));
    return plain ? resolvePlain(value) : value;
  }

  #item(value: unknown): unknown {
    return typeof value === 'number' ? this.#meaning(() => finite(value)) : value;
  }

  #empty(): null {
    this.#count(4);
    return null;
  }

  #nested<T>(read: () => T): T {
    this.#count(2);
    if (++this.#depth > MAX_YAML_DEPTH) throw tooDeep(this.#scanner.peek().line);
    this.#deepest = Math.max(this.#deepest, this.#depth);
    const value = read();
    this.#depth--;
    return value;
  }

  #alias(name: string): unknown {
    if (!this.#anchors.has(name)) throw failure(0, `unknown anchor '${name}' referenced`);
    const anchored = this.#anchors.get(name);
    if (!anchored) return this.#meaning(() => refuse(`anchor '${name}' value contains itself`));
    this.#count(anchored.characters);
    this.#nodes += anchored.nodes;
    this.#aliased += anchored.nodes;
    this.#aliasedCharacters += anchored.characters;
    if (this.#isExcessive()) throw failure(0, 'document contains excessive aliasing');
    if (this.#depth + anchored.depth > MAX_YAML_DEPTH) throw tooDeep(0);
    this.#deepest = Math.max(this.#deepest, this.#depth + anchored.depth);
    return copy(anchored.value);
  }

  #isExcessive(): boolean {
    if (this.#aliasedCharacters > MAX_ALIASED_CHARACTERS || this.#nodes > MAX_YAML_NODES) return true;
    if (this.#aliased <= 100 || this.#nodes <= 1000) return false;
    const over = (this.#nodes - FEW_NODES) / (MANY_NODES - FEW_NODES);
    return this.#aliased / this.#nodes > 0.99 - 0.89 * Math.min(1, Math.max(0, over));
  }

  #blockSequence(begun: number): unknown[] {
    const list: unknown[] = [];
    this.#scanner.skip();
    for (;;) {
      const token = this.#scanner.peek();
      if (token.type === 'block end') {
        this.#scanner.skip();
        return list;
      }
      if (token.type !== '-') throw failure(token.line || begun, "did not find expected '-' indicator");
      const { type } = this.#next();
      list.push(this.#item(type === '-' || type === 'block end' ? this.#empty() : this.#node(true, false)));
    }
  }

  /** One that stands at the column of its key. */
  #indentlessSequence(): unknown[] {
    const list: unknown[] = [];
    while (this.#scanner.peek().type === '-') {
      const { type } = this.#next();
      const empty = type === '-' || type === 'key' || type === 'value' || type === 'block end';
      list.push(this.#item(empty ? this.#empty() : this.#node(true, false)));
    }
    return list;
  }

  #blockMapping(begun: number): Record<string, unknown> {
    const map = new Mapping(this.repeated);
    const isEmpty = (type: TokenType): boolean => type === 'key' || type === 'value' || type === 'block end';
    this.#scanner.skip();
    for (;;) {
      const token = this.#scanner.peek();
      if (token.type === 'block end') {
        this.#scanner.skip();
        return map.value;
      }
      if (token.type !== 'key') throw failure(token.line || begun, 'did not find expected key');
      const keyToken = this.#next();
      const merges = isMerge(keyToken);
      const key = isEmpty(keyToken.type) ? this.#empty() : this.#node(true, true);
      let token2 = this.#scanner.peek();
      let value: unknown = null;
      if (token2.type === 'value') {
        token2 = this.#next();
        value = isEmpty(token2.type) ? this.#empty() : this.#node(true, true);
      } else this.#empty();
      this.#meaning(() => map.add(key, value, merges, token2.line));
    }
  }

  #flowSequence(begun: number): unknown[] {
    const list: unknown[] = [];
    let token = this.#next();
    for (let first = true; token.type !== ']'; first = false) {
      if (!first) {
        if (token.type !== ',') throw failure(token.line || begun, "did not find expected ',' or ']'");
        token = this.#next();
      }
      if (token.type === ']') break;
      list.push(this.#item(token.type === 'key' ? this.#nested(() => this.#pair()) : this.#node(false, false)));
      token = this.#scanner.peek();
    }
    this.#scanner.skip();
    return list;
  }

  /** A mapping of one key, which stands in a flow sequence without brackets. */
  #pair(): Record<string, unknown> {
    const map = new Mapping(this.repeated);
    const token = this.#next();
    const merges = isMerge(token);
    const isEmpty = (type: TokenType): boolean => type === 'value' || type === ',' || type === ']';
    const key = isEmpty(token.type) ? this.#empty() : this.#node(false, false);
    const value = this.#flowValue(']');
    this.#meaning(() => map.add(key, value, merges, token.line));
    return map.value;
  }

  #flowMapping(begun: number): Record<string, unknown> {
    const map = new Mapping(this.repeated);
    let token = this.#next();
    for (let first = true; token.type !== '}'; first = false) {
      if (!first) {
        if (token.type !== ',') throw failure(token.line || begun, "did not find expected ',' or '}'");
        token = this.#next();
      }
      if (token.type === '}') break;
      const explicit = token.type === 'key';
      if (explicit) token = this.#next();
      const merges = isMerge(token);
      const { line, type } = token;
      const empty = explicit && (type === 'value' || type === ',' || type === '}');
      const key = empty ? this.#empty() : this.#node(false, false);
      const value = explicit ? this.#flowValue('}') : this.#empty();
      this.#meaning(() => map.add(key, value, merges, line));
      token = this.#scanner.peek();
    }
    this.#scanner.skip();
    return map.value;
  }

  #flowValue(close: TokenType): unknown {
    if (this.#scanner.peek().type !== 'value') return this.#empty();
    const { type } = this.#next();
    return type === ',' || type === close ? this.#empty() : this.#node(false, false);
  }
}

const isMerge = ({ type, value, plain }: Token): boolean => type === 'scalar' && plain && value === '<<';

function refuse(problem: string): never {
  throw failure(0, problem);
}

function finite(value: unknown): unknown {
  if (typeof value === 'number') refuseInfinite(value);
  return value;
}

/** A mapping that is being read. */
class Mapping {
  readonly value: Record<string, unknown> = {};
  readonly #repeated: RepeatedKey[];

  constructor(repeated: RepeatedKey[]) {
    this.#repeated = repeated;
  }

  add(key: unknown, value: unknown, merges: boolean, line: number): void {
    if (merges) {
      this.#merge(value);
      return;
    }
    const name = keyText(key, value);
    if (Object.hasOwn(this.value, name)) this.#repeated.push({ key: name, line: line + 1 });
    setOwn(this.value, name, finite(value));
  }

  #merge(value: unknown): void {
    // The first of several goes before those that follow.
    for (const part of Array.isArray(value) ? value.toReversed() : [value]) {
      if (!isMap(part)) throw failure(0, 'map merge requires map or sequence of maps as the value');
      for (const [key, item] of Object.entries(part)) setOwn(this.value, key, item);
    }
  }
}

/** JSON's keys are text. */
function keyText(key: unknown, value: unknown): string {
  if (typeof key === 'string') return key;
  if (typeof key === 'boolean') return String(key);
  if (typeof key === 'number')
    return Number.isFinite(key) ? String(key) : Number.isNaN(key) ? '.nan' : key > 0 ? '.inf' : '-.inf';
  if (key === null) {
    const shown = value === null ? '<nil>' : printGo(value);
    throw new YAMLSyntaxError(`unsupported map key of type: %!s(<nil>), key: <nil>, value: ${shown}`);
  }
  throw failure(0, `invalid map key: ${Array.isArray(key) ? '[]interface {}' : 'map[interface {}]interface {}'}{...}`);
}

function copy(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map(copy);
  const map: Record<string, unknown> = {};
  for (const [key, part] of Object.entries(value)) setOwn(map, key, copy(part));
  return map;
}
