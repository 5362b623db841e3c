/**
 * One YAML document as the JSON value that Kubernetes makes of it: keys are text, aliases are copies, `<<` merges.
 * One pass, whose work and result are bounded. models go.yaml.in/yaml/v2/{parserc,decode}.go, sigs.k8s.io/yaml
 */
import { Amount, copy } from './amount.ts';
import { finite, isMerge, Mapping, type RepeatedKey } from './mapping.ts';
import { resolvePlain, resolveTagged } from './resolve.ts';
import { Scanner } from './scanner.ts';
import { failure, type Token, type TokenType, tooDeep, YAMLSyntaxError } from './tokens.ts';

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

interface Properties {
  anchor: string;
  tag: string;
  line: number;
}

class Parser {
  readonly repeated: RepeatedKey[] = [];
  readonly #scanner: Scanner;
  readonly #handles = new Map([
    ['!', '!'],
    ['!!', 'tag:yaml.org,2002:'],
  ]);
  readonly #amount = new Amount();
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

  #node(block: boolean, indentless: boolean): unknown {
    const first = this.#scanner.peek();
    if (first.type === 'alias') {
      this.#scanner.skip();
      return this.#alias(first.value);
    }
    const properties = this.#properties(first);
    if (properties.anchor === '') return this.#content(block, indentless, properties);
    const { anchor } = properties;
    const begun = this.#amount.beginAnchored(anchor);
    const value = this.#content(block, indentless, properties);
    this.#amount.endAnchored(anchor, value, begun);
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
      this.#amount.count(4);
      return tag === '' ? null : this.#meaning(() => resolveTagged(tag, ''));
    }
    throw failure(token.line || line, 'did not find expected node content');
  }

  #scalar({ value, plain }: Token, tag: string): unknown {
    this.#amount.count(value.length + 3);
    if (tag !== '') return this.#meaning(() => resolveTagged(tag, value));
    return plain ? resolvePlain(value) : value;
  }

  #item(value: unknown): unknown {
    return typeof value === 'number' ? this.#meaning(() => finite(value)) : value;
  }

  #empty(): null {
    this.#amount.count(4);
    return null;
  }

  #nested<T>(read: () => T): T {
    this.#amount.enter(() => this.#scanner.peek().line);
    const value = read();
    this.#amount.leave();
    return value;
  }

  #alias(name: string): unknown {
    const anchored = this.#amount.alias(name);
    return anchored
      ? copy(anchored.value)
      : this.#meaning(() => {
          throw failure(0, `anchor '${name}' value contains itself`);
        });
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
