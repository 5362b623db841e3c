/** docs/testing.md, command by command, in a folder of a user's own. */
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { findNodes, OFFLINE } from '../package/installed.ts';
import { type Block, blocksOf, fileNameOf, isCommands, missingFor, runCommands, writeFile } from './document.ts';

const ROOT = join(import.meta.dirname, '../..');
const BLOCKS = blocksOf(readFileSync(join(ROOT, 'docs/testing.md'), 'utf8'));
const SECONDS = 300;
/** The dependencies of this checkout are there already, in use by this very test. */
const INSTALL = 'npm ci && ';

/** What a user of Vitest has installed. */
function linkVitest(): void {
  const modules = join(folder, 'node_modules');
  if (existsSync(join(modules, 'vitest'))) return;
  symlinkSync(join(ROOT, 'node_modules/vitest'), join(modules, 'vitest'));
  symlinkSync('../vitest/vitest.mjs', join(modules, '.bin/vitest'));
}

const FILES = BLOCKS.filter((block) => !isCommands(block)).map((block) => fileNameOf(block)!);
const runsTests = ({ text }: Block): boolean => FILES.some((file) => text.includes(file));
/** What node:test, Vitest, pytest and Go say when tests have run. */
const PASSED = /\bpass [1-9]|\b[1-9]\d* passed|^ok\b/m;

let folder: string;
const env: Record<string, string> = {};
beforeAll(() => {
  const root = mkdtempSync(join(tmpdir(), 'diorama-docs-'));
  folder = join(root, 'project');
  mkdirSync(folder);
  Object.assign(env, { DIORAMA: ROOT, DIORAMA_SERVER: '', DIORAMA_COMMAND: '', PATH: findNodes()[0]!.path });
  Object.assign(env, {
    XDG_STATE_HOME: join(root, 'state'),
    GOFLAGS: '-mod=mod',
    GOPROXY: 'off',
    NO_COLOR: '1',
    FORCE_COLOR: '0',
  });
});
afterAll(() => rmSync(join(folder, '..'), { recursive: true, force: true }));

it('has nothing but files and commands, and each file is used', () => {
  const others = BLOCKS.filter((block) => !isCommands(block) && fileNameOf(block) === undefined);
  expect(others).toEqual([]);
  const commands = BLOCKS.filter(isCommands).map(({ text }) => text);
  for (const block of BLOCKS.filter((block) => !isCommands(block)))
    expect(commands.some((text) => text.includes(fileNameOf(block)!))).toBe(true);
  expect(BLOCKS.length).toBeGreaterThan(8);
});

describe('the commands', () => {
  let isOffline = false;

  it.for(BLOCKS)('of line $line', { timeout: SECONDS * 1000 }, async (block, context) => {
    if (!isCommands(block)) return writeFile(folder, block);
    context.skip(isOffline, 'npm reaches no registry');
    const missing = missingFor(block);
    if (missing) console.log(`docs/testing.md, line ${block.line}, is not run: there is no ${missing} here.`);
    context.skip(missing !== undefined, `there is no ${missing} here`);
    if (/^npx vitest/.test(block.text)) linkVitest();
    const text = block.text.replace(INSTALL, '');
    const { code, stdout, stderr } = await runCommands({ ...block, text }, folder, env, SECONDS);
    isOffline = code !== 0 && /npm install/.test(text) && OFFLINE.test(stderr);
    if (isOffline) console.log('docs/testing.md is not run: npm reaches no registry, and workerd is not in its cache.');
    context.skip(isOffline, 'npm reaches no registry');
    expect([code, code === 0 ? '' : stdout + stderr]).toEqual([0, '']);
    if (runsTests(block)) expect(stdout).toMatch(PASSED);
  });
});
