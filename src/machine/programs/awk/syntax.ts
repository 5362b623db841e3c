/** What an awk program is once it is read. */
import type { Regex } from '../regex.ts';
import type { Value } from './values.ts';

export type Expression =
  /** What has been worked out before. */
  | { kind: 'constant'; value: Value }
  | { kind: 'number'; value: number }
  | { kind: 'string'; value: string }
  | { kind: 'regex'; regex: Regex }
  | { kind: 'variable'; name: string }
  | { kind: 'field'; index: Expression }
  | { kind: 'element'; array: string; keys: readonly Expression[] }
  | { kind: 'in'; array: string; keys: readonly Expression[] }
  | { kind: 'assign'; to: Expression; operator: string; value: Expression }
  | { kind: 'step'; to: Expression; by: 1 | -1; isPrefix: boolean }
  | { kind: 'unary'; operator: '-' | '+' | '!'; operand: Expression }
  | { kind: 'binary'; operator: string; left: Expression; right: Expression }
  | { kind: 'and' | 'or'; left: Expression; right: Expression }
  | { kind: 'match'; isNegated: boolean; left: Expression; right: Expression }
  | { kind: 'conditional'; condition: Expression; yes: Expression; no: Expression }
  | { kind: 'group'; inner: Expression }
  | { kind: 'call'; name: string; args: readonly Expression[]; isBuiltin: boolean }
  /** From a file (`<`), a command (`|`) or the input. */
  | { kind: 'getline'; to: Expression | undefined; source: Expression | undefined; from: 'file' | 'command' | 'input' };

export type Statement =
  | { kind: 'block'; body: readonly Statement[] }
  | { kind: 'expression'; expression: Expression }
  | {
      kind: 'print' | 'printf';
      args: readonly Expression[];
      redirect: { to: Expression; how: '>' | '>>' | '|' } | undefined;
    }
  | { kind: 'if'; condition: Expression; yes: Statement; no: Statement | undefined }
  | { kind: 'while'; condition: Expression; body: Statement }
  | { kind: 'do'; condition: Expression; body: Statement }
  | {
      kind: 'for';
      start: Statement | undefined;
      condition: Expression | undefined;
      step: Statement | undefined;
      body: Statement;
    }
  | { kind: 'for-in'; variable: string; array: string; body: Statement }
  | { kind: 'delete'; array: string; keys: readonly Expression[] }
  | { kind: 'break' | 'continue' | 'next' | 'nextfile' }
  | { kind: 'exit' | 'return'; value: Expression | undefined };

export interface Rule {
  /** Undefined: every record. */
  from: Expression | 'BEGIN' | 'END' | undefined;
  /** The other end of a range. */
  to: Expression | undefined;
  /** Undefined: it is printed. */
  body: Statement | undefined;
}

export interface FunctionDefinition {
  name: string;
  parameters: readonly string[];
  body: Statement;
}

export interface Script {
  rules: readonly Rule[];
  functions: ReadonlyMap<string, FunctionDefinition>;
}

export const BUILTINS: ReadonlySet<string> = new Set(
  'length substr index split sub gsub match sprintf tolower toupper sin cos atan2 exp log sqrt int rand srand system close fflush systime strftime mktime gensub and or xor lshift rshift compl'.split(
    ' ',
  ),
);
