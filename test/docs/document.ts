/**
 * The documentation, run: every fenced block of a document is either a file, which its first line names in a comment, or commands for a
 * shell. `needs=PROGRAM` after the language says what a machine may lack.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { findProgram, type Result, runProgram } from '../etcd-clients/program.ts';

export interface Block {
  language: string;
  /** What stands after the language: `needs=kubectl` and the like. */
  info: Record<string, string>;
  text: string;
  /** The line of the document at which it begins, from 1. */
  line: number;
}

const FENCE = /^```(\w*)([^\n]*)\n([\s\S]*?)^```$/gm;
const FILE_NAME = /^(?:\/\/|#) ([\w./-]+\.\w+)$/;
const SHELL = 'sh';

export function blocksOf(markdown: string): Block[] {
  return [...markdown.matchAll(FENCE)].map(({ 1: language = '', 2: info = '', 3: text = '', index }) => ({
    language,
    info: Object.fromEntries([...info.matchAll(/(\w+)=(\S+)/g)].map(([, name, value]) => [name, value])),
    text,
    line: markdown.slice(0, index).split('\n').length,
  }));
}

export const isCommands = ({ language }: Block): boolean => language === SHELL;

/** The name of the file that a block is; undefined if its first line names none. */
export const fileNameOf = ({ text }: Block): string | undefined => FILE_NAME.exec(text.split('\n')[0]!)?.[1];

/** Which program that a block needs is not here. */
export const missingFor = ({ info }: Block): string | undefined =>
  info.needs === undefined || findProgram(info.needs) ? undefined : info.needs;

export function writeFile(folder: string, block: Block): void {
  const path = join(folder, fileNameOf(block)!);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, block.text);
}

/** As a script of a user's, in the folder: the first failure ends it. */
export function runCommands(
  { text, line }: Pick<Block, 'text' | 'line'>,
  cwd: string,
  env: Record<string, string>,
  seconds: number,
): Promise<Result> {
  const script = `.line-${line}.sh`;
  writeFileSync(join(cwd, script), text);
  return runProgram('bash', ['-euo', 'pipefail', script], { cwd, env, seconds });
}
