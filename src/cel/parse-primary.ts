/** The innermost rules of the grammar: names, calls, lists, maps, objects and literals. */
import type { Expr, MapEntry, StructField } from './ast.ts';
import { doubleLiteral, intLiteral, type Unescaped, uintLiteral, unescapeLiteral } from './literals.ts';
import type { ParseState, TokenSet } from './parse-state.ts';
import {
  AFTER_ARGS,
  AFTER_ELEMENT,
  AFTER_PRIMARY,
  ARGS_FIRST,
  BRACE_END,
  COLON,
  END_OF_BRACE,
  END_OF_LIST,
  EXPR_FIRST,
  FIELD_FIRST,
  FIELDS_FIRST,
  LIST_END,
  LIST_FIRST,
  MAP_FIRST,
  MEMBER_FIRST,
  NAME_FIRST,
  NOTHING,
  OPTIONAL_EXPR_FIRST,
} from './token-sets.ts';
import { T } from './tokens.ts';
import type { TreeBuilder } from './tree-builder.ts';

const RESERVED = new Set(
  'as break const continue else false for function if import in let loop package namespace null return true var void while'.split(
    ' ',
  ),
);

/** A node, and how deep the nodes in it stand that count for the limit on recursion. */
export interface Read {
  expr: Expr;
  depth: number;
  /** Where a rule of several tokens begins. */
  start: number;
}

/** What the rules share; `expr` reads a whole expression, which these are part of and which may be part of these. */
export interface Reading {
  state: ParseState;
  build: TreeBuilder;
  expr: (follow: TokenSet) => Read;
}

export const deepest = (reads: readonly Read[]): number =>
  reads.reduce((depth, read) => Math.max(read.depth, depth), 0);

/** What stands in place of a rule that was given up. */
export function missing({ state, build }: Reading): Read {
  const start = state.peek().start;
  return { expr: build.unspecified(start), depth: 0, start };
}

export function givenUp(reading: Reading, rule: string, failure: unknown): Read {
  reading.state.giveUp(rule, failure);
  return missing(reading);
}

export function readPrimary(reading: Reading, follow: TokenSet): Read {
  const { state } = reading;
  state.enter('primary', follow);
  try {
    state.sync(MEMBER_FIRST);
    switch (state.type) {
      case T.leftParen: {
        const open = state.accept();
        const inner = reading.expr(AFTER_ARGS);
        state.match(T.rightParen, AFTER_PRIMARY);
        return { ...inner, start: open.start };
      }
      case T.leftBracket:
        return readList(reading);
      case T.leftBrace:
        return readMap(reading);
      case T.dot:
      case T.identifier:
        return readNamed(reading);
      default:
        return state.rule('literal', NOTHING, () => readLiteral(reading)) ?? missing(reading);
    }
  } catch (failure) {
    return givenUp(reading, 'primary', failure);
  } finally {
    state.leave('primary');
  }
}

/** A literal or a name that is an expression by itself. */
export const readSimple = (reading: Reading): Read =>
  reading.state.type === T.identifier ? readNamed(reading) : readLiteral(reading);

/** What begins with a name: the name alone, a call of it, or an object of the type of that name. */
function readNamed(reading: Reading): Read {
  const { state, build } = reading;
  const dotted = state.type === T.dot ? 1 : 0;
  if (dotted && state.peek(1).type !== T.identifier) throw state.noAlternative(1);
  let ahead = dotted + 1;
  while (state.peek(ahead).type === T.dot && state.peek(ahead + 1).type === T.identifier) ahead += 2;
  const start = state.peek().start;
  if (state.peek(ahead).type === T.leftBrace) return readObject(reading, ahead);
  if (dotted) state.accept();
  const name = state.accept();
  const full = dotted ? `.${name.text}` : name.text;
  const call = state.type === T.leftParen;
  const open = call ? state.accept() : name;
  const args = call ? readArguments(reading, AFTER_PRIMARY) : [];
  if (RESERVED.has(name.text)) {
    const expr = build.error(start, `reserved identifier: ${name.text}`);
    return { expr, depth: 0, start };
  }
  if (!call) return { expr: build.ident(name.start, full), depth: 0, start };
  const expr = build.globalCall(
    open.start,
    full,
    args.map((arg) => arg.expr),
  );
  return { expr, depth: deepest(args), start };
}

/** After the opening parenthesis, with the closing one. */
export function readArguments(reading: Reading, after: TokenSet): Read[] {
  const { state, expr } = reading;
  state.sync(ARGS_FIRST);
  const args: Read[] = [];
  if (EXPR_FIRST.has(state.type)) {
    const read = state.rule('arguments', AFTER_ARGS, () => {
      args.push(expr(AFTER_ELEMENT));
      while (state.type === T.comma) {
        state.accept();
        args.push(expr(AFTER_ELEMENT));
      }
      return args;
    });
    if (!read) args.push(missing(reading));
  }
  state.match(T.rightParen, after);
  return args;
}

interface Element extends Read {
  optional: boolean;
}

function readElement(reading: Reading, follow: TokenSet): Element {
  const { state, expr } = reading;
  const read = state.rule('element', follow, () => {
    state.sync(OPTIONAL_EXPR_FIRST);
    const optional = optionalMark(state);
    return { ...expr(NOTHING), optional };
  });
  return read ?? { ...missing(reading), optional: false };
}

function optionalMark(state: ParseState): boolean {
  if (state.type !== T.question) return false;
  state.accept();
  return true;
}

/** Elements with commas between them; one more comma is no part of them. */
function separated(state: ParseState, first: TokenSet, read: () => void): void {
  read();
  while (state.type === T.comma && first.has(state.peek(1).type)) {
    state.accept();
    read();
  }
}

function closing(state: ParseState, type: number, expected: TokenSet): void {
  state.sync(expected);
  if (state.type === T.comma) state.accept();
  state.match(type, AFTER_PRIMARY);
}

function readList(reading: Reading): Read {
  const { state, build } = reading;
  const open = state.accept();
  const elements: Element[] = [];
  state.sync(LIST_FIRST);
  if (OPTIONAL_EXPR_FIRST.has(state.type))
    state.rule('list', LIST_END, () =>
      separated(state, OPTIONAL_EXPR_FIRST, () => elements.push(readElement(reading, AFTER_ELEMENT))),
    );
  closing(state, T.rightBracket, END_OF_LIST);
  const optionals = elements.flatMap((element, index) => (element.optional ? [index] : []));
  const expr = build.list(
    open.start,
    elements.map((element) => element.expr),
    optionals,
  );
  return { expr, depth: deepest(elements), start: open.start };
}

function readMap(reading: Reading): Read {
  const { state, build } = reading;
  const open = state.accept();
  const entries: MapEntry[] = [];
  const reads: Read[] = [];
  state.sync(MAP_FIRST);
  const entry = (): void => {
    const key = readElement(reading, COLON);
    const colon = state.match(T.colon, EXPR_FIRST);
    const value = reading.expr(AFTER_ELEMENT);
    reads.push(key, value);
    entries.push({ id: build.id(colon.start), key: key.expr, value: value.expr, optional: key.optional });
  };
  if (OPTIONAL_EXPR_FIRST.has(state.type))
    state.rule('map', BRACE_END, () => separated(state, OPTIONAL_EXPR_FIRST, entry));
  closing(state, T.rightBrace, END_OF_BRACE);
  return { expr: build.map(open.start, entries), depth: deepest(reads), start: open.start };
}

/** `ahead` tokens are the name. */
function readObject(reading: Reading, ahead: number): Read {
  const { state, build } = reading;
  const start = state.peek().start;
  let name = '';
  for (let i = 0; i < ahead; i++) name += state.accept().text;
  const open = state.accept();
  const fields: StructField[] = [];
  const reads: Read[] = [];
  state.sync(FIELDS_FIRST);
  const first = state.peek().start;
  const field = (): void => {
    const head = state.rule('field', COLON, () => {
      state.sync(FIELD_FIRST);
      const optional = optionalMark(state);
      return { optional, name: readName(reading, NOTHING) };
    });
    if (!head?.name) build.error(first, 'unsupported ident kind');
    const colon = state.match(T.colon, EXPR_FIRST);
    const value = reading.expr(AFTER_ELEMENT);
    reads.push(value);
    const id = build.id(colon.start);
    fields.push({ id, name: head?.name?.text ?? '', value: value.expr, optional: head?.optional ?? false });
  };
  if (FIELD_FIRST.has(state.type)) state.rule('fields', BRACE_END, () => separated(state, FIELD_FIRST, field));
  closing(state, T.rightBrace, END_OF_BRACE);
  return { expr: build.struct(open.start, name, fields), depth: deepest(reads), start };
}

/** The name of a field; undefined: there is none. */
export function readName({ state }: Reading, follow: TokenSet): { text: string; start: number } | undefined {
  return state.rule('name', follow, () => {
    state.sync(NAME_FIRST);
    const token = state.accept();
    const text = token.type === T.escapedIdentifier ? token.text.slice(1, -1) : token.text;
    return { text, start: token.start };
  });
}

function readLiteral({ state, build }: Reading): Read {
  const start = state.peek().start;
  let sign = '';
  if (state.type === T.minus) {
    const next = state.peek(1).type;
    if (next !== T.int && next !== T.float) throw state.noAlternative(1);
    state.accept();
    sign = '-';
  }
  const token = state.accept();
  return { expr: literal(build, start, token.type, sign + token.text), depth: 0, start };
}

function literal(build: TreeBuilder, start: number, type: number, text: string): Expr {
  switch (type) {
    case T.int:
      return build.literalOrError(start, intLiteral(text), 'invalid int literal');
    case T.uint:
      return build.literalOrError(start, uintLiteral(text), 'invalid uint literal');
    case T.float:
      return build.literalOrError(start, doubleLiteral(text), 'invalid double literal');
    case T.string:
      return quoted(build, start, unescapeLiteral(text), 'text');
    case T.bytes:
      return quoted(build, start, unescapeLiteral(text), 'bytes');
    case T.null:
      return build.literal(start, null);
    default:
      return build.literal(start, type === T.true);
  }
}

function quoted(build: TreeBuilder, start: number, read: Unescaped, as: 'text' | 'bytes'): Expr {
  if (read.error !== undefined) build.error(start, read.error);
  return build.literal(start, read[as]);
}
