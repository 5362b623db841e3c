/** `npm ci` in a fresh clone: npm has nothing to warn of, on any Node of this machine. */
import { copyFileSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { runProgram } from '../etcd-clients/program.ts';
import { findNodes } from './installed.ts';

const ROOT = join(import.meta.dirname, '../..');
const folder = mkdtempSync(join(tmpdir(), 'diorama-lockfile-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

it.each(findNodes())('brings no warning on Node $version', async ({ path }) => {
  for (const file of ['package.json', 'package-lock.json', '.npmrc'])
    copyFileSync(join(ROOT, file), join(folder, file));
  const args = ['ci', '--dry-run', '--offline', '--ignore-scripts'];
  const { code, stderr } = await runProgram('npm', args, { cwd: folder, env: { PATH: path, NO_UPDATE_NOTIFIER: '1' } });
  expect([code, stderr]).toEqual([0, expect.not.stringContaining('EBADENGINE')]);
});

it('names no registry', () => {
  expect(readFileSync(join(ROOT, 'package-lock.json'), 'utf8')).not.toMatch(/"resolved": "http/);
});
