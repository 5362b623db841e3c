/** Our nodes say, send and store what go.etcd.io/raft's do, command by command. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { run } from './commands.ts';
import { Environment } from './environment.ts';
import { parseScript } from './script.ts';

const folder = join(import.meta.dirname, 'interaction');
const files = readdirSync(folder).filter((file) => file.endsWith('.txt'));

it('has the recorded files', () => {
  expect(files).toHaveLength(28);
});

it.each(files)('does as raft: %s', (file) => {
  const environment = new Environment();
  const directives = parseScript(readFileSync(join(folder, file), 'utf8'));
  expect(directives.length).toBeGreaterThan(0);
  for (const directive of directives) {
    const at = `${file}:${directive.line}\n`;
    expect(at + run(environment, directive)).toBe(at + directive.expected);
  }
});
