/** Expansion of words: tildes, parameters, commands, arithmetic, cutting into fields, names of files. */
import { bytesOf } from '../bytes.ts';
import { Untraced } from '../errno.ts';
import type { Run } from '../program.ts';
import { accountsOf } from '../programs/accounts.ts';
import type { Parameter, Part, Word } from '../syntax/syntax.ts';
import { arithmeticValue } from './arithmetic-value.ts';
import { expandBraces } from './braces.ts';
import { giveUpFor } from './faults.ts';
import { Fields } from './fields.ts';
import { glob } from './glob.ts';
import { applyOperator, type Expander, type ParameterParts, partsOfParameter } from './parameter-expansion.ts';
import { escapePattern } from './patterns.ts';
import type { Shell } from './shell.ts';
import { parameterValue, separators } from './variables.ts';

/** A command has to be run before this can be expanded. */
class Needed extends Untraced {
  readonly part: Part;

  constructor(part: Part) {
    super('a command is to be run');
    this.part = part;
  }
}

/** What has come of the parts that do something. */
type Done = Map<Part, string>;

function tilde(shell: Shell, user: string): string {
  if (user === '') return parameterValue(shell, 'HOME') ?? '~';
  if (user === '+') return parameterValue(shell, 'PWD') ?? '~+';
  const account = accountsOf(shell.process).find(({ name }) => name === user);
  return account ? bytesOf(account.home) : `~${user}`;
}

/** Expands words without waiting; a command that is to be run is told by `Needed`. */
class SyncExpander implements Expander {
  readonly shell: Shell;
  readonly #done: Done | undefined;

  constructor(shell: Shell, done: Done | undefined) {
    this.shell = shell;
    this.#done = done;
  }

  /** The text of a part that is one text. */
  #single(part: Exclude<Part, Parameter>): string {
    if (part.part === 'text') return part.text;
    if (part.part === 'tilde') return tilde(this.shell, part.user);
    const known = this.#done?.get(part);
    if (known !== undefined) return known;
    if (part.part !== 'arithmetic') throw new Needed(part);
    const value = arithmeticValue(this.shell, this.text(part.expression));
    this.#done?.set(part, value);
    return value;
  }

  /** The word as one text: neither cut nor looked up. */
  text(word: Word): string {
    if (word.plain !== undefined) return word.plain;
    let text = '';
    for (const part of word.parts) text += part.part === 'parameter' ? this.#joined(part) : this.#single(part);
    return text;
  }

  /** The word as a pattern, in which what is quoted stands for itself. */
  pattern(word: Word): string {
    let pattern = '';
    for (const part of word.parts) {
      const text = part.part === 'parameter' ? this.#joined(part) : this.#single(part);
      const isQuoted = part.part === 'tilde' || (part.part !== 'process' && part.quoted);
      pattern += isQuoted ? escapePattern(text) : text;
    }
    return pattern;
  }

  #joined(part: Parameter): string {
    const parts = this.parts(part);
    if (parts.word) return this.text(parts.word);
    if (!parts.isList) return parts.values[0] ?? '';
    return parts.values.join(parts.isStar ? separators(this.shell).slice(0, 1) : ' ');
  }

  parts(part: Parameter): ParameterParts {
    const parts = partsOfParameter(this.shell, part, this);
    return part.operator === undefined && !part.isLength ? parts : applyOperator(this, part, parts);
  }

  fields(word: Word, fields: Fields): void {
    for (const part of word.parts) {
      if (part.part === 'parameter') this.#parameter(part, fields);
      else if (part.part === 'text' && !part.quoted) fields.literal(part.text);
      else if (part.part === 'text' || part.part === 'tilde' || part.part === 'process' || part.quoted)
        fields.quoted(this.#single(part));
      else fields.expanded(this.#single(part));
    }
  }

  /** The word of `${x:-word}`: its own text is cut like what comes of an expansion. */
  #substitute(word: Word, fields: Fields): void {
    for (const part of word.parts) {
      if (part.part === 'text' && !part.quoted) fields.expanded(part.text);
      else this.fields({ parts: [part] }, fields);
    }
  }

  #parameter(part: Parameter, fields: Fields): void {
    const { values, word, isList, isStar } = this.parts(part);
    if (word) {
      if (part.quoted) fields.quoted(this.text(word));
      else this.#substitute(word, fields);
    } else if (!isList) {
      if (part.quoted) fields.quoted(values[0] ?? '');
      else fields.expanded(values[0] ?? '');
    } else if (part.quoted && isStar) fields.quoted(values.join(separators(this.shell).slice(0, 1)));
    else {
      if (part.quoted && values.length === 0) fields.nothing();
      for (const [i, value] of values.entries()) {
        if (i > 0) fields.end();
        if (part.quoted) fields.quoted(value);
        else fields.expanded(value);
      }
    }
  }
}

/** Does something that may need commands, which are run in between. */
function* withCommands<T>(shell: Shell, runs: boolean, expand: (expander: SyncExpander) => T): Run<T> {
  const done: Done | undefined = runs ? new Map() : undefined;
  for (;;) {
    try {
      return expand(new SyncExpander(shell, done));
    } catch (error) {
      if (error instanceof Needed && done) done.set(error.part, yield* shell.interpreter.capture(shell, error.part));
      else yield* giveUpFor(shell, error);
    }
  }
}

/** A word as one text. */
export function* expandText(shell: Shell, word: Word): Run<string> {
  if (word.plain !== undefined) return word.plain;
  return yield* withCommands(shell, word.runs === true, (expander) => expander.text(word));
}

/** A word as a pattern. */
export function* expandPattern(shell: Shell, word: Word): Run<string> {
  return yield* withCommands(shell, word.runs === true, (expander) => expander.pattern(word));
}

/** Words as the fields that they become. */
export function* expandWords(shell: Shell, words: readonly Word[]): Run<string[]> {
  const texts: string[] = [];
  for (const word of words) {
    if (word.plain !== undefined) texts.push(word.plain);
    else
      for (const each of shell.state.dialect === 'bash' ? expandBraces(word) : [word])
        yield* expandWord(shell, each, texts);
  }
  return texts;
}

function* expandWord(shell: Shell, word: Word, texts: string[]): Run {
  const { list } = yield* withCommands(shell, word.runs === true, (expander) => {
    const fields = new Fields(separators(shell));
    expander.fields(word, fields);
    fields.end();
    return fields;
  });
  for (const { text, pattern, isPattern } of list) {
    const names = isPattern && !shell.has('f') ? glob(shell.process, pattern) : [];
    if (names.length === 0) texts.push(text);
    else for (const name of names) texts.push(name);
  }
}
