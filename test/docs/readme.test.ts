/** README's two minutes, run as they stand there: each command succeeds and prints what README shows, but for names and addresses. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { findKubectls } from '../clients/kubectl.ts';
import { openSandbox, type Sandbox } from '../clients/sandbox.ts';
import { runCommands } from './document.ts';

const README = readFileSync(join(import.meta.dirname, '../../README.md'), 'utf8');
const PROMPT = '    $ ';

interface Command {
  line: number;
  text: string;
  output: string[];
}

/** The indented lines that begin with a prompt, each with what is printed under it. */
function commandsOf(markdown: string): Command[] {
  const commands: Command[] = [];
  for (const [i, line] of markdown.split('\n').entries()) {
    const last = commands.at(-1);
    if (line.startsWith(PROMPT)) commands.push({ line: i + 1, text: line.slice(PROMPT.length), output: [] });
    else if (line.startsWith('    ') && last && last.line + last.output.length === i) last.output.push(line.trim());
  }
  return commands;
}

const COMMANDS = commandsOf(README);
const [kubectl] = findKubectls().slice(-1);
if (!kubectl) console.log("skipped: no kubectl on this machine for README's two minutes");

let sandbox: Sandbox;
beforeAll(async () => {
  sandbox = await openSandbox();
}, 180_000);
afterAll(() => sandbox?.close());

/** A line without what is another each time. */
const form = (line: string): string =>
  line
    .replaceAll(/"(id|name|token|server|createdAt|expiresAt)":"[^"]*"/g, '"$1"')
    .replaceAll(/web-[a-z0-9]+-[a-z0-9]+/g, 'POD')
    .replaceAll(/KUBE-(SVC|SEP)-[A-Z0-9]{16}/g, 'CHAIN')
    .replaceAll(/10\.244\.\d+\.\d+/g, 'ADDRESS')
    .replaceAll(/node-\d/g, 'NODE')
    .replaceAll(/\b\d+s\b/g, 'AGE')
    .replaceAll(/\s+/g, ' ');

it.skipIf(!kubectl)('two minutes', { timeout: 120_000 }, async () => {
  expect(COMMANDS.length).toBeGreaterThan(5);
  let [id, token] = ['', ''];
  for (const { line, text, output } of COMMANDS) {
    const script = text
      .replaceAll('localhost:8787', new URL(sandbox.server.url).host)
      .replaceAll(/\bID\b/g, id)
      .replaceAll(/\bTOKEN\b/g, token)
      .replaceAll(/\bkubectl\b/g, kubectl!.path);
    const result = await runCommands({ text: script, line }, sandbox.folder, { PATH: process.env.PATH! }, 30);
    expect([text, result.code, result.stderr]).toEqual([text, 0, '']);
    const printed = result.stdout.trim().split('\n').filter(Boolean);
    if (printed[0]?.startsWith('{')) ({ id, token } = JSON.parse(printed[0]));
    const shown = output.map(form);
    // What comes while something goes on is another each time: it ends as README shows it.
    expect(printed.map(form).slice(-shown.length || printed.length)).toEqual(shown);
  }
});
