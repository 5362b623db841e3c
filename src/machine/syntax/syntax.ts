/** What a script is read into. All of it is plain data. */

export type Part =
  | { part: 'text'; text: string; quoted: boolean }
  | Parameter
  | { part: 'command'; body: Command; quoted: boolean }
  | { part: 'arithmetic'; expression: Word; quoted: boolean }
  | { part: 'tilde'; user: string }
  | { part: 'process'; way: '<' | '>'; body: Command };

/** `$name` or `${name…}`. */
export interface Parameter {
  part: 'parameter';
  name: string;
  quoted: boolean;
  /** `${#name}`. */
  isLength?: boolean;
  /** `${!name}`: the variable that this one names. */
  isIndirect?: boolean;
  /** Of an array: a subscript, `@` or `*`. */
  index?: Word;
  /** `:-`, `-`, `:=`, `=`, `:?`, `?`, `:+`, `+`, `#`, `##`, `%`, `%%`, `:` (substring), `/`, `//`, `/#`, `/%`, `^`, `^^`, `,`, `,,`, `@`. */
  operator?: string;
  word?: Word;
  /** The length of a substring, or what replaces. */
  second?: Word;
}

export interface Word {
  parts: Part[];
  /** Its text, where nothing in it is to be expanded. */
  plain?: string;
  /** Commands are run when it is expanded. */
  runs?: boolean;
  /** As it stands in the script, for messages. */
  source?: string;
}

export interface Redirect {
  /** The descriptor; undefined: 0 or 1, as the operator says. */
  descriptor: number | undefined;
  operator: '<' | '>' | '>>' | '>|' | '<>' | '<&' | '>&' | '&>' | '&>>' | '<<' | '<<-' | '<<<';
  /** Where to; of a here-document: its text. */
  target: Word;
}

export interface Assignment {
  name: string;
  index?: Word;
  isAppended: boolean;
  value: Word | undefined;
  /** `name=(a b [3]=c)`. */
  elements?: { index?: Word; value: Word }[];
  /** It stands behind a builtin that declares, and is done after it. */
  isArgument?: boolean;
}

export type Test =
  | { test: 'unary'; operator: string; operand: Word }
  | { test: 'binary'; operator: string; left: Word; right: Word }
  | { test: 'not'; operand: Test }
  | { test: 'and' | 'or'; left: Test; right: Test };

interface Common {
  line: number;
  redirects?: Redirect[];
}

export type Command = Common &
  (
    | { command: 'simple'; assignments: Assignment[]; words: Word[] }
    | { command: 'pipeline'; parts: Command[]; isNot: boolean; isTimed: boolean }
    | { command: 'and' | 'or'; left: Command; right: Command }
    | { command: 'list'; parts: Command[] }
    | { command: 'async'; body: Command }
    | { command: 'subshell' | 'group'; body: Command }
    | { command: 'if'; arms: { test: Command; body: Command }[]; otherwise: Command | undefined }
    | { command: 'for'; name: string; words: Word[] | undefined; body: Command }
    | { command: 'loop'; first: Word; test: Word; step: Word; body: Command }
    | { command: 'while' | 'until'; test: Command; body: Command }
    | { command: 'case'; word: Word; arms: { patterns: Word[]; body: Command; end: ';;' | ';&' | ';;&' }[] }
    | { command: 'function'; name: string; body: Command; source: string }
    | { command: 'test'; test: Test }
    | { command: 'arithmetic'; expression: Word }
  );

export type CommandOf<Name extends Command['command']> = Command extends infer Each
  ? Each extends { command: infer Own }
    ? Name extends Own
      ? Each
      : never
    : never
  : never;

/** Which shell it is: BusyBox's ash, dash, or bash. */
export type Dialect = 'ash' | 'dash' | 'bash';

/** The script is wrong. */
export class SyntaxFault extends Error {
  /** What stands where it can't be: a token in its quotes, `word`, `newline`, `redirection`, `end of file`; or a whole message. */
  readonly unexpected: string;
  /** The one token that could. */
  readonly expecting: string | undefined;
  readonly line: number;
  /** More of the script might make it right. */
  readonly isIncomplete: boolean;
  /** As it stands in the script. */
  readonly token: string;

  constructor(
    unexpected: string,
    how: { expecting?: string | undefined; line: number; isIncomplete?: boolean; token?: string },
  ) {
    super(unexpected);
    this.unexpected = unexpected;
    this.expecting = how.expecting;
    this.line = how.line;
    this.isIncomplete = how.isIncomplete ?? false;
    this.token = how.token ?? unexpected.replace(/^"(.*)"$/s, '$1');
  }
}

/** Commands and words within one another. */
export const MAX_SYNTAX_DEPTH = 200;
/** Bytes of a script. */
export const MAX_SCRIPT_BYTES = 4 * 1024 * 1024;
