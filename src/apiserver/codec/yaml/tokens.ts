/** Words between the YAML scanner and the parser. */

export type TokenType =
  | 'stream end'
  | 'directive'
  | 'document start'
  | 'document end'
  | 'block sequence'
  | 'block mapping'
  | 'block end'
  | '['
  | ']'
  | '{'
  | '}'
  | ','
  | '-'
  | 'key'
  | 'value'
  | 'alias'
  | 'anchor'
  | 'tag'
  | 'scalar';

/** Where a key without `?` may have begun: it is one if a `:` follows on the same line, not too far off. */
export interface PossibleKey {
  possible: boolean;
  /** Nothing else can stand here. */
  required: boolean;
  /** Which token it is, counted from the first. */
  number: number;
  at: number;
  line: number;
  column: number;
}

export interface Token {
  type: TokenType;
  /** From 0. */
  line: number;
  /** A scalar's text, a name, a tag's handle. */
  value: string;
  /** A scalar without quotes, whose text says its type. */
  plain: boolean;
  /** What follows a tag's handle. */
  suffix: string;
  key: PossibleKey | undefined;
}

/** What is no YAML; the message is Go's. */
export class YAMLSyntaxError extends Error {}

/** Collections in one another. Go allows 10,000, and says so; what is deeper than this is no Kubernetes object. */
export const MAX_YAML_DEPTH = 1_000;

export const tooDeep = (line: number): YAMLSyntaxError => failure(line, 'exceeded max depth of 10000');

/** @param line as Go counts; 0 is not said. */
export const failure = (line: number, problem: string): YAMLSyntaxError =>
  new YAMLSyntaxError(`yaml: ${line > 0 ? `line ${line}: ` : ''}${problem}`);
