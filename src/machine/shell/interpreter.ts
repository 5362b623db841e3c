/** The parts of the interpreter, put together. */
import { run } from './execute.ts';
import { capture } from './pipelines.ts';
import { runText } from './run-text.ts';
import type { Interpreter } from './shell.ts';
import { callWords } from './simple-command.ts';

export const INTERPRETER: Interpreter = { run, runText, capture, call: callWords };
