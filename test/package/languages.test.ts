/** The helpers for test suites in other languages, by their own tests; where the language cannot be had, a line says so. */
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { CLI, findProgram, runProgram } from '../etcd-clients/program.ts';

const PACKAGES = join(import.meta.dirname, '../../packages');
/** The first build of Go's own library takes its time on a small machine. */
const SECONDS = 400;
const env = { DIORAMA_COMMAND: `${process.execPath} ${CLI}`, DIORAMA_SERVER: '' };

const PYTEST = findProgram('pytest', 'pytest-3');
const GO = findProgram('go');
for (const [name, path] of Object.entries({ pytest: PYTEST, go: GO }))
  if (!path) console.log(`The helper for ${name} is not tested: there is no ${name} here.`);

it.skipIf(!PYTEST)('pytest has a fixture', { timeout: SECONDS * 1000 }, async () => {
  const cwd = join(PACKAGES, 'pytest-diorama');
  const args = ['-p', 'pytest_diorama', '-p', 'no:cacheprovider', '--strict-markers', '--color=no', 'tests'];
  const settings = { ...env, PYTHONPATH: cwd, PYTHONDONTWRITEBYTECODE: '1' };
  const { code, stdout, stderr } = await runProgram(PYTEST!, args, { cwd, env: settings, seconds: SECONDS });
  expect([code, stdout + stderr]).toEqual([0, expect.stringMatching(/\b108 passed in /)]);
  console.log(`pytest: ${/\d+ passed in .*?s\b/.exec(stdout)![0]}`);
});

it.skipIf(!GO)('Go has a helper', { timeout: SECONDS * 1000 }, async () => {
  const cwd = join(PACKAGES, 'go-diorama');
  const args = ['test', '-count=1', '-vet=all', './...'];
  const settings = { ...env, GOFLAGS: '-mod=mod', GOPROXY: 'off', GOTOOLCHAIN: 'local' };
  const { code, stdout, stderr } = await runProgram(GO!, args, { cwd, env: settings, seconds: SECONDS });
  expect([code, stdout + stderr]).toEqual([0, expect.stringMatching(/^ok /)]);
  console.log(`go test: ${stdout.trim()}`);
});
