/** On what machines the local server says that it does not run. */
import { expect, it } from 'vitest';
import { unsupported, workerdBinary } from '../../scripts/local/platform.ts';

it('names the machine for which there is no workerd, and those for which there is', () => {
  const has = () => true;
  for (const [platform, arch] of [
    ['linux', 'x64'],
    ['linux', 'arm64'],
    ['darwin', 'arm64'],
    ['darwin', 'x64'],
    ['win32', 'x64'],
  ] as const)
    expect(unsupported({ platform, arch, has })).toBeUndefined();
  expect(unsupported({ platform: 'freebsd', arch: 'x64', has })).toMatch(/does not run on freebsd-x64: .*linux-arm64/);
  expect(unsupported({ platform: 'linux', arch: 'riscv64', has })).toContain('does not run on linux-riscv64');
});

it('says what a Linux with another C library lacks', () => {
  expect(unsupported({ platform: 'linux', arch: 'x64', has: () => false })).toContain('GNU C library');
  expect(unsupported({ platform: 'darwin', arch: 'arm64', has: () => false })).toBeUndefined();
});

it('finds workerd on this machine', () => {
  expect(workerdBinary()).toMatch(/workerd(\.exe)?$/);
});
